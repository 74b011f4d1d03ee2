import EarshotModel
import EarshotWire
import Foundation
import Noise
import Testing

/// Section 16 of Protocol.md says what the code does: neither can change without the other.
@Suite struct LimitsTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private func text(_ path: String) throws -> String {
        try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
    }

    /// What the document's table says: names and values.
    private func table() throws -> [String: UInt64] {
        let rows = try self.text("Protocol.md").matches(of: /(?m)^\| [0-9]+ \| `(\w+)` \| ([0-9,]+) \|/)
        let pairs = rows.map { (String($0.output.1), UInt64($0.output.2.filter { $0 != "," }) ?? 0) }
        let table = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
        #expect(table.count == pairs.count, "a name stands there twice")
        return table
    }

    @Test func theDocumentSaysWhatTheCodeDoes() throws {
        let table = try self.table()
        #expect(Set(table.keys) == Set(Self.values.keys))
        for (name, value) in Self.values { #expect(table[name] == value, "\(name)") }
    }

    @Test func everyLimitOfTheCodeIsInTheDocument() throws {
        let source = try self.text("Sources/EarshotWire/Limits.swift")
        let names = source.matches(of: /static let (\w+)/).map { String($0.output.1) }
        #expect(Set(names) == Set(Self.values.keys))
    }

    /// Where a module cannot see `Limits`.
    @Test func otherModulesKeepTheSameNumbers() {
        #expect(ReplayWindow.width == Limits.datagramWindow)
        let limit = HybridTime(raw: (1_000 + Limits.stampAhead) << 16)
        let now = Timestamp(milliseconds: 1_000)
        #expect(HybridTime.next(after: limit, now: now) > limit)
        #expect(HybridTime.next(after: HybridTime(raw: (1_001 + Limits.stampAhead) << 16), now: now) < limit)
        #expect(UInt64(Limits.bulkBody) == Limits.chunkBytes && Limits.parkedAhead == 4 * Limits.wantSpan)
    }

    private static let values: [String: UInt64] = [
        "protobufBytes": UInt64(Limits.protobufBytes),
        "protobufDepth": UInt64(Limits.protobufDepth),
        "protobufRepeated": UInt64(Limits.protobufRepeated),
        "manifestBytes": UInt64(Limits.manifestBytes),
        "activeDevices": UInt64(Limits.activeDevices),
        "revokedDevices": UInt64(Limits.revokedDevices),
        "nameBytes": UInt64(Limits.nameBytes),
        "certificateSeconds": UInt64(Limits.certificateSeconds),
        "handshakeTime": UInt64(Limits.handshakeTime),
        "halfOpen": UInt64(Limits.halfOpen),
        "halfOpenPerSource": UInt64(Limits.halfOpenPerSource),
        "handshakesPerSecond": UInt64(Limits.handshakesPerSecond),
        "handshakesPerSecondPerSource": UInt64(Limits.handshakesPerSecondPerSource),
        "crossing": UInt64(Limits.crossing),
        "passedHellos": UInt64(Limits.passedHellos),
        "framePlaintext": UInt64(Limits.framePlaintext),
        "rekeyFrames": UInt64(Limits.rekeyFrames),
        "sessionTime": UInt64(Limits.sessionTime),
        "sessionBytes": UInt64(Limits.sessionBytes),
        "requestBytes": UInt64(Limits.requestBytes),
        "unreadBytes": UInt64(Limits.unreadBytes),
        "statusBytes": UInt64(Limits.statusBytes),
        "presencesPerSecond": UInt64(Limits.presencesPerSecond),
        "presencesAtOnce": UInt64(Limits.presencesAtOnce),
        "draftBytes": UInt64(Limits.draftBytes),
        "draftsPerSecond": UInt64(Limits.draftsPerSecond),
        "pictureBytes": UInt64(Limits.pictureBytes),
        "picturePart": UInt64(Limits.picturePart),
        "profilesPerSecond": UInt64(Limits.profilesPerSecond),
        "profilesAtOnce": UInt64(Limits.profilesAtOnce),
        "picturesPerMinute": UInt64(Limits.picturesPerMinute),
        "typingPerSecond": UInt64(Limits.typingPerSecond),
        "fetchesPerSecond": UInt64(Limits.fetchesPerSecond),
        "fetchesAtOnce": UInt64(Limits.fetchesAtOnce),
        "datagramBytes": UInt64(Limits.datagramBytes),
        "datagramEpochTime": UInt64(Limits.datagramEpochTime),
        "datagramsPerEpoch": UInt64(Limits.datagramsPerEpoch),
        "datagramGrace": UInt64(Limits.datagramGrace),
        "datagramEpochsAhead": UInt64(Limits.datagramEpochsAhead),
        "datagramWindow": UInt64(Limits.datagramWindow),
        "presenceTime": UInt64(Limits.presenceTime),
        "lateTime": UInt64(Limits.lateTime),
        "repeatedBytes": UInt64(Limits.repeatedBytes),
        "envelopeBody": UInt64(Limits.envelopeBody),
        "envelopePayload": UInt64(Limits.envelopePayload),
        "parents": UInt64(Limits.parents),
        "parkedEnvelopes": UInt64(Limits.parkedEnvelopes),
        "parkedBytes": UInt64(Limits.parkedBytes),
        "parkedAhead": UInt64(Limits.parkedAhead),
        "logsPerDevice": UInt64(Limits.logsPerDevice),
        "logsPerConversation": UInt64(Limits.logsPerConversation),
        "stampAhead": UInt64(Limits.stampAhead),
        "textPart": UInt64(Limits.textPart),
        "textParts": UInt64(Limits.textParts),
        "emojiBytes": UInt64(Limits.emojiBytes),
        "knownNodes": UInt64(Limits.knownNodes),
        "addressesPerNode": UInt64(Limits.addressesPerNode),
        "newNodesPerSecond": UInt64(Limits.newNodesPerSecond),
        "keysPerMinute": UInt64(Limits.keysPerMinute),
        "tagDelay": UInt64(Limits.tagDelay),
        "tagEpochTime": UInt64(Limits.tagEpochTime),
        "unknownTags": UInt64(Limits.unknownTags),
        "discoveryKeys": UInt64(Limits.discoveryKeys),
        "waitingNodes": UInt64(Limits.waitingNodes),
        "parallelDials": UInt64(Limits.parallelDials),
        "dialSpacing": UInt64(Limits.dialSpacing),
        "redialTime": UInt64(Limits.redialTime),
        "redialTimeMost": UInt64(Limits.redialTimeMost),
        "lowestPort": UInt64(Limits.lowestPort),
        "ownPort": UInt64(Limits.ownPort),
        "advertBytes": UInt64(Limits.advertBytes),
        "wantSpan": UInt64(Limits.wantSpan),
        "openWants": UInt64(Limits.openWants),
        "openWantsPerLog": UInt64(Limits.openWantsPerLog),
        "waitingWants": UInt64(Limits.waitingWants),
        "wantTime": UInt64(Limits.wantTime),
        "pushed": UInt64(Limits.pushed),
        "pushesPerSecond": UInt64(Limits.pushesPerSecond),
        "pushesAtOnce": UInt64(Limits.pushesAtOnce),
        "envelopesFrame": UInt64(Limits.envelopesFrame),
        "sessions": UInt64(Limits.sessions),
        "strangerSessions": UInt64(Limits.strangerSessions),
        "requestsKept": UInt64(Limits.requestsKept),
        "requestsPerMinute": UInt64(Limits.requestsPerMinute),
        "quietTime": UInt64(Limits.quietTime),
        "answerTime": UInt64(Limits.answerTime),
        "offerName": UInt64(Limits.offerName),
        "offerType": UInt64(Limits.offerType),
        "offerPicture": UInt64(Limits.offerPicture),
        "openOffers": UInt64(Limits.openOffers),
        "listedEntries": UInt64(Limits.listedEntries),
        "listingBytes": UInt64(Limits.listingBytes), "lookedBytes": UInt64(Limits.lookedBytes),
        "referredBytes": Limits.referredBytes,
        "listedDepth": UInt64(Limits.listedDepth),
        "listedPath": UInt64(Limits.listedPath),
        "answerNames": UInt64(Limits.answerNames),
        "bulkBody": UInt64(Limits.bulkBody),
        "chunkBytes": UInt64(Limits.chunkBytes),
        "bulkLinesPerDevice": UInt64(Limits.bulkLinesPerDevice),
        "bulkLines": UInt64(Limits.bulkLines),
        "linesBeside": UInt64(Limits.linesBeside),
        "waitingPulls": UInt64(Limits.waitingPulls),
        "stopText": UInt64(Limits.stopText),
        "avoidedHolders": UInt64(Limits.avoidedHolders),
        "passed": UInt64(Limits.passed),
        "firstFrameTime": UInt64(Limits.firstFrameTime),
        "sourceTime": UInt64(Limits.sourceTime),
        "authorSilence": UInt64(Limits.authorSilence),
        "holderSilence": UInt64(Limits.holderSilence),
        "receiverSilence": UInt64(Limits.receiverSilence),
        "roomsKnown": UInt64(Limits.roomsKnown), "passOnOperations": Limits.passOnOperations,
        "roomMembers": UInt64(Limits.roomMembers),
        "roomName": UInt64(Limits.roomName),
        "roomText": UInt64(Limits.roomText),
        "roomStarts": UInt64(Limits.roomStarts),
        "roomNumber": UInt64(Limits.roomNumber),
        "roomOperations": UInt64(Limits.roomOperations),
        "roomBytes": UInt64(Limits.roomBytes),
        "roomOperationsEach": UInt64(Limits.roomOperationsEach),
        "roomBytesEach": UInt64(Limits.roomBytesEach),
        "mentions": UInt64(Limits.mentions),
        "openRooms": UInt64(Limits.openRooms),
        "passOnDelay": UInt64(Limits.passOnDelay),
        "passOnTime": UInt64(Limits.passOnTime),
        "passOnLinks": UInt64(Limits.passOnLinks),
        "verifiesPerSecond": UInt64(Limits.verifiesPerSecond),
        "verifiesAtOnce": UInt64(Limits.verifiesAtOnce),
        "verifyAskTime": UInt64(Limits.verifyAskTime),
        "verifyExchangeTime": UInt64(Limits.verifyExchangeTime),
        "verifyCompareTime": UInt64(Limits.verifyCompareTime),
        "verifyFailures": UInt64(Limits.verifyFailures),
        "verifyPause": UInt64(Limits.verifyPause),
        "codeTime": UInt64(Limits.codeTime),
        "codeTimeMost": UInt64(Limits.codeTimeMost),
        "codeTries": UInt64(Limits.codeTries),
        "codeRunTime": UInt64(Limits.codeRunTime),
        "whoInvitesTime": UInt64(Limits.whoInvitesTime),
        "reachTime": UInt64(Limits.reachTime),
        "prekeyTime": UInt64(Limits.prekeyTime),
        "prekeyRenewal": UInt64(Limits.prekeyRenewal),
        "prekeyErased": UInt64(Limits.prekeyErased),
        "prekeysPerMinute": UInt64(Limits.prekeysPerMinute),
        "keepersNamed": UInt64(Limits.keepersNamed),
        "sealedBytes": UInt64(Limits.sealedBytes),
        "sealedPlaintext": UInt64(Limits.sealedPlaintext),
        "sealedLeast": UInt64(Limits.sealedLeast),
        "sealedPerSecond": UInt64(Limits.sealedPerSecond),
        "sealedAtOnce": UInt64(Limits.sealedAtOnce),
        "mailboxesAsked": UInt64(Limits.mailboxesAsked),
        "takesPerMinute": UInt64(Limits.takesPerMinute),
        "keptBlobsEach": UInt64(Limits.keptBlobsEach),
        "keptBytesEach": UInt64(Limits.keptBytesEach),
        "keptBlobsTag": UInt64(Limits.keptBlobsTag),
        "keptBytesTag": UInt64(Limits.keptBytesTag),
        "keptBytes": UInt64(Limits.keptBytes),
        "keptTime": UInt64(Limits.keptTime),
        "givenAtOnce": UInt64(Limits.givenAtOnce),
        "awayTime": UInt64(Limits.awayTime),
        "mailAnswerTime": UInt64(Limits.mailAnswerTime),
        "keeperPause": UInt64(Limits.keeperPause),
        "mergedBytes": UInt64(Limits.mergedBytes),
        "sealedDevices": UInt64(Limits.sealedDevices),
        "relays": UInt64(Limits.relays),
        "relayTags": UInt64(Limits.relayTags),
        "relayPair": UInt64(Limits.relayPair),
        "relayDoors": UInt64(Limits.relayDoors),
        "relayMeetings": UInt64(Limits.relayMeetings),
        "relayMeetingsPerDevice": UInt64(Limits.relayMeetingsPerDevice),
        "relaySeeksPerSecond": UInt64(Limits.relaySeeksPerSecond),
        "relaySeeksAtOnce": UInt64(Limits.relaySeeksAtOnce),
        "relayKnocksPerSecond": UInt64(Limits.relayKnocksPerSecond),
        "relayKnocksAtOnce": UInt64(Limits.relayKnocksAtOnce),
        "relayWait": UInt64(Limits.relayWait),
        "relaySilence": UInt64(Limits.relaySilence),
    ]
}
