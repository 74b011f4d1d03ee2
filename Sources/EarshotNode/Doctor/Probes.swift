import CLinux
import EarshotDiscovery
import Glibc

/// What is looked at beside the loop, since it takes its time: multicast, firewalls, limits of the system.
struct Probes: Sendable {
    /// By the name of the interface.
    let multicast: [String: MulticastProbe.Outcome]
    let firewalls: [Seen]
    /// Descriptors that are open, and that may be.
    let descriptors: (open: Int, most: Int)?
    /// Why no more files can be watched; `nil` where they can.
    let watching: String?

    struct Seen: Sendable {
        let name: String
        let isOn: Bool?
        let command: String
    }

    /// Blocks for up to half a second for each interface.
    /// - Parameter multicast: whether it is of any use to us.
    static func run(_ interfaces: [Interface], multicast: Bool, port: UInt16) -> Probes {
        let heard = interfaces.filter { multicast && $0.isMulticast && !$0.isLoopback }.prefix(8).map {
            ($0.name, MulticastProbe.run(on: $0))
        }
        let exists = { (path: String) in access(path, F_OK) == 0 }
        let firewalls = Firewall.found(exists: exists) { Self.text($0) }
        return Probes(
            multicast: Dictionary(heard, uniquingKeysWith: { $1 }),
            firewalls: firewalls.map { one, isOn in
                let hasProfile = exists(one.profile)
                return Seen(name: one.rawValue, isOn: isOn, command: one.command(port: port, hasProfile: hasProfile))
            }, descriptors: Self.descriptors(), watching: Self.watching())
    }

    /// What is installed and not known to be off.
    var wayThrough: String {
        let commands = self.firewalls.filter { $0.isOn ?? true }.map { "`\($0.command)` (\($0.name))" }
        return commands.joined(separator: ", or ")
    }

    private static func text(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = read(descriptor, &bytes, bytes.count)
        return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    private static func descriptors() -> (open: Int, most: Int)? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, let folder = opendir("/proc/self/fd")
        else { return nil }
        defer { closedir(folder) }
        // Itself and the two names of folders do not count.
        var count = -3
        while readdir(folder) != nil { count += 1 }
        return (max(0, count), Int(clamping: limit.rlim_cur))
    }

    private static func watching() -> String? {
        let descriptor = inotify_init1(Int32(IN_CLOEXEC))  // lint: a constant
        guard descriptor >= 0 else { return String(cString: strerror(errno)) }
        close(descriptor)
        return nil
    }
}
