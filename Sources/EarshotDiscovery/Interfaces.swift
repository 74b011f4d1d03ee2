import CLinux
import Glibc

/// A network interface of this machine, as it is now.
package struct Interface: Sendable, Hashable {
    package let name: String
    package let index: UInt32
    package let isUp: Bool
    package let isRunning: Bool
    package let isMulticast: Bool
    package let isLoopback: Bool
    /// 4 or 16 bytes each.
    package var addresses: [[UInt8]]

    package static func all() -> [Interface] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return [] }
        defer { freeifaddrs(first) }
        var found: [String: Interface] = [:]
        var next = first
        while let entry = next {
            next = entry.pointee.ifa_next
            let name = String(cString: entry.pointee.ifa_name)
            let flags = Int32(truncatingIfNeeded: entry.pointee.ifa_flags)
            func has(_ flag: Int) -> Bool { flags & Int32(flag) != 0 }
            var interface =
                found[name]
                ?? Interface(
                    name: name, index: if_nametoindex(name), isUp: has(0x1), isRunning: has(0x40),
                    isMulticast: has(0x1000),
                    isLoopback: has(0x8), addresses: [])
            if let address = entry.pointee.ifa_addr {
                let raw = UnsafeRawPointer(address)
                switch Int32(address.pointee.sa_family) {
                case AF_INET: interface.addresses.append(Array(UnsafeRawBufferPointer(start: raw + 4, count: 4)))
                case AF_INET6: interface.addresses.append(Array(UnsafeRawBufferPointer(start: raw + 8, count: 16)))
                default: break
                }
            }
            found[name] = interface
        }
        return found.values.sorted { $0.index < $1.index }
    }

    /// Whether a name is that of the machine's way to itself.
    package static func isLoopback(_ name: String) -> Bool { self.all().contains { $0.name == name && $0.isLoopback } }

    /// Whether this machine can reach nothing but itself: every cable is out.
    package static var isCutOff: Bool {
        !self.all().contains { $0.isUp && $0.isRunning && !$0.isLoopback && !$0.addresses.isEmpty }
    }

    /// Those to be found on: the named ones; else all that carry multicast; else, on a machine with no network, `lo`.
    package static func usable(_ names: [String]) -> [Interface] {
        let up = self.all().filter { $0.isUp && !$0.addresses.isEmpty }
        guard names.isEmpty else { return up.filter { names.contains($0.name) } }
        let real = up.filter { $0.isMulticast && !$0.isLoopback }
        return real.isEmpty ? up.filter(\.isLoopback) : real
    }
}

extension Interface {
    /// Why there is nowhere to be found.
    static func none(_ names: [String]) -> String {
        let all = self.all().map(\.name).joined(separator: ", ")
        return names.isEmpty
            ? "no interface is up with an address; there are: \(all)"
            : "none of \(names.joined(separator: ", ")) is up with an address; there are: \(all)"
    }
}
