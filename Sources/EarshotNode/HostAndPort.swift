import EarshotModel
import EarshotWire
import Glibc

/// What a person typed as an address: `host`, `host:port`, `[v6]:port`, with `%interface` where it is link-local.
package struct HostAndPort: Sendable, Hashable {
    package static let defaultPort = Limits.ownPort
    package let host: String
    package let port: UInt16

    package init?(_ text: String) {
        var host = Substring(text)
        var port = Substring("\(Self.defaultPort)")
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            if rest.hasPrefix(":") { port = rest.dropFirst() } else if !rest.isEmpty { return nil }
        } else if let colon = text.lastIndex(of: ":"), text.firstIndex(of: ":") == colon {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        guard Self.isHost(host), port.allSatisfy(\.isWholeNumber), let number = UInt16(port), number > 0 else {
            return nil
        }
        self.host = String(host)
        self.port = number
    }

    /// A name of the DNS, as people write it, or an address.
    private static func isHost(_ host: Substring) -> Bool {
        guard let first = host.first, first != "-", first != ".", host.utf8.count <= 255 else { return false }
        return host.allSatisfy { $0.isLetter || $0.isNumber || "-._:%".contains($0) } && !host.contains("..")
    }

    /// Asks the system; may take seconds.
    func lookUp() -> [Endpoint] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(self.host, nil, &hints, &first) == 0 else { return [] }
        defer { freeaddrinfo(first) }
        var found: [Endpoint] = []
        var next = first
        while let entry = next, found.count < 8 {
            next = entry.pointee.ai_next
            guard let address = entry.pointee.ai_addr else { continue }
            let raw = UnsafeRawPointer(address)
            switch entry.pointee.ai_family {
            case AF_INET:
                if let endpoint = Endpoint(
                    address: Array(UnsafeRawBufferPointer(start: raw + 4, count: 4)), port: self.port)
                {
                    found.append(endpoint)
                }
            case AF_INET6:
                let scope = raw.loadUnaligned(fromByteOffset: 24, as: UInt32.self)
                let bytes = Array(UnsafeRawBufferPointer(start: raw + 8, count: 16))
                if let endpoint = Endpoint(address: bytes, scope: scope, port: self.port) { found.append(endpoint) }
            default: continue
            }
        }
        return found
    }
}
