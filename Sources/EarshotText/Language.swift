/// The sentences of one language. A second language is a second function: the compiler asks for every phrase.
package struct Language: Sendable {
    /// As in BCP 47: `en`.
    package let tag: String
    private let sentence: @Sendable (Phrase) -> String

    package init(_ tag: String, _ sentence: @escaping @Sendable (Phrase) -> String) {
        self.tag = tag
        self.sentence = sentence
    }

    /// A sentence, or the end of one behind the name of what it is about; without a full stop, but for what
    /// is refused.
    package func say(_ phrase: Phrase) -> String { self.sentence(phrase) }
}
