import EarshotModel
import Noise

extension DeviceCertificate {
    package static let length = 186
    private static let prefix = Array("earshot/1 device-cert\0".utf8)

    /// Reads and checks a certificate: form, and the person's signature (Protocol.md 2).
    package init(decoding bytes: some Collection<UInt8>) throws(ProtocolError) {
        let wire = Array(bytes)
        guard wire.count == Self.length else { throw .malformed("certificate length") }
        var reader = ByteReader(wire)
        guard try reader.take(4, "magic").elementsEqual("ESC1".utf8) else { throw .malformed("certificate magic") }
        guard try reader.integer(UInt16.self, "flags") == 0 else { throw .malformed("certificate flags") }
        guard let person = PersonID(try reader.take(32, "person")) else { throw .malformed("certificate person") }
        let signing = Array(try reader.take(32, "signing key"))
        let agreement = Array(try reader.take(32, "static key"))
        let version: UInt32 = try reader.integer(UInt32.self, "version")
        let notBefore: UInt64 = try reader.integer(UInt64.self, "not before")
        let notAfter: UInt64 = try reader.integer(UInt64.self, "not after")
        let signature = Array(try reader.take(64, "signature"))
        guard Ed25519.verify(signature, of: Self.prefix + wire.prefix(122), key: person.bytes) else {
            throw .badSignature("certificate")
        }
        self.init(
            person: person, signingKey: signing, staticKey: agreement,
            device: Derive.device(signing: signing, agreement: agreement), manifestVersion: version,
            notBefore: notBefore,
            notAfter: notAfter, wire: wire)
    }

    /// Issues a certificate for a device. Times are unix seconds.
    package static func issue(
        signing: [UInt8], agreement: [UInt8], manifestVersion: UInt32, notBefore: UInt64, notAfter: UInt64,
        by person: SigningKeyPair
    ) -> DeviceCertificate {
        var wire = Array("ESC1".utf8) + [0, 0] + person.publicKey + signing + agreement
        wire += manifestVersion.bigEndianBytes + notBefore.bigEndianBytes + notAfter.bigEndianBytes
        wire += person.sign(Self.prefix + wire)
        guard let id = PersonID(person.publicKey) else { preconditionFailure("an Ed25519 key has 32 bytes") }
        return DeviceCertificate(
            person: id, signingKey: signing, staticKey: agreement,
            device: Derive.device(signing: signing, agreement: agreement), manifestVersion: manifestVersion,
            notBefore: notBefore, notAfter: notAfter, wire: wire)
    }
}
