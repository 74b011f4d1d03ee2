import EarshotModel
import EarshotWire

/// Offers, and the bytes that come of them: who fetches what from whom, and when again (Protocol.md 13). The threads
/// that move the bytes tell it events and take its orders.
struct Files: Sendable {
    /// What it wants done.
    enum Action: Sendable {
        case keep(Fact)
        case announce(News)
        case bulk(BulkOrder)
        case transmit([Frame], LinkID)
        /// Tell them in the conversation of the offer. Where nothing can be written they learn of it when they ask.
        case say(Content, in: ConversationID, to: PersonID, at: Moment)
    }

    /// What is offered and what becomes of it. Only the files of this machine touch it.
    var table: Transfers
    private(set) var settings: FilesSettings
    /// Where files go if neither a rule nor a setting says where, absolute; `nil`: then no rule says yes without a
    /// folder of its own.
    var downloads: String?

    init(_ snapshot: Snapshot) {
        self.table = Transfers(snapshot)
        self.settings = FilesSettings(
            FilesSettings(), rules: FilesSettings.rules(kept: snapshot.settings["files.rules"]))
    }

    /// Begins again from what is on disk.
    init(again old: Files, _ snapshot: Snapshot) {
        self.init(snapshot)
        self.downloads = old.downloads
        self.settings = FilesSettings(old.settings, rules: self.settings.rules)
    }

    // MARK: what is asked of it

    /// A transfer that is not over.
    subscript(id: EnvelopeID) -> Transfer? { self.table[id] }
    func isRunning(_ id: EnvelopeID) -> Bool { self.table.isRunning(id) }
    /// The oldest first.
    var open: [Transfer] { self.table.all.values.sorted { ($0.at, $0.id) < ($1.at, $1.id) } }
    var shares: [Share] { self.table.shares.values.sorted { $0.id < $1.id } }
    func share(_ id: ShareID) -> Share? { self.table.shares[id] }
    var wakeAt: UInt64? { self.table.wakeAt }

    // MARK: settings

    /// Where files go, and how fast, from now on. Rules stay as they are.
    mutating func use(_ settings: FilesSettings) {
        let granted = self.settings.granted
        self.settings = FilesSettings(settings, rules: self.settings.rules)
        self.settings.granted = granted
    }

    mutating func set(rules: [AcceptanceRule]) -> [Action] {
        self.settings.rules = rules
        return [.keep(.setting("files.rules", rules.isEmpty ? nil : self.settings.encodedRules))]
    }

    mutating func grant(_ rules: [AcceptanceRule]) { self.settings.granted = rules }

    // MARK: telling

    /// Changes a transfer, keeps it and tells it; and lets go of files that nobody can fetch any more.
    mutating func turn(_ id: EnvelopeID, _ body: (inout Transfer) -> Void) -> [Action] {
        guard let transfer = self.table.change(id, body) else { return [] }
        let unused = transfer.state.isFinal ? self.table.dropUnused() : []
        return unused.flatMap { [.keep(.shareGone($0.id)), .bulk(.forget($0))] } + self.tell(transfer)
    }

    mutating func turn(_ id: EnvelopeID, reason: TransferReason?) -> [Action] { self.turn(id) { $0.reason = reason } }

    mutating func fail(_ id: EnvelopeID, _ reason: TransferReason) -> [Action] {
        self.turn(id) { transfer in
            transfer.state = .failed
            transfer.reason = reason
        }
    }

    func tell(_ transfer: Transfer) -> [Action] {
        [.keep(.transfer(transfer)), .announce(.transfer(transfer, running: self.table.isRunning(transfer.id)))]
    }
}
