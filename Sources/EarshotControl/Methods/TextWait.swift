/// Until when the answer to a text that was sent waits.
package enum TextWait: SchemaNamed, Hashable {
    case queued
    /// Until one other has it.
    case delivered
    /// Until so many have it: of those who joined the room, or of the person's devices.
    case deliveredTo(Int64)
    case deliveredToAll
    case read

    private static let several = "delivered="
    /// What stands for a number of them, in a list of words.
    private static let number = "delivered=N"
    package static let words = ["queued", "delivered", Self.number, "delivered=all", "read"]

    package init?(_ word: String) {
        switch word {
        case "queued": self = .queued
        case "delivered": self = .delivered
        case "delivered=all": self = .deliveredToAll
        case "read": self = .read
        default:
            // Digits alone, and one way to write a number.
            guard word.hasPrefix(Self.several), let number = Int64(word.dropFirst(Self.several.count)), number > 0,
                word == Self.several + String(number)
            else { return nil }
            self = .deliveredTo(number)
        }
    }

    package var word: String {
        switch self {
        case .queued: "queued"
        case .delivered: "delivered"
        case .deliveredTo(let number): Self.several + String(number)
        case .deliveredToAll: "delivered=all"
        case .read: "read"
        }
    }

    /// The same for files, of which nobody has a part that counts; `nil` where a number is asked for.
    package var ofFiles: Wait? { Wait(rawValue: self.word) }

    /// Whether what was sent has got as far as was asked for.
    package func isMet(by sent: SentView) -> Bool {
        switch self {
        case .queued: true
        case .delivered: sent.state.isDelivered
        case .deliveredTo(let number): sent.deliveredTo ?? 0 >= number
        case .deliveredToAll: sent.state.isDelivered && sent.deliveredTo == sent.recipients
        case .read: sent.state == .read
        }
    }

    package static var kind: String {
        "\(Self.words.dropLast().joined(separator: ", ")) or \(Self.words.last ?? "")"
    }
    package static var schema: JSON {
        ["type": "string", "pattern": "^(queued|delivered(=(all|[1-9][0-9]*))?|read)$"]
    }
    package static var sample: TextWait { .queued }

    package init(from decoder: any Decoder) throws {
        guard let wait = TextWait(try decoder.singleValueContainer().decode(String.self)) else { throw NotOneOfThem() }
        self = wait
    }
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.word)
    }
}
