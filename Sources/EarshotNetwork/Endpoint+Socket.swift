import EarshotModel
import NIOCore

extension Endpoint {
    private static let mapped = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]

    /// As the system's calls want it. Nothing only for what no `Endpoint` can be.
    var socketAddress: SocketAddress? {
        guard let plain = try? SocketAddress(packedIPAddress: ByteBuffer(bytes: self.address), port: Int(self.port))
        else { return nil }
        guard self.scope != 0, case .v6(let v6) = plain else { return plain }
        // sockaddr_in6: family, port, flow, 16 bytes of address, and the scope at 24.
        var raw = v6.address
        withUnsafeMutableBytes(of: &raw) { $0.storeBytes(of: self.scope, toByteOffset: 24, as: UInt32.self) }
        return SocketAddress(raw)
    }

    /// The same address for a socket of the IPv6 family that speaks IPv4 too.
    var mappedSocketAddress: SocketAddress? {
        guard self.address.count == 4 else { return self.socketAddress }
        return Endpoint(address: Self.mapped + self.address, port: self.port)?.socketAddress
    }

    /// What a socket tells; IPv4 in IPv6 clothes becomes IPv4.
    init?(_ address: SocketAddress?) {
        guard let port = address?.port.flatMap(UInt16.init(exactly:)) else { return nil }
        switch address {
        case .v4(let v4):
            let raw = v4.address
            self.init(address: withUnsafeBytes(of: raw) { Array($0[4..<8]) }, port: port)
        case .v6(let v6):
            let raw = v6.address
            let (bytes, scope) = withUnsafeBytes(of: raw) {
                (Array($0[8..<24]), $0.load(fromByteOffset: 24, as: UInt32.self))
            }
            if bytes.starts(with: Self.mapped) {
                self.init(address: Array(bytes.suffix(4)), port: port)
            } else {
                let isLinkLocal = bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80
                self.init(address: bytes, scope: isLinkLocal ? scope : 0, port: port)
            }
        case .unixDomainSocket, nil: return nil
        }
    }

    /// In the same /24 or /64: near enough for datagrams to come from (Protocol.md 5).
    func isNear(_ other: Endpoint) -> Bool {
        guard self.address.count == other.address.count else { return false }
        let count = self.address.count == 4 ? 3 : 8
        return self.address.prefix(count) == other.address.prefix(count)
    }
}
