import EarshotModel
import EarshotWire
import Noise

/// One of everything that goes over the wire, the same at every call.
package struct Samples: Sendable {
    package let anna: Identity
    package let bob: Identity

    package init() throws {
        func seed(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }
        self.anna = try Identity.create(
            personSeed: seed(1), signingSeed: seed(2), agreementSeed: seed(3), name: "Anna", issued: 1_700_000_000)
        self.bob = try Identity.create(
            personSeed: seed(4), signingSeed: seed(5), agreementSeed: seed(6), name: "Bob", issued: 1_700_000_000)
    }

    package var conversation: ConversationID { Derive.conversation(self.anna.person, self.bob.person) }
    package var log: LogID { Derive.log(generation: [UInt8](repeating: 9, count: 32), self.conversation) }

    /// Anna's log: so many envelopes, each naming the one before.
    package func chain(_ contents: [Content], stamp: UInt64 = 1_700_000_000_000 << 16) -> [VerifiedEnvelope] {
        var prev: EnvelopeID?
        return contents.enumerated().map { index, content in
            let envelope = Envelope.sign(
                conversation: self.conversation, device: self.anna.device, log: self.log, seq: UInt64(index + 1),
                prev: prev, parents: [],
                stamp: HybridTime(raw: stamp + UInt64(index)), kind: content.kind, payload: content.payload,
                with: self.anna.signing)
            prev = envelope.envelope.id
            return envelope
        }
    }

    package func words(_ texts: String...) -> [VerifiedEnvelope] { self.chain(texts.map { .text(.init($0)) }) }

    /// Everything that somebody may tell of themselves.
    package var profile: Profile {
        var profile = Profile()
        profile.fullName = "Anna Berg"
        profile.role = "carpenter"
        profile.desk = "2.14"
        profile.phone = "+49 30 901820"
        profile.picture = Profile.Picture(Derive.picture([1]), size: 1)
        return profile
    }

    /// A frame of every type.
    package var frames: [Frame] {
        let envelopes = self.words("one", "two").map(\.envelope)
        let id = envelopes[0].id
        let mark = Mark(
            log: self.log, device: self.anna.device, seq: 1, id: id, read: 1,
            readAt: Timestamp(milliseconds: 1_700_000_000_000))
        let want = Want(conversation: self.conversation, log: self.log, from: 1, to: 512)
        return [
            .close(.unsupported), .ready, .ping(1), .pong(.max),
            .heads(Heads(conversation: self.conversation, marks: [mark, mark], ask: true)),
            .envelopes(envelopes), .gone(Gone(conversation: self.conversation, log: self.log, seq: 7, id: id)),
            .manifestAsk(self.bob.person),
            .manifestGive(self.anna.manifest.wire), .profile(name: "Anna ✿"), .request(text: "hello"),
            .typing(self.conversation, on: true), .verify(.ask), .verify(.commit(id.hash)),
            .verify(.match(self.bob.person)), .verify(.refused), .verify(.other(99)),
            .profile(name: "Anna", self.profile),
            .presence(PresenceNotice(.busy, text: "until noon", idle: 90, isUnnoted: true)),
            .pictureAsk(Derive.picture([1])), .picturePart(PicturePart(Derive.picture([1]), at: 0, [1])),
            .draft(Draft(self.conversation, on: true, text: "lun")),
            .discoveryKey(DiscoveryKey(hash: self.bob.person.hash)),
            .relay(.offer(port: 47_447)), .relay(.withdraw), .relay(.seek([.zero, self.log.hash])), .relay(.seek([])),
            .relay(.there(tag: self.log.hash, door: .zero)), .relay(.gone(door: self.log.hash)),
            .relay(.come(ticket: self.log.hash)), .relay(.at([self.log.hash], port: 47_447)),
            .relay(.other(8)),
        ] + (want.map { [.want($0)] } ?? []) + self.roomFrames + self.mailFrames
    }
}
