import EarshotModel

extension Session {
    /// What a side brings to the handshake. The seeds are chance: fresh for every session.
    package struct Settings: Sendable {
        package let identity: Identity
        package let admission: Admission
        package let ephemeralSeed: [UInt8]
        package let datagramIndex: UInt64
        package let hasAES: Bool
        /// Unix seconds, for the gate and, where the clock is trusted, for certificates.
        package let unixSeconds: UInt64
        /// We call for the bytes of files.
        package let isBulk: Bool
        /// Whether 16 bytes that passed a closed gate do so for the first time.
        let isFirst: @Sendable ([UInt8]) -> Bool

        package init(
            identity: Identity, admission: Admission, ephemeralSeed: [UInt8], datagramIndex: UInt64, hasAES: Bool,
            unixSeconds: UInt64, isBulk: Bool = false, isFirst: @escaping @Sendable ([UInt8]) -> Bool = { _ in true }
        ) {
            self.identity = identity
            self.admission = admission
            self.ephemeralSeed = ephemeralSeed
            self.datagramIndex = max(1, datagramIndex)
            self.hasAES = hasAES
            self.unixSeconds = unixSeconds
            self.isBulk = isBulk
            self.isFirst = isFirst
        }

        var payload: [UInt8] {
            HandshakePayload(
                certificate: self.identity.certificate, manifestVersion: self.identity.manifest.version,
                manifestHash: self.identity.manifest.hash, datagramIndex: self.datagramIndex,
                features: (self.hasAES ? HandshakePayload.aes : 0) | (self.isBulk ? HandshakePayload.bulk : 0)
            ).encoded
        }
    }
}
