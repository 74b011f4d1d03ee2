import EarshotControl
import EarshotModel

/// Something that is done when something happens.
package struct Hook: Hashable, Sendable {
    /// What it does.
    package enum Deed: Hashable, Sendable {
        case run(Command)
        case post(WebTarget)
    }

    /// A program and its words; through a shell only where that was asked for.
    package struct Command: Hashable, Sendable {
        package let words: [String]
        package let isShell: Bool

        package init(_ words: [String], isShell: Bool = false) {
            self.words = words
            self.isShell = isShell
        }

        /// What is started.
        package var arguments: [String] {
            self.isShell ? ["/bin/sh", "-c"] + self.words : self.words
        }
    }

    /// Ms, and what may be set.
    package static let usualTimeout: UInt64 = 10_000
    package static let timeouts: ClosedRange<UInt64> = 100...3_600_000
    /// Runs at a time.
    package static let parallels: ClosedRange<Int64> = 1...16

    package let name: String
    package let filter: EventFilter
    package let deed: Deed
    /// Ms.
    package let timeout: UInt64
    /// Runs of it at a time.
    package let parallel: Int

    package init(
        _ name: String, _ filter: EventFilter, _ deed: Deed, timeout: UInt64 = Hook.usualTimeout, parallel: Int = 1
    ) {
        self.name = name
        self.filter = filter
        self.deed = deed
        self.timeout = timeout
        self.parallel = parallel
    }

    /// The same under another name.
    func called(_ name: String) -> Hook {
        name == self.name
            ? self : Hook(name, self.filter, self.deed, timeout: self.timeout, parallel: self.parallel)
    }

    /// For a person: what it does, without secrets.
    package var does: String {
        switch self.deed {
        case .run(let command): command.words.joined(separator: " ")
        case .post(let target): "POST \(target.text)"
        }
    }
}

/// Where a hook posts to: `http` alone, as a proxy on this machine speaks `https` to others.
package struct WebTarget: Hashable, Sendable {
    package let host: String
    package let port: UInt16
    /// The path with its query; it begins with `/`.
    package let path: String
    /// What requests are signed with; empty where they are not.
    package let secret: Secret

    /// A text that is never printed.
    package struct Secret: Hashable, Sendable, CustomStringConvertible {
        package let bytes: [UInt8]
        package init(_ text: String) { self.bytes = Array(text.utf8) }
        package var description: String { "(secret)" }
    }

    package var text: String { "http://\(self.authority)\(self.path)" }

    /// What stands in the header `Host`.
    package var authority: String {
        let host = self.host.contains(":") ? "[\(self.host)]" : self.host
        return self.port == 80 ? host : "\(host):\(self.port)"
    }

    /// - Returns: `nil` unless it is `http://HOST[:PORT][/PATH]`, without spaces, a name or a password.
    package init?(_ text: String, secret: Secret) {
        let scheme = "http://"
        guard text.lowercased().hasPrefix(scheme), text.utf8.count <= 2_048,
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") })
        else { return nil }
        let rest = text.dropFirst(scheme.count)
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let path = String(rest[end...])
        var (host, digits) = (rest[..<end], Substring("80"))
        if let colon = host.lastIndex(of: ":"), !host.hasSuffix("]") {
            digits = host[host.index(after: colon)...]
            host = host[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard let port = UInt16(digits), port != 0, !host.isEmpty, !host.contains(where: { "@[]/".contains($0) })
        else { return nil }
        self.host = String(host)
        self.port = port
        self.path = path.hasPrefix("/") ? path : "/" + path
        self.secret = secret
    }
}
