/// Every number that Protocol.md names, with its section.
package enum Limits {
    /// 0: bodies called protobuf.
    package static let protobufBytes = 61_440
    package static let protobufDepth = 8
    package static let protobufRepeated = 1_024
    /// 2.
    package static let manifestBytes = 32_768
    package static let activeDevices = 16
    package static let revokedDevices = 64
    package static let nameBytes = 256
    /// 4.
    package static let framePlaintext = 65_519
    package static let requestBytes = 1_024
    /// 6.
    package static let envelopeBody = 61_440
    package static let envelopePayload = 49_152
    package static let parents = 16
    package static let parkedEnvelopes = 256
    package static let parkedBytes = 4 << 20
    /// 7.
    package static let textPart = 40_000
    package static let textParts = 1_024
    package static let emojiBytes = 64
    /// 9.
    package static let wantSpan: UInt64 = 512
    package static let openWants = 8
    package static let waitingWants = 64
    package static let pushed: UInt64 = 32
    package static let envelopesFrame = 60 << 10
    /// 13.
    package static let offerName = 255
    package static let offerType = 100
    package static let offerPicture = 16_384
    package static let openOffers = 100
    package static let bulkBody = 262_144
    package static let bulkLinesPerDevice = 16
    package static let bulkLines = 64
    package static let waitingPulls = 64
    package static let stopText = 256
    package static let avoidedHolders = 16
    /// Shares of others that are passed on: those of the last.
    package static let passed = 16
    package static let listedEntries = 1_000_000
    package static let listedDepth = 64
    package static let listedPath = 4_096
    package static let listingBytes = 256 << 20
    /// 8.
    package static let knownNodes = 512
    package static let addressesPerNode = 8
    package static let parallelDials = 4
    /// 10.
    package static let sessions = 512
    package static let strangerSessions = 32
    package static let requestsKept = 64
}
