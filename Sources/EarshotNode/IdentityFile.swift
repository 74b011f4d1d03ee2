import EarshotModel
import EarshotVault
import EarshotWire
import Noise

/// The key file: seeds, certificate and manifest, and a hash over them that tells damage from a bad key.
enum IdentityFile {
    private static let magic = Array("ESK1".utf8)

    static func encode(_ identity: Identity, personSeed: [UInt8]) -> [UInt8] {
        let manifest = identity.manifest.wire
        let body =
            Self.magic + personSeed + identity.signing.seed + identity.agreement.seed + identity.certificate.wire
            + UInt32(manifest.count).bigEndianBytes + manifest
        return body + blake2b(person: "earshot.keyfile", body)
    }

    static func decode(_ bytes: [UInt8], path: String) throws -> Identity {
        let body = Array(bytes.dropLast(32))
        guard bytes.count > 32, blake2b(person: "earshot.keyfile", body) == Array(bytes.suffix(32)) else {
            throw VaultError.damaged(path: path)
        }
        do {
            var reader = ByteReader(body)
            guard try reader.take(4, "magic").elementsEqual(Self.magic) else { throw VaultError.damaged(path: path) }
            _ = try reader.take(32, "person")
            let signing = try SigningKeyPair(seed: Array(reader.take(32, "signing")))
            let agreement = try StaticKeyPair(seed: Array(reader.take(32, "agreement")))
            let certificate = try DeviceCertificate(decoding: reader.take(DeviceCertificate.length, "certificate"))
            let length: UInt32 = try reader.integer(UInt32.self, "manifest")
            let manifest = try Manifest(decoding: reader.take(Int(length), "manifest"))
            guard certificate.signingKey == signing.publicKey, certificate.staticKey == agreement.publicKey else {
                throw VaultError.damaged(path: path)
            }
            return Identity(certificate: certificate, manifest: manifest, signing: signing, agreement: agreement)
        } catch {
            throw VaultError.damaged(path: path)
        }
    }

    /// Reads who we are. Only where there is neither key nor database is somebody new made.
    static func open(_ directory: StateDirectory, name: String, unixSeconds: UInt64) throws -> Identity {
        let file = KeyFile(path: directory.identity)
        do {
            return try Self.decode(try file.read(), path: file.path)
        } catch VaultError.missing {
            guard KeyFile.isAbsent(directory.database) else { throw VaultError.missing(path: file.path) }
            let seed = randomBytes(32)
            let identity = try Identity.create(
                personSeed: seed, signingSeed: randomBytes(32), agreementSeed: randomBytes(32), name: name,
                issued: unixSeconds)
            try file.create(Self.encode(identity, personSeed: seed))
            return identity
        }
    }
}
