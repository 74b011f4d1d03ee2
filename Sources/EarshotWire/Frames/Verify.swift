import EarshotModel

/// One step of comparing keys, or of joining by a code (Protocol.md 18).
package enum Verify: Hashable, Sendable {
    /// My person would like to compare.
    case ask
    /// Not any more.
    case withdraw
    /// The initiator's promise of what it will reveal.
    case commit(Hash32)
    /// The responder's random bytes.
    case answer(Hash32)
    /// The initiator's random bytes.
    case reveal(Hash32)
    /// My person says that it is the same on both screens; whom I saw.
    case match(PersonID)
    /// It is not, or something did not fit.
    case noMatch
    /// Is an invitation open at yours?
    case whoInvites
    case invites
    case doesNotInvite
    /// A share of CPace, of whoever joins; and of whoever invited.
    case joinShare(Hash32)
    case inviteShare(Hash32)
    /// That I have the same secret; whoever joins says it first.
    case joinTag(Hash32)
    case inviteTag(Hash32)
    /// That was no valid try, and no word why.
    case refused
    /// Something newer; it is ignored.
    case other(UInt32)

    private var number: UInt32 {
        switch self {
        case .ask: 1
        case .withdraw: 2
        case .commit: 3
        case .answer: 4
        case .reveal: 5
        case .match: 6
        case .noMatch: 7
        case .whoInvites: 16
        case .invites: 17
        case .doesNotInvite: 18
        case .joinShare: 19
        case .inviteShare: 20
        case .joinTag: 21
        case .inviteTag: 22
        case .refused: 23
        case .other(let number): number
        }
    }

    private var value: Hash32? {
        switch self {
        case .commit(let value), .answer(let value), .reveal(let value), .joinShare(let value),
            .inviteShare(let value), .joinTag(let value), .inviteTag(let value):
            value
        case .match(let person): person.hash
        case .ask, .withdraw, .noMatch, .whoInvites, .invites, .doesNotInvite, .refused, .other: nil
        }
    }

    package var encoded: [UInt8] {
        var out = ProtobufWriter()
        out.integer(1, self.number)
        if let value = self.value { out.bytes(2, value.bytes) }
        return out.bytes
    }

    package init(decoding body: some Collection<UInt8>) throws(ProtocolError) {
        var reader = try ProtobufReader(body)
        var step: UInt32 = 0
        var value: Hash32?
        while let (field, content) = try reader.next() {
            if (1...2).contains(field) { try reader.once(field) }
            switch field {
            case 1: step = try ProtobufReader.integer32(content)
            case 2:
                guard let hash = Hash32(try ProtobufReader.bytes(content)) else {
                    throw .malformed("verify value is not 32 bytes")
                }
                value = hash
            default: continue
            }
        }
        guard step != 0 else { throw .malformed("verify without a step") }
        guard let made = Self.of(step, value) else { throw .malformed("verify with a value too many or missing") }
        self = made
    }

    private static func of(_ step: UInt32, _ value: Hash32?) -> Verify? {
        let bare: [UInt32: Verify] = [
            1: .ask, 2: .withdraw, 7: .noMatch, 16: .whoInvites, 17: .invites, 18: .doesNotInvite, 23: .refused,
        ]
        if let step = bare[step] { return value == nil ? step : nil }
        switch step {
        case 3: return value.map { .commit($0) }
        case 4: return value.map { .answer($0) }
        case 5: return value.map { .reveal($0) }
        case 6: return value.map { .match(PersonID(hash: $0)) }
        case 19: return value.map { .joinShare($0) }
        case 20: return value.map { .inviteShare($0) }
        case 21: return value.map { .joinTag($0) }
        case 22: return value.map { .inviteTag($0) }
        default: return .other(step)
        }
    }
}
