import CAvahi
import CLinux
import EarshotModel
import Glibc
import Synchronization

/// Looks who announces themselves in a domain of the DNS: at the start, when the network changes, and every five
/// minutes. On a thread of its own, which sleeps in between.
final class DomainBrowser: Sendable {
    /// Ms until the next look, and in which one has to be done.
    private static let pause: Int32 = 300_000
    private static let patience: UInt64 = 60_000
    /// Bytes of an answer.
    private static let longestAnswer = 65_535

    private let domain: DNSName
    private let tell: @Sendable (DiscoveryEvent) -> Void
    private let bell: Int32
    private let isStopped = Mutex(false)

    /// `nil` for what is no domain.
    init?(_ domain: String, tell: @escaping @Sendable (DiscoveryEvent) -> Void) {
        guard let name = DNSName(domain) else { return nil }
        self.bell = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))  // lint: constants
        guard self.bell >= 0 else { return nil }
        self.domain = name
        self.tell = tell
    }

    deinit { close(self.bell) }

    func start() {
        Worker.start {
            var before: Set<AdvertName> = []
            while !self.isStopped.withLock({ $0 }) {
                before = self.look(before)
                var polls = [pollfd(fd: self.bell, events: Int16(POLLIN), revents: 0)]
                poll(&polls, 1, Self.pause)
                var rings: UInt64 = 0
                read(self.bell, &rings, MemoryLayout<UInt64>.size)
            }
        }
    }

    /// The network changed: perhaps another server answers now.
    func again() {
        var one: UInt64 = 1
        write(self.bell, &one, MemoryLayout<UInt64>.size)
    }

    func stop() {
        self.isStopped.withLock { $0 = true }
        self.again()
    }

    /// - Returns: who is announced now.
    private func look(_ before: Set<AdvertName>) -> Set<AdvertName> {
        let end = uptime() + Self.patience
        var look = DomainLook { name, kind in
            guard uptime() < end, !self.isStopped.withLock({ $0 }) else { return nil }
            return Self.ask(name, kind)
        }
        guard let found = look.look(self.domain) else {
            self.tell(.domain(.failure(.noAnswer)))
            return before
        }
        let names = Set(found.map(\.name))
        for one in found { self.tell(.found(one.name, one.endpoint, interface: 0)) }
        for gone in before.subtracting(names) { self.tell(.lost(shortID: gone.text)) }
        self.tell(.domain(.success(names.count)))
        return names
    }

    /// Asks the server that the system names; seconds where none answers.
    private static func ask(_ name: DNSName, _ kind: DNSAnswer.Kind) -> DNSAnswer? {
        var bytes = [UInt8](repeating: 0, count: Self.longestAnswer)
        let count = linux_dns_query(name.description, Int32(kind.rawValue), &bytes, Int32(bytes.count))
        guard count >= 0 else { return nil }
        // That there is no such name is an answer, too.
        return DNSAnswer(count == 0 ? Self.nothing : Array(bytes.prefix(Int(count))))
    }

    /// An answer without records.
    private static let nothing: [UInt8] = [0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0]
}

/// Why a domain says nothing.
package enum DomainTrouble: Error, Sendable, Hashable {
    case noAnswer
}
