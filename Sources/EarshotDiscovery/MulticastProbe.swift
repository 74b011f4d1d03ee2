import CAvahi
import CLinux
import Glibc

/// Whether what this machine sends by multicast comes back to it: a firewall that drops it does so for what others
/// send, too. It asks who is there, once, as any browser does.
package enum MulticastProbe {
    package enum Outcome: Sendable, Hashable {
        case heard
        case silent
        /// Nothing could be sent; no address of IPv4, for example.
        case untried
    }

    private static let group: [UInt8] = [224, 0, 0, 251]
    private static let port: UInt16 = 5_353

    /// Blocks for up to `patience` ms.
    package static func run(on interface: Interface, patience: Int32 = 400) -> Outcome {
        guard interface.addresses.contains(where: { $0.count == 4 }) else { return .untried }
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return .untried }
        defer { close(descriptor) }
        var on: Int32 = 1
        for option in [SO_REUSEADDR, SO_REUSEPORT] {
            setsockopt(descriptor, SOL_SOCKET, option, &on, socklen_t(MemoryLayout<Int32>.size))
        }
        var here = self.address([0, 0, 0, 0])
        var membership = ip_mreqn()
        membership.imr_multiaddr = self.address(self.group).sin_addr
        membership.imr_ifindex = Int32(bitPattern: interface.index)
        let size = socklen_t(MemoryLayout<ip_mreqn>.size)
        guard self.with(&here, { bind(descriptor, $0, $1) }) == 0,
            setsockopt(descriptor, Int32(IPPROTO_IP), IP_ADD_MEMBERSHIP, &membership, size) == 0,
            setsockopt(descriptor, Int32(IPPROTO_IP), IP_MULTICAST_IF, &membership, size) == 0
        else { return .untried }
        let question = self.question(UInt16.random(in: 1 ... .max))
        var there = self.address(self.group)
        guard self.with(&there, { sendto(descriptor, question, question.count, 0, $0, $1) }) == question.count else {
            return .untried
        }
        return self.hears(question, descriptor, until: uptime() + UInt64(max(0, patience))) ? .heard : .silent
    }

    private static func hears(_ question: [UInt8], _ descriptor: Int32, until end: UInt64) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 9_000)
        while true {
            let now = uptime()
            guard now < end else { return false }
            var polls = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
            guard poll(&polls, 1, Int32(clamping: end - now)) > 0 else { continue }
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))  // lint: a constant
            if count == question.count, buffer.prefix(count).elementsEqual(question) { return true }
        }
    }

    /// Who offers our service? Its number is ours alone.
    private static func question(_ number: UInt16) -> [UInt8] {
        let labels = ServiceRecord.type.split(separator: ".").map(String.init) + ["local"]
        // One question, and nothing else.
        var bytes: [UInt8] = [UInt8(number >> 8), UInt8(number & 0xFF), 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
        for label in labels { bytes += [UInt8(clamping: label.utf8.count)] + Array(label.utf8) }
        // The root, a pointer, the Internet.
        bytes += [0, 0, 12, 0, 1]
        return bytes
    }

    private static func address(_ bytes: [UInt8]) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = self.port.bigEndian
        withUnsafeMutableBytes(of: &address.sin_addr) { $0.copyBytes(from: bytes) }
        return address
    }

    private static func with<Answer>(
        _ address: inout sockaddr_in, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Answer
    ) -> Answer {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
