import EarshotModel
import Noise

extension Manifest {
    private static let prefix = Array("earshot/1 manifest\0".utf8)

    /// Reads and checks a manifest: form, limits, the person's signature, and that every certificate is theirs
    /// (Protocol.md 2).
    package init(decoding bytes: some Collection<UInt8>) throws(ProtocolError) {
        let wire = Array(bytes)
        guard wire.count <= Limits.manifestBytes else { throw .tooMuch("manifest") }
        var outer = ByteReader(wire)
        let length: UInt32 = try outer.integer(UInt32.self, "manifest length")
        guard let count = Int(exactly: length) else { throw .tooMuch("manifest") }
        let protobuf = Array(try outer.take(count, "manifest"))
        let signature = Array(try outer.take(64, "manifest signature"))
        guard outer.isAtEnd else { throw .malformed("bytes after a manifest") }

        var reader = try ProtobufReader(protobuf)
        var person: PersonID?
        var version: UInt32 = 0
        var prev: Hash32?
        var issued: UInt64 = 0
        var active: [DeviceCertificate] = []
        var revoked: [Revocation] = []
        var name = ""
        while let (field, value) = try reader.next() {
            if [1, 2, 3, 4, 7].contains(field) { try reader.once(field) }
            switch field {
            case 1: person = try ProtobufReader.id(value)
            case 2: version = try ProtobufReader.integer32(value)
            case 3:
                guard let hash = Hash32(try ProtobufReader.bytes(value)) else { throw .malformed("manifest prev") }
                prev = hash
            case 4: issued = try ProtobufReader.integer(value)
            case 5:
                guard active.count < Limits.activeDevices else { throw .tooMuch("devices") }
                active.append(try DeviceCertificate(decoding: ProtobufReader.bytes(value)))
            case 6:
                guard revoked.count < Limits.revokedDevices else { throw .tooMuch("revoked devices") }
                revoked.append(try Revocation(decoding: reader.nested(value)))
            case 7: name = try ProtobufReader.string(value, most: Limits.nameBytes)
            default: continue
            }
        }
        guard let person, version >= 1, (version == 1) == (prev == nil) else { throw .malformed("manifest version") }
        guard active.allSatisfy({ $0.person == person }) else {
            throw .identity("a manifest lists someone else's device")
        }
        let hash = Derive.manifest(protobuf)
        guard Ed25519.verify(signature, of: Self.prefix + hash.bytes, key: person.bytes) else {
            throw .badSignature("manifest")
        }
        self.init(
            person: person, version: version, prev: prev, issued: issued, active: active, revoked: revoked, name: name,
            hash: hash, wire: wire)
    }

    /// Signs a device list. `issued` in unix seconds; `prev` is the hash of the version before.
    package static func sign(
        version: UInt32, prev: Hash32?, issued: UInt64, active: [DeviceCertificate], revoked: [Revocation] = [],
        name: String, by key: SigningKeyPair
    ) -> Manifest {
        guard let person = PersonID(key.publicKey) else { preconditionFailure("an Ed25519 key has 32 bytes") }
        var out = ProtobufWriter()
        out.bytes(1, person.bytes)
        out.integer(2, version)
        if let prev { out.bytes(3, prev.bytes) }
        out.integer(4, issued)
        for certificate in active { out.element(5, certificate.wire) }
        for revocation in revoked { out.element(6, revocation.encoded) }
        out.string(7, name)
        let hash = Derive.manifest(out.bytes)
        let wire = UInt32(out.bytes.count).bigEndianBytes + out.bytes + key.sign(Self.prefix + hash.bytes)
        return Manifest(
            person: person, version: version, prev: prev, issued: issued, active: active, revoked: revoked, name: name,
            hash: hash, wire: wire)
    }
}

extension Revocation {
    fileprivate var encoded: [UInt8] {
        var out = ProtobufWriter()
        out.bytes(1, self.device.bytes)
        out.integer(2, self.reason)
        for (log, seq) in self.cut.sorted(by: { $0.key < $1.key }) {
            var inner = ProtobufWriter()
            inner.bytes(1, log.bytes)
            inner.integer(2, seq)
            out.element(3, inner.bytes)
        }
        return out.bytes
    }

    fileprivate init(decoding nested: ProtobufReader) throws(ProtocolError) {
        var reader = nested
        var device: DeviceID?
        var reason: UInt32 = 0
        var cut: [LogID: UInt64] = [:]
        while let (field, value) = try reader.next() {
            switch field {
            case 1:
                try reader.once(1)
                device = try ProtobufReader.id(value)
            case 2:
                try reader.once(2)
                reason = try ProtobufReader.integer32(value)
            case 3:
                guard cut.count < Limits.protobufRepeated else { throw .tooMuch("cuts") }
                let (log, seq) = try Self.cut(reader.nested(value))
                cut[log] = seq
            default: continue
            }
        }
        guard let device else { throw .malformed("revocation without device") }
        self.init(device: device, reason: reason, cut: cut)
    }

    private static func cut(_ nested: ProtobufReader) throws(ProtocolError) -> (LogID, UInt64) {
        var reader = nested
        var log: LogID?
        var seq: UInt64 = 0
        while let (field, value) = try reader.next() {
            if (1...2).contains(field) { try reader.once(field) }
            switch field {
            case 1: log = try ProtobufReader.log(value)
            case 2: seq = try ProtobufReader.integer(value)
            default: continue
            }
        }
        guard let log else { throw .malformed("cut without log") }
        return (log, seq)
    }
}
