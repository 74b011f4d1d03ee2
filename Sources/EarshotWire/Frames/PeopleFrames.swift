import EarshotModel

/// How present a device's person is (Protocol.md 4, Presence).
package struct PresenceNotice: Hashable, Sendable {
    /// The number of a state on the wire.
    private static let numbers: [Presence] = [.online, .away, .busy, .invisible]

    package var presence: Presence
    /// As it came.
    package var text: String
    /// Seconds since its person did something; `nil` where they do just now, or do not say.
    package var idle: UInt32?
    /// They ask not to be told of as seen.
    package var isUnnoted: Bool

    package init(_ presence: Presence, text: String = "", idle: UInt32? = nil, isUnnoted: Bool = false) {
        self.presence = presence
        self.text = text
        self.idle = idle
        self.isUnnoted = isUnnoted
    }

    var encoded: [UInt8] {
        var out = ProtobufWriter()
        out.integer(1, UInt64(1 + (Self.numbers.firstIndex(of: self.presence) ?? 0)))
        out.string(2, self.text)
        out.integer(3, self.idle ?? 0)
        out.flag(4, self.isUnnoted)
        return out.bytes
    }

    /// A state that is not known counts as the first.
    init(decoding body: ArraySlice<UInt8>) throws(ProtocolError) {
        var reader = try ProtobufReader(body)
        self.init(.online)
        while let (field, value) = try reader.next() {
            if (1...4).contains(field) { try reader.once(field) }
            switch field {
            case 1:
                let number = Int(clamping: try ProtobufReader.integer(value))
                self.presence = (1...Self.numbers.count).contains(number) ? Self.numbers[number - 1] : .online
            case 2: self.text = try ProtobufReader.string(value, most: Limits.statusBytes)
            case 3:
                let idle = try ProtobufReader.integer32(value)
                self.idle = idle == 0 ? nil : idle
            case 4: self.isUnnoted = try ProtobufReader.flag(value)
            default: continue
            }
        }
    }
}

/// A part of a picture (Protocol.md 10, Profile).
package struct PicturePart: Hashable, Sendable {
    package let picture: PictureID
    /// Where in the picture it begins.
    package let at: Int
    package let bytes: [UInt8]

    package init(_ picture: PictureID, at: Int, _ bytes: [UInt8]) {
        self.picture = picture
        self.at = at
        self.bytes = bytes
    }

    /// A whole picture in parts.
    package static func parts(of bytes: [UInt8], _ picture: PictureID) -> [PicturePart] {
        stride(from: 0, to: bytes.count, by: Limits.picturePart).map { at in
            PicturePart(picture, at: at, Array(bytes[at...].prefix(Limits.picturePart)))
        }
    }

    var encoded: [UInt8] {
        var out = ProtobufWriter()
        out.bytes(1, self.picture.bytes)
        out.integer(2, UInt64(self.at))
        out.bytes(3, self.bytes)
        return out.bytes
    }

    init(decoding body: ArraySlice<UInt8>) throws(ProtocolError) {
        var reader = try ProtobufReader(body)
        var picture: PictureID?
        var at: UInt64 = 0
        var bytes: [UInt8] = []
        while let (field, value) = try reader.next() {
            if (1...3).contains(field) { try reader.once(field) }
            switch field {
            case 1: picture = try ProtobufReader.id(value)
            case 2: at = try ProtobufReader.integer(value)
            case 3: bytes = Array(try ProtobufReader.bytes(value))
            default: continue
            }
        }
        guard let picture, !bytes.isEmpty else { throw .malformed("part of no picture") }
        guard bytes.count <= Limits.picturePart, at < UInt64(Profile.pictureBytes) else { throw .tooMuch("picture") }
        self.init(picture, at: Int(at), bytes)
    }
}

/// What somebody is writing just now, letter by letter (Protocol.md 4, Draft).
package struct Draft: Hashable, Sendable {
    package let conversation: ConversationID
    /// Its sender has switched this on for the conversation.
    package let on: Bool
    /// All of it, as it came.
    package let text: String

    package init(_ conversation: ConversationID, on: Bool, text: String = "") {
        self.conversation = conversation
        self.on = on
        self.text = text
    }

    var encoded: [UInt8] {
        var out = ProtobufWriter()
        out.bytes(1, self.conversation.bytes)
        out.flag(2, self.on)
        out.string(3, self.text)
        return out.bytes
    }

    init(decoding body: ArraySlice<UInt8>) throws(ProtocolError) {
        var reader = try ProtobufReader(body)
        var conversation: ConversationID?
        var on = false
        var text = ""
        while let (field, value) = try reader.next() {
            if (1...3).contains(field) { try reader.once(field) }
            switch field {
            case 1: conversation = try ProtobufReader.id(value)
            case 2: on = try ProtobufReader.flag(value)
            case 3: text = try ProtobufReader.string(value, most: Limits.draftBytes)
            default: continue
            }
        }
        guard let conversation else { throw .malformed("draft without conversation") }
        self.init(conversation, on: on, text: text)
    }
}

extension Profile {
    /// What stands behind the name in Profile.
    func write(to out: inout ProtobufWriter) {
        out.string(2, self.fullName)
        out.string(3, self.role)
        out.string(4, self.desk)
        out.string(5, self.phone)
        if let picture = self.picture {
            out.bytes(6, picture.id.bytes)
            out.integer(7, UInt64(picture.size))
        }
    }

    /// The body of Profile: what somebody calls themselves, and what else they tell.
    static func reading(_ body: ArraySlice<UInt8>) throws(ProtocolError) -> (name: String, profile: Profile) {
        var reader = try ProtobufReader(body)
        var name = ""
        var profile = Profile()
        var picture: PictureID?
        var size: UInt64 = 0
        while let (field, value) = try reader.next() {
            if (1...7).contains(field) { try reader.once(field) }
            switch field {
            case 1: name = try ProtobufReader.string(value, most: Limits.nameBytes)
            case 2: profile.fullName = try ProtobufReader.string(value, most: Limits.nameBytes)
            case 3: profile.role = try ProtobufReader.string(value, most: Limits.nameBytes)
            case 4: profile.desk = try ProtobufReader.string(value, most: Limits.nameBytes)
            case 5: profile.phone = try ProtobufReader.string(value, most: Limits.nameBytes)
            case 6: picture = try ProtobufReader.id(value)
            case 7: size = try ProtobufReader.integer(value)
            default: continue
            }
        }
        guard size <= UInt64(Profile.pictureBytes) else { throw .tooMuch("picture") }
        guard (picture == nil) == (size == 0) else { throw .malformed("a picture without a size, or the reverse") }
        profile.picture = picture.map { Picture($0, size: Int(size)) }
        return (name, profile)
    }
}
