import EarshotModel

extension Frame {
    /// The type number.
    package var type: UInt8 {
        switch self {
        case .close: 0x00
        case .ready: 0x01
        case .ping: 0x02
        case .pong: 0x03
        case .heads: 0x10
        case .want: 0x11
        case .envelopes: 0x12
        case .gone: 0x13
        case .fetch: 0x20
        case .refer: 0x21
        case .manifestAsk: 0x30
        case .manifestGive: 0x31
        case .profile: 0x32
        case .request: 0x33
        case .typing: 0x40
        case .rooms: 0x98
        case .verify: 0x50
        case .presence: 0x90
        case .pictureAsk: 0x91
        case .picturePart: 0x92
        case .draft: 0x93
        case .discoveryKey: 0x94
        case .mail(let mail): mail.type
        case .relay: 0x99
        case .ignorable(let type): type
        }
    }

    /// The body that follows the type.
    package var body: [UInt8] {
        var out = ProtobufWriter()
        switch self {
        case .close(let code): out.integer(1, code.rawValue)
        case .ready, .ignorable: break
        case .ping(let nonce), .pong(let nonce): out.integer(1, nonce)
        case .heads(let heads): return heads.encoded
        case .want(let want): return want.encoded
        case .envelopes(let envelopes): return envelopes.flatMap(\.wire)
        case .gone(let gone): return gone.encoded
        case .fetch(let fetch): return fetch.encoded
        case .refer(let referral): return referral.encoded
        case .manifestAsk(let person): out.bytes(1, person.bytes)
        case .manifestGive(let wire): return wire
        case .profile(let name, let profile):
            out.string(1, name)
            profile.write(to: &out)
        case .request(let text): out.string(1, text)
        case .rooms(let rooms): return rooms.encoded
        case .typing(let conversation, let on):
            out.bytes(1, conversation.bytes)
            out.flag(2, on)
        case .verify(let step): return step.encoded
        case .presence(let notice): return notice.encoded
        case .pictureAsk(let picture): out.bytes(1, picture.bytes)
        case .picturePart(let part): return part.encoded
        case .draft(let draft): return draft.encoded
        case .discoveryKey(let key): out.bytes(1, key.bytes)
        case .mail(let mail): return mail.body
        case .relay(let step): return step.encoded
        }
        return out.bytes
    }

    /// Reads a frame. An unknown type below 0x80 is `unknownFrame`; from 0x80 on it is `ignorable`.
    package init(type: UInt8, body: ArraySlice<UInt8>) throws(ProtocolError) {
        if let mail = try MailFrame(type: type, body: body) {
            self = .mail(mail)
            return
        }
        switch type {
        case 0x00: self = .close(CloseCode(rawValue: try Self.number(body, UInt32.self)) ?? .goingAway)
        case 0x01: self = .ready
        case 0x02: self = .ping(try Self.number(body, UInt64.self))
        case 0x03: self = .pong(try Self.number(body, UInt64.self))
        case 0x10: self = .heads(try Heads(decoding: body))
        case 0x11: self = .want(try Want(decoding: body))
        case 0x12: self = .envelopes(try Self.envelopes(body))
        case 0x13: self = .gone(try Gone(decoding: body))
        case 0x20: self = .fetch(try Fetch(decoding: body))
        case 0x21: self = .refer(try Referral(decoding: body))
        case 0x30: self = .manifestAsk(try Self.id(body, of: "person"))
        case 0x31:
            guard body.count <= Limits.manifestBytes else { throw .tooMuch("manifest") }
            self = .manifestGive(Array(body))
        case 0x32:
            let (name, profile) = try Profile.reading(body)
            self = .profile(name: name, profile)
        case 0x33: self = .request(text: try Self.text(body, most: Limits.requestBytes))
        case 0x40: self = try Self.typing(body)
        case 0x98: self = .rooms(try [ToldRoom](decoding: body))
        case 0x50: self = .verify(try Verify(decoding: body))
        case 0x90: self = .presence(try PresenceNotice(decoding: body))
        case 0x91: self = .pictureAsk(try Self.id(body, of: "picture"))
        case 0x92: self = .picturePart(try PicturePart(decoding: body))
        case 0x93: self = .draft(try Draft(decoding: body))
        case 0x94: self = .discoveryKey(try Self.id(body, of: "key"))
        case 0x99: self = .relay(try RelayStep(decoding: body))
        case 0x80...0xFF: self = .ignorable(type: type)
        default: throw .unknownFrame(type)
        }
    }

    private static func number<T: FixedWidthInteger>(_ body: ArraySlice<UInt8>, _: T.Type) throws(ProtocolError) -> T {
        var reader = try ProtobufReader(body)
        var number: UInt64 = 0
        while let (field, value) = try reader.next() {
            guard field == 1 else { continue }
            try reader.once(1)
            number = try ProtobufReader.integer(value)
        }
        guard let fit = T(exactly: number) else { throw .malformed("number too large") }
        return fit
    }

    private static func text(_ body: ArraySlice<UInt8>, most limit: Int) throws(ProtocolError) -> String {
        var reader = try ProtobufReader(body)
        var text = ""
        while let (field, value) = try reader.next() {
            guard field == 1 else { continue }
            try reader.once(1)
            text = try ProtobufReader.string(value, most: limit)
        }
        return text
    }

    /// A body that is an id and nothing else.
    private static func id<ID: Identifier>(_ body: ArraySlice<UInt8>, of what: String) throws(ProtocolError) -> ID {
        var reader = try ProtobufReader(body)
        var id: ID?
        while let (field, value) = try reader.next() {
            guard field == 1 else { continue }
            try reader.once(1)
            id = try ProtobufReader.id(value)
        }
        guard let id else { throw .malformed("no \(what)") }
        return id
    }

    private static func typing(_ body: ArraySlice<UInt8>) throws(ProtocolError) -> Frame {
        var reader = try ProtobufReader(body)
        var conversation: ConversationID?
        var on = false
        while let (field, value) = try reader.next() {
            if (1...2).contains(field) { try reader.once(field) }
            switch field {
            case 1: conversation = try ProtobufReader.id(value)
            case 2: on = try ProtobufReader.flag(value)
            default: continue
            }
        }
        guard let conversation else { throw .malformed("typing without conversation") }
        return .typing(conversation, on: on)
    }

    static func envelopes(_ body: ArraySlice<UInt8>) throws(ProtocolError) -> [Envelope] {
        var reader = ByteReader(slice: body)
        var envelopes: [Envelope] = []
        repeat { envelopes.append(try Envelope(reading: &reader)) } while !reader.isAtEnd
        return envelopes
    }
}
