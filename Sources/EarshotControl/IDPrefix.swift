import EarshotModel
import EarshotText

/// The beginning of the id of a message or a transfer, as a person types it: 4 characters or more. One reader for all
/// methods.
package struct IDPrefix: Sendable, Hashable {
    /// Something whose id begins so.
    package struct Found: Sendable, Hashable {
        package let id: String
        /// How the message or the name of the file begins.
        package let words: String

        package init(id: String, words: String) {
            self.id = id
            self.words = words
        }
    }

    package static let shortest = 4
    private static let longest = 52
    /// Ids that an error lists.
    package static let mostListed = 20

    /// Base32, lower case.
    package let text: String
    private let subject: Refusal.IDSubject

    /// - Throws: `badParameters` for less than 4 characters, `unknownName` for what no id looks like.
    package init(_ typed: String, of subject: Refusal.IDSubject) throws(DoorError) {
        let text = SafeText.name(typed).lowercased()
        self.text = text
        self.subject = subject
        guard text.utf8.count >= Self.shortest else {
            throw DoorError(
                .word(
                    text.isEmpty
                        ? .noID(subject, least: Self.shortest) : .shortID(text, subject, least: Self.shortest)))
        }
        let isBase32 = text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x32...0x37).contains($0) }
        guard isBase32, text.utf8.count <= Self.longest else { throw self.unknown }
    }

    private var unknown: DoorError {
        let shown = self.text.count > Self.longest ? "\(self.text.prefix(Self.longest))…" : self.text
        return DoorError(.word(.unknownID(shown, self.subject)))
    }

    /// The one that is meant.
    /// - Parameter found: what begins so, as the store has it; `describe` makes something for an error of it.
    /// - Throws: `unknownName` or `ambiguousName`, with how each of them begins.
    package func only<Element>(of found: [Element], _ describe: (Element) -> Found) throws(DoorError) -> Element {
        guard let first = found.first else { throw self.unknown }
        guard found.count > 1 else { return first }
        let all = found.map(describe)
        var length = 8
        while length < Self.longest, Set(all.map { $0.id.prefix(length) }).count < all.count { length += 4 }
        throw DoorError(
            .word(.severalIDs(self.text, self.subject)),
            candidates: all.prefix(Self.mostListed).map { "\($0.id.prefix(length))  \($0.words)" },
            more: max(0, all.count - Self.mostListed))
    }
}
