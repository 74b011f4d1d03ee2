import EarshotModel
import Noise

/// Who we are: the keys of this device, and the person's word for them. Made once, then read from the key file.
package struct Identity: Sendable {
    package let certificate: DeviceCertificate
    package let manifest: Manifest
    package let signing: SigningKeyPair
    package let agreement: StaticKeyPair

    package init(certificate: DeviceCertificate, manifest: Manifest, signing: SigningKeyPair, agreement: StaticKeyPair)
    {
        self.certificate = certificate
        self.manifest = manifest
        self.signing = signing
        self.agreement = agreement
    }

    package var person: PersonID { self.certificate.person }
    package var device: DeviceID { self.certificate.device }

    /// A new person with one device. Each seed is 32 random bytes; `issued` in unix seconds.
    package static func create(
        personSeed: [UInt8], signingSeed: [UInt8], agreementSeed: [UInt8], name: String, issued: UInt64
    ) throws(NoiseError) -> Identity {
        let person = try SigningKeyPair(seed: personSeed)
        let signing = try SigningKeyPair(seed: signingSeed)
        let agreement = try StaticKeyPair(seed: agreementSeed)
        let certificate = DeviceCertificate.issue(
            signing: signing.publicKey, agreement: agreement.publicKey, manifestVersion: 1, notBefore: issued,
            notAfter: issued.addingReportingOverflow(Limits.certificateSeconds).partialValue, by: person)
        let manifest = Manifest.sign(
            version: 1, prev: nil, issued: issued, active: [certificate], name: name, by: person)
        return Identity(certificate: certificate, manifest: manifest, signing: signing, agreement: agreement)
    }
}
