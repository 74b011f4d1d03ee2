import EarshotModel
import Noise

/// The hashes that name things, each with its own personalisation (Protocol.md 2, 3, 6).
package enum Derive {
    package static func device(signing: [UInt8], agreement: [UInt8]) -> DeviceID {
        DeviceID(hash: self.hash("earshot.device.1", signing + agreement))
    }

    package static func manifest(_ protobuf: [UInt8]) -> Hash32 { self.hash("earshot.manif.1", protobuf) }

    package static func envelope(body: some Collection<UInt8>) -> Hash32 { self.hash("earshot.msgid.v1", Array(body)) }

    /// The conversation of two persons, or of one with themselves.
    package static func conversation(_ one: PersonID, _ other: PersonID) -> ConversationID {
        ConversationID(hash: self.hash("earshot.convdm.1", min(one, other).bytes + max(one, other).bytes))
    }

    /// The room of a charter (Protocol.md 17).
    package static func room(charter: [UInt8]) -> RoomID { RoomID(hash: self.hash("earshot.convrm.1", charter)) }

    /// The conversation in which a room's members talk.
    package static func talk(_ room: RoomID) -> ConversationID {
        ConversationID(hash: self.hash("earshot.convrt.1", room.bytes))
    }

    /// What an offer to a room is called for one of its members: our own name for it.
    package static func roomOffer(_ message: EnvelopeID, to person: PersonID) -> EnvelopeID {
        EnvelopeID(hash: self.hash("earshot.roomoffr", message.bytes + person.bytes))
    }

    /// The state of a room, as its members compare it.
    package static func roomState(_ bytes: [UInt8]) -> Hash32 { self.hash("earshot.rmstate1", bytes) }

    /// The log of a database, known by the 32 random bytes of its `generation`, in a conversation.
    package static func log(generation: [UInt8], _ conversation: ConversationID) -> LogID {
        let bytes = blake2b(person: "earshot.logid.v1", key: generation, length: 16, conversation.bytes)
        guard let log = LogID(bytes) else { preconditionFailure("BLAKE2b gives the length it is asked for") }
        return log
    }

    /// What files are called that are offered under a key (Protocol.md 13).
    package static func share(key: [UInt8]) -> ShareID {
        let bytes = blake2b(person: "earshot.share.1", key: key, length: 16, [])
        guard let share = ShareID(bytes) else { preconditionFailure("BLAKE2b gives the length it is asked for") }
        return share
    }

    /// That someone with this device, in this session, knows the key of an offer (Protocol.md 13).
    package static func fetchProof(key: [UInt8], handshake: [UInt8], _ device: DeviceID) -> Hash32 {
        guard let hash = Hash32(blake2b(person: "earshot.fetch.1", key: key, handshake + device.bytes)) else {
            preconditionFailure("BLAKE2b gives 32 bytes")
        }
        return hash
    }

    /// What a picture is asked for by (Protocol.md 10, Profile).
    package static func picture(_ bytes: [UInt8]) -> PictureID {
        PictureID(hash: self.hash("earshot.pictr.1", bytes))
    }

    /// What follows a generation whose logs went on elsewhere. Known to this database only, as every generation is.
    package static func generation(after generation: [UInt8]) -> [UInt8] {
        blake2b(person: "earshot.nextgen1", key: generation, [])
    }

    static func hash(_ person: String, _ data: [UInt8]) -> Hash32 {
        guard let hash = Hash32(blake2b(person: person, data)) else { preconditionFailure("BLAKE2b gives 32 bytes") }
        return hash
    }
}
