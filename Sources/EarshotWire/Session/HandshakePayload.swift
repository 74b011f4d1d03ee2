import EarshotModel

/// What each side says of itself inside the encrypted handshake: always 512 bytes (Protocol.md 3).
package struct HandshakePayload: Hashable, Sendable {
    package static let length = 512
    /// Feature bit 0: this machine has AES instructions.
    package static let aes: UInt64 = 1
    /// Feature bit 1, by who calls: this link carries the bytes of files and nothing else (Protocol.md 13).
    package static let bulk: UInt64 = 2

    package let certificate: DeviceCertificate
    package let manifestVersion: UInt32
    package let manifestHash: Hash32
    package let wireVersions: [UInt32]
    package let suites: [UInt32]
    package let datagramIndex: UInt64
    package let features: UInt64

    package init(
        certificate: DeviceCertificate, manifestVersion: UInt32, manifestHash: Hash32, wireVersions: [UInt32] = [1],
        suites: [UInt32] = [1], datagramIndex: UInt64, features: UInt64
    ) {
        self.certificate = certificate
        self.manifestVersion = manifestVersion
        self.manifestHash = manifestHash
        self.wireVersions = wireVersions
        self.suites = suites
        self.datagramIndex = datagramIndex
        self.features = features
    }

    package var encoded: [UInt8] {
        var out = ProtobufWriter()
        out.bytes(1, self.certificate.wire)
        out.integer(2, self.manifestVersion)
        out.bytes(3, self.manifestHash.bytes)
        out.bytes(4, Self.packed(self.wireVersions))
        out.bytes(5, Self.packed(self.suites))
        out.fixed64(6, self.datagramIndex)
        out.integer(7, self.features)
        let head = UInt16(truncatingIfNeeded: out.bytes.count).bigEndianBytes + out.bytes
        precondition(head.count <= Self.length)
        return head + [UInt8](repeating: 0, count: Self.length - head.count)
    }

    /// Reads the payload and checks the certificate's signature.
    package init(decoding bytes: [UInt8]) throws(ProtocolError) {
        guard bytes.count == Self.length else { throw .malformed("handshake payload length") }
        var outer = ByteReader(bytes)
        let length: UInt16 = try outer.integer(UInt16.self, "payload length")
        var reader = try ProtobufReader(outer.take(Int(length), "payload"))
        guard outer.rest().allSatisfy({ $0 == 0 }) else { throw .malformed("handshake payload padding") }
        var certificate: DeviceCertificate?
        var version: UInt32 = 0
        var hash: Hash32?
        var versions: [UInt32] = []
        var suites: [UInt32] = []
        var index: UInt64 = 0
        var features: UInt64 = 0
        while let (field, value) = try reader.next() {
            if [1, 2, 3, 6, 7].contains(field) { try reader.once(field) }
            switch field {
            case 1: certificate = try DeviceCertificate(decoding: ProtobufReader.bytes(value))
            case 2: version = try ProtobufReader.integer32(value)
            case 3: hash = Hash32(try ProtobufReader.bytes(value))
            case 4: try Self.add(value, to: &versions)
            case 5: try Self.add(value, to: &suites)
            case 6:
                guard case .fixed64(let number) = value else { throw .malformed("datagram index") }
                index = number
            case 7: features = try ProtobufReader.integer(value)
            default: continue
            }
        }
        guard let certificate, let hash, index != 0 else { throw .malformed("handshake payload without its parts") }
        self.init(
            certificate: certificate, manifestVersion: version, manifestHash: hash, wireVersions: versions,
            suites: suites,
            datagramIndex: index, features: features)
    }

    private static func packed(_ numbers: [UInt32]) -> [UInt8] {
        numbers.flatMap { number in
            var one = ProtobufWriter()
            one.integer(1, max(number, 1))
            return one.bytes.dropFirst()
        }
    }

    /// Repeated integers come packed or one by one.
    private static func add(_ value: ProtobufReader.Value, to list: inout [UInt32]) throws(ProtocolError) {
        switch value {
        case .varint:
            guard list.count < 64 else { throw .tooMuch("versions") }
            list.append(try ProtobufReader.integer32(value))
        case .bytes(let bytes):
            var rest = bytes
            while !rest.isEmpty {
                guard list.count < 64 else { throw .tooMuch("versions") }
                let end = rest.firstIndex { $0 < 0x80 }
                guard let end, end - rest.startIndex < 5 else { throw .malformed("packed integers") }
                var number: UInt64 = 0
                for byte in rest[...end].reversed() { number = number << 7 | UInt64(byte & 0x7F) }
                guard let fit = UInt32(exactly: number) else { throw .malformed("packed integers") }
                list.append(fit)
                rest = rest[(end + 1)...]
            }
        case .fixed64, .fixed32: throw .malformed("packed integers")
        }
    }
}
