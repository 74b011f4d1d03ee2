/// Where a node can be reached: an address, its scope, and a port that serves TCP and UDP alike. With a door, the
/// address is that of a relay, which knows by the door whom to fetch (Protocol.md 20).
package struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// 4 or 16 bytes, network order.
    package let address: [UInt8]
    /// The interface index of a link-local IPv6 address, else 0.
    package let scope: UInt32
    package let port: UInt16
    /// What a relay has to be told there; `nil` where the node itself answers.
    package let door: Hash16?

    /// Fails unless the address has 4 or 16 bytes.
    package init?(address: [UInt8], scope: UInt32 = 0, port: UInt16, door: Hash16? = nil) {
        guard address.count == 4 || address.count == 16 else { return nil }
        self.address = address
        self.scope = scope
        self.port = port
        self.door = door
    }

    package var isRelayed: Bool { self.door != nil }

    /// The same place, where a relay is told this.
    package func through(_ door: Hash16?, port: UInt16? = nil) -> Endpoint {
        Endpoint(copy: self, port: port ?? self.port, door: door)
    }

    private init(copy: Endpoint, port: UInt16, door: Hash16?) {
        self.address = copy.address
        self.scope = copy.scope
        self.port = port
        self.door = door
    }

    /// `10.0.0.7:47447` or `[fe80::1%2]:47447`, the long form of IPv6 without `::` for zeros in the middle left as it
    /// is.
    package var description: String {
        guard self.address.count == 16 else {
            return self.address.map { String($0) }.joined(separator: ".") + ":\(self.port)"
        }
        return "[\(Self.text(v6: self.address))\(self.scope == 0 ? "" : "%\(self.scope)")]:\(self.port)"
    }

    /// RFC 5952: the longest run of two or more zero groups becomes `::`.
    private static func text(v6 bytes: [UInt8]) -> String {
        let groups = stride(from: 0, to: 16, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        var best = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start > max(best.count, 1) { best = start..<end }
            start = max(end, start + 1)
        }
        func hex(_ part: ArraySlice<UInt16>) -> String { part.map { String($0, radix: 16) }.joined(separator: ":") }
        guard !best.isEmpty else { return hex(groups[...]) }
        return hex(groups[..<best.lowerBound]) + "::" + hex(groups[best.upperBound...])
    }
}

extension Endpoint {
    /// Of this network segment alone: an address that says nothing about where a machine is (RFC 3927, RFC 4291 2.5.6).
    package var isLinkLocal: Bool {
        AddressPolicy.isLinkLocal(self.address) || self.address.count == 4 && self.address.starts(with: [169, 254])
    }

    /// What a person would rather read first: IPv4, then IPv6, then what is link-local.
    package static func isShownBefore(_ one: Endpoint, _ other: Endpoint) -> Bool {
        func rank(_ endpoint: Endpoint) -> (Int, Int, String) {
            (endpoint.isLinkLocal ? 1 : 0, endpoint.address.count, endpoint.description)
        }
        return rank(one) < rank(other)
    }
}
