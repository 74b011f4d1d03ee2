/// What comes with an offer, by its whole listing: what a person or a rule has to know of it before they say yes.
/// Bounded, whatever the listing is.
package struct Contents: Hashable, Sendable, Codable {
    /// SHA-256 of the listing: what comes must be this and nothing else.
    package let hash: [UInt8]
    /// Endings of all files in lower case, each once; `""` for files without. `nil` where there are too many
    /// different ones to keep.
    package let endings: [String]?
    /// Files and folders whose name says that opening them may run them.
    package let programs: UInt64
    /// Of them, those that are named like documents.
    package let disguised: UInt64
    /// Paths of some of them, disguised ones first, as they would be called here.
    package let examples: [String]

    package static let mostEndings = 256
    package static let mostExamples = 16

    package init(hash: [UInt8], endings: [String]?, programs: UInt64, disguised: UInt64, examples: [String]) {
        self.hash = hash
        self.endings = endings
        self.programs = programs
        self.disguised = disguised
        self.examples = examples
    }

    /// The worst of it.
    package var suspicion: SafeName.Suspicion? { self.disguised > 0 ? .disguised : self.programs > 0 ? .program : nil }
}

extension FileOffer {
    /// One file: its envelope says all there is to know, and its listing must say the same. Of anything else only the
    /// listing tells what comes.
    package var saysAll: Bool { !self.isFolder && self.tops == 1 && self.files == 1 }
}
