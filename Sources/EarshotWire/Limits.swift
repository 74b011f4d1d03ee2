import EarshotModel

/// Every number that Protocol.md names, with its section; the table in section 16 has them all, and a test compares
/// the two. Times are ms and sizes bytes unless the name says otherwise.
package enum Limits {
    /// 0.
    package static let protobufBytes = 61_440
    package static let protobufDepth = 8
    package static let protobufRepeated = 1_024
    /// 2.
    package static let manifestBytes = 32_768
    package static let activeDevices = 16
    package static let revokedDevices = 64
    package static let nameBytes = 256
    package static let certificateSeconds: UInt64 = 400 * 86_400
    /// 3.
    package static let handshakeTime: Int64 = 5_000
    package static let halfOpen = 64
    package static let halfOpenPerSource = 4
    package static let handshakesPerSecond = 200
    package static let handshakesPerSecondPerSource = 20
    package static let crossing: UInt64 = 10_000
    package static let passedHellos = 4_096
    /// 4.
    package static let framePlaintext = 65_519
    package static let rekeyFrames: UInt64 = 16_384
    package static let sessionTime: UInt64 = 3_600_000
    package static let sessionBytes: UInt64 = 1 << 40
    package static let requestBytes = 1_024
    package static let unreadBytes = 8 << 20
    package static let typingPerSecond: UInt64 = 20
    package static let fetchesPerSecond: UInt64 = 10
    package static let fetchesAtOnce: UInt64 = 32
    package static let statusBytes = 256
    package static let presencesPerSecond: UInt64 = 4
    package static let presencesAtOnce: UInt64 = 16
    package static let draftBytes = 4_096
    package static let draftsPerSecond: UInt64 = 20
    /// 5.
    package static let datagramBytes = 1_200
    package static let datagramEpochTime: UInt64 = 900_000
    package static let datagramsPerEpoch: UInt64 = 1 << 32
    package static let datagramGrace: UInt64 = 30_000
    package static let datagramEpochsAhead: UInt16 = 4
    package static let datagramWindow: UInt64 = 2_048
    package static let presenceTime: UInt64 = 9_000
    package static let lateTime: UInt64 = 40
    package static let repeatedBytes = 1_000
    /// 6.
    package static let envelopeBody = 61_440
    package static let envelopePayload = 49_152
    package static let parents = 16
    package static let parkedEnvelopes = 256
    package static let parkedBytes = 4 << 20
    package static let parkedAhead: UInt64 = 2_048
    package static let logsPerDevice = 64
    package static let logsPerConversation = 512
    package static let stampAhead: UInt64 = 600_000
    /// 7.
    package static let textPart = 40_000
    package static let textParts = 1_024
    package static let emojiBytes = 64
    package static let offerName = 255
    package static let offerType = 100
    package static let offerPicture = 16_384
    /// 8.
    package static let knownNodes = 512
    package static let discoveryKeys = 1_024
    package static let unknownTags = 512
    package static let tagEpochTime: UInt64 = 900_000
    package static let tagDelay: UInt64 = 20_000
    package static let keysPerMinute: UInt64 = 20
    package static let addressesPerNode = 8
    package static let newNodesPerSecond: UInt64 = 20
    package static let waitingNodes = 256
    package static let parallelDials = 4
    package static let dialSpacing: UInt64 = 250
    package static let redialTime: UInt64 = 5_000
    package static let redialTimeMost: UInt64 = 30_000
    package static let lowestPort: UInt16 = 1_024
    package static let ownPort: UInt16 = 47_447
    package static let advertBytes = 512
    /// 9.
    package static let wantSpan: UInt64 = 512
    package static let openWants = 8
    package static let openWantsPerLog: UInt64 = 4
    package static let waitingWants = 64
    package static let wantTime: UInt64 = 5_000
    package static let pushed: UInt64 = 32
    package static let pushesPerSecond: UInt64 = 200
    package static let pushesAtOnce: UInt64 = 2_000
    package static let envelopesFrame = 60 << 10
    /// 10.
    package static let sessions = 512
    package static let strangerSessions = 256
    package static let requestsKept = 64
    package static let requestsPerMinute: UInt64 = 8
    package static let pictureBytes = Profile.pictureBytes
    package static let picturePart = 32_768
    package static let profilesPerSecond: UInt64 = 4
    package static let profilesAtOnce: UInt64 = 16
    package static let picturesPerMinute: UInt64 = 20
    /// 11.
    package static let quietTime: UInt64 = 10_500
    package static let answerTime: UInt64 = 4_000
    /// 13.
    package static let openOffers = 100
    package static let listedEntries = 1_000_000
    package static let listingBytes = 256 << 20
    /// Bytes of a listing that is looked at before anybody agreed to anything.
    package static let lookedBytes = 16 << 20
    /// Bytes of a share from which on its author refers one to the other.
    package static let referredBytes: UInt64 = 16 << 20
    package static let listedDepth = 64
    package static let listedPath = 4_096
    package static let answerNames = 16_384
    package static let bulkBody = 262_144
    package static let chunkBytes: UInt64 = 262_144
    package static let bulkLinesPerDevice = 16
    package static let bulkLines = 64
    package static let linesBeside = 7
    package static let waitingPulls = 64
    package static let stopText = 256
    package static let avoidedHolders = 16
    package static let passed = 16
    package static let firstFrameTime: UInt64 = 10_000
    package static let sourceTime: UInt64 = 15_000
    package static let authorSilence: UInt64 = 60_000
    package static let holderSilence: UInt64 = 15_000
    package static let receiverSilence: UInt64 = 300_000
    /// 17.
    package static let roomMembers = 128
    package static let roomName = 128
    package static let roomText = 1_024
    package static let roomStarts = 400
    package static let roomNumber: UInt64 = 1 << 32
    package static let roomOperations = 16_384
    package static let roomBytes = 16 << 20
    package static let roomOperationsEach = 1_024
    package static let roomBytesEach = 2 << 20
    package static let roomsKnown = 1_024
    package static let mentions = 64
    package static let openRooms = 64
    package static let passOnDelay: UInt64 = 5_000
    package static let passOnTime: UInt64 = 10_000
    package static let passOnOperations: UInt64 = 500
    package static let passOnLinks = 3
    /// 18.
    package static let verifiesPerSecond: UInt64 = 10
    package static let verifiesAtOnce: UInt64 = 40
    package static let verifyAskTime: UInt64 = 600_000
    package static let verifyExchangeTime: UInt64 = 30_000
    package static let verifyCompareTime: UInt64 = 600_000
    package static let verifyFailures = 3
    package static let verifyPause: UInt64 = 600_000
    package static let codeTime: UInt64 = 300_000
    package static let codeTimeMost: UInt64 = 3_600_000
    package static let codeTries = 3
    package static let codeRunTime: UInt64 = 10_000
    package static let whoInvitesTime: UInt64 = 2_000
    package static let reachTime: UInt64 = 4_000
    /// 19.
    package static let prekeyTime: UInt64 = 30 * 86_400_000
    package static let prekeyRenewal: UInt64 = 10 * 86_400_000
    package static let prekeyErased: UInt64 = 46 * 86_400_000
    package static let prekeysPerMinute: UInt64 = 20
    package static let keepersNamed = 8
    package static let sealedBytes = 58_500
    package static let sealedPlaintext = 57_344
    package static let sealedLeast = 1_024
    package static let sealedPerSecond: UInt64 = 20
    package static let sealedAtOnce: UInt64 = 64
    package static let mailboxesAsked = 16
    package static let takesPerMinute: UInt64 = 20
    package static let keptBlobsEach = 200
    package static let keptBytesEach = 8 << 20
    package static let keptBlobsTag = 500
    package static let keptBytesTag = 16 << 20
    package static let keptBytes = 256 << 20
    package static let keptTime: UInt64 = 14 * 86_400_000
    package static let givenAtOnce = 8
    package static let awayTime: UInt64 = 60_000
    package static let mailAnswerTime: UInt64 = 30_000
    package static let keeperPause: UInt64 = 600_000
    package static let mergedBytes = 16_384
    package static let sealedDevices = 4
    /// 20.
    package static let relays = 8
    package static let relayTags = 512
    package static let relayPair = 4
    package static let relayDoors = 4_096
    package static let relayMeetings = 64
    package static let relayMeetingsPerDevice = 24
    package static let relaySeeksPerSecond: UInt64 = 2
    package static let relaySeeksAtOnce: UInt64 = 20
    package static let relayKnocksPerSecond: UInt64 = 5
    package static let relayKnocksAtOnce: UInt64 = 40
    package static let relayWait: UInt64 = 5_000
    package static let relaySilence: UInt64 = 600_000
}
