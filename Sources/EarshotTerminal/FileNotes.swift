import EarshotControl

/// What of an offer did not come along, and what is called otherwise at its receiver's: the first of each, and how many
/// there are.
package struct FileNotes: Sendable, Hashable {
    let omissions: [OmissionView]
    let renamings: [RenamingView]
    private let omissionCount: Int64
    private let renamingCount: Int64
    /// Whether the receiver is us.
    let isHere: Bool

    package init(_ sent: SentView) {
        self.omissions = sent.notSent ?? []
        self.renamings = sent.renamed ?? []
        self.omissionCount = sent.notSentCount ?? 0
        self.renamingCount = sent.renamedCount ?? 0
        self.isHere = false
    }

    package init(_ transfer: TransferView) {
        self.omissions = transfer.notSent ?? []
        self.renamings = transfer.renamed ?? []
        self.omissionCount = transfer.notSentCount ?? 0
        self.renamingCount = transfer.renamedCount ?? 0
        self.isHere = transfer.direction == .in
    }

    /// Not everything that was to go went.
    package var isIncomplete: Bool { self.omissionCount > 0 }

    /// How many there are besides those that are named.
    var moreOmissions: Int64 { max(0, self.omissionCount - Int64(clamping: self.omissions.count)) }
    var moreRenamings: Int64 { max(0, self.renamingCount - Int64(clamping: self.renamings.count)) }

    /// The paths that are named.
    package var paths: Set<String> { Set(self.omissions.map(\.path) + self.renamings.map(\.from)) }
}
