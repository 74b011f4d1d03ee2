import EarshotModel

/// What peers say to each other of sealed mail (Protocol.md 19).
package enum MailFrame: Hashable, Sendable {
    /// 0x60: keep this for whom it is sealed to.
    case put(SealedBlob)
    /// 0x61: this was left for you.
    case give(SealedBlob)
    /// 0x62: give me what was left under these keys.
    case take([MailboxKey])
    /// 0x63: what becomes of a blob.
    case answer(BlobID, MailAnswer)
    /// 0x95: how to leave mail for me. The signature was not looked at.
    case prekey(Prekey)
    /// 0x96: I keep mail; for this session's person I take new mail, too, or not.
    case offer(takes: Bool)

    var type: UInt8 {
        switch self {
        case .put: 0x60
        case .give: 0x61
        case .take: 0x62
        case .answer: 0x63
        case .prekey: 0x95
        case .offer: 0x96
        }
    }

    var body: [UInt8] {
        var out = ProtobufWriter()
        switch self {
        case .put(let blob), .give(let blob): return blob.bytes
        case .take(let keys): for key in keys { out.element(1, key.bytes) }
        case .answer(let blob, let answer):
            out.bytes(1, blob.bytes)
            out.integer(2, answer.number)
        case .prekey(let prekey): return prekey.wire
        case .offer(let takes): out.flag(1, takes)
        }
        return out.bytes
    }

    /// `nil` for a type that is none of these.
    init?(type: UInt8, body: ArraySlice<UInt8>) throws(ProtocolError) {
        switch type {
        case 0x60: self = .put(try SealedBlob(decoding: body))
        case 0x61: self = .give(try SealedBlob(decoding: body))
        case 0x62: self = .take(try Self.keys(body))
        case 0x63: self = try Self.answer(body)
        case 0x95: self = .prekey(try Prekey(decoding: body))
        case 0x96: self = .offer(takes: try Self.flag(body))
        default: return nil
        }
    }

    private static func keys(_ body: ArraySlice<UInt8>) throws(ProtocolError) -> [MailboxKey] {
        var reader = try ProtobufReader(body)
        var keys: [MailboxKey] = []
        while let (field, value) = try reader.next() {
            guard field == 1 else { continue }
            guard keys.count < Limits.mailboxesAsked else { throw .tooMuch("mailboxes") }
            keys.append(try ProtobufReader.id(value))
        }
        return keys
    }

    private static func answer(_ body: ArraySlice<UInt8>) throws(ProtocolError) -> MailFrame {
        var reader = try ProtobufReader(body)
        var blob: BlobID?
        var number: UInt32 = 0
        while let (field, value) = try reader.next() {
            if (1...2).contains(field) { try reader.once(field) }
            switch field {
            case 1: blob = try ProtobufReader.id(value)
            case 2: number = try ProtobufReader.integer32(value)
            default: continue
            }
        }
        guard let blob, number > 0 else { throw .malformed("an answer without its parts") }
        return .answer(blob, MailAnswer(number: number))
    }

    private static func flag(_ body: ArraySlice<UInt8>) throws(ProtocolError) -> Bool {
        var reader = try ProtobufReader(body)
        var flag = false
        while let (field, value) = try reader.next() {
            guard field == 1 else { continue }
            try reader.once(1)
            flag = try ProtobufReader.flag(value)
        }
        return flag
    }
}

/// What becomes of a blob.
package enum MailAnswer: Hashable, Sendable {
    /// 1, from a keeper: it is on disk.
    case kept
    /// 2, from a keeper: there is no room for it.
    case full
    /// 3, from a keeper: not from you.
    case refused
    /// 4, from whom it is for: it may be erased.
    case done
    /// 5, from whom it is for: not yet, keep it.
    case later
    /// 6, from who left it: it is not needed any more.
    case withdrawn
    /// A word that this version does not know.
    case other(UInt32)

    private static let known: [MailAnswer] = [.kept, .full, .refused, .done, .later, .withdrawn]

    var number: UInt32 {
        if case .other(let number) = self { return number }
        return UInt32(1 + (Self.known.firstIndex(of: self) ?? 0))
    }

    init(number: UInt32) {
        let index = Int(number) - 1
        self = Self.known.indices.contains(index) ? Self.known[index] : .other(number)
    }
}
