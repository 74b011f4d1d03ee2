import EarshotControl
import Glibc

/// Whoever started us and wants to know how we are: systemd, by the datagrams of sd_notify(3).
package struct Supervisor: Sendable {
    /// What is said of us.
    package enum Word: Hashable, Sendable {
        case ready
        case stopping
        case alive
        /// A line for people.
        case status(String)
    }

    /// Longer lines are cut: bytes.
    static let longestStatus = 300

    private let descriptor: Int32
    private let address: [UInt8]
    /// Ms between two signs of life; `nil` where nobody waits for them.
    package let beat: Int64?

    /// `nil` where nobody wants to know, or where it cannot be told.
    package init?(_ environment: [String: String]) {
        for name in ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"] { unsetenv(name) }
        guard let address = environment["NOTIFY_SOCKET"].flatMap(Self.address) else { return nil }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        self.descriptor = descriptor
        self.address = address
        self.beat = Self.beat(environment, process: getpid())
    }

    /// Tells it. Nobody waits for an answer, and there is none.
    package func tell(_ words: Word...) {
        let bytes = Array(Self.text(words).utf8)
        var place = sockaddr_un()
        place.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &place.sun_path) { $0.copyBytes(from: self.address) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + self.address.count)  // lint: at most 110
        withUnsafePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                _ = sendto(
                    self.descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT),
                    pointer, length)
            }
        }
    }

    /// The bytes of `sun_path`: a path with its end, or a name without a file behind a zero (written as `@`).
    static func address(_ name: String) -> [UInt8]? {
        let longest = MemoryLayout<sockaddr_un>.size - MemoryLayout<sa_family_t>.size  // lint: sizes of types
        let bytes = Array(name.utf8)
        guard bytes.count > 1, bytes.count < longest else { return nil }
        switch bytes.first {
        case UInt8(ascii: "/"): return bytes + [0]
        case UInt8(ascii: "@"): return [0] + bytes.dropFirst()
        default: return nil
        }
    }

    /// Ms: twice as often as it is asked for, so that one that comes late is no sign of death.
    static func beat(_ environment: [String: String], process: Int32) -> Int64? {
        if let whose = environment["WATCHDOG_PID"], Int32(whose) != process { return nil }
        guard let wanted = environment["WATCHDOG_USEC"].flatMap({ Int64($0) }), wanted > 0 else { return nil }
        return max(1, wanted / 2_000)
    }

    /// A line for each word.
    static func text(_ words: [Word]) -> String {
        words.map { word in
            switch word {
            case .ready: "READY=1"
            case .stopping: "STOPPING=1"
            case .alive: "WATCHDOG=1"
            case .status(let text): "STATUS=" + LogLine.visible(text, atMost: Self.longestStatus)
            }
        }.joined(separator: "\n")
    }
}
