import EarshotConfig
import EarshotControl
import EarshotModel
import EarshotRules
import EarshotStore
import EarshotTransfer
import EarshotWire

/// Everything the loop owns while it runs. One owner, no lock.
struct RunState {
    /// Someone who wants an answer only when a message has got somewhere.
    struct Waiting {
        let said: [Engine.SentMessage]
        let to: [Recipient]
        /// Whoever asked: once they are gone nobody waits.
        let caller: CallerID
        /// Uptime in ms.
        let until: UInt64
        /// What of the round's effects it stands for.
        var effects = 0..<0
        let outcome: Outcome
    }

    /// Who is told, and of what.
    enum Outcome {
        case messages(TextWait, Reply<[SentView]>)
        /// They are there when the files are.
        case offers(Reply<OfferAnswer>)

        func fail(_ error: DoorError) {
            switch self {
            case .messages(_, let reply): reply(.failure(error))
            case .offers(let reply): reply(.failure(error))
            }
        }
    }

    struct Joining {
        let caller: CallerID
        let from: PersonID?
        let reply: Reply<PersonView>
    }

    var engine: Engine
    var settings: LiveSettings
    var talks: Talks
    var counts = Counts()
    var subscribers = Subscribers()
    var backfill = Backfill()
    var early: EarlyRequests
    var waiting: [Waiting] = []
    /// Who compares keys with whom, for as long as they are connected.
    var comparing: [PersonID: CallerID] = [:]
    /// Who waits for having joined somebody.
    var joining: Joining?
    var transfers = TransferTable()
    var news = TransferNews()
    /// Who writes a share of ours that is not complete yet.
    var growers: [ShareID: CallerID] = [:]
    /// Who takes a transfer from a pipe, and the folder in the spool it comes into.
    var streams: [EnvelopeID: (caller: CallerID, folder: String)] = [:]
    var folderChecks = FolderChecks()
    /// Who at the door shows whom what they write while they write it.
    var live: [PersonID: Set<CallerID>] = [:]
    /// Those of this round, until what they wait for is written.
    var beginning: [Waiting] = []
    /// How far others hold our logs, not on disk yet: it goes with the next commit.
    var deferredTicks = DeferredTicks()
    /// Events of a link that were dealt with and its link was not told yet.
    var consumed: [LinkID: Int] = [:]
    /// When the engine wants to be woken, as it said at the end of the last round; uptime in ms.
    var wakeAt: UInt64?
    /// Why the node cannot go on.
    var failure: (any Error)?
    /// Something that was read was not what had been written.
    var damage: StoreError?
    /// How often the database was made anew since the start.
    var repairs = 0
    /// The last commit, and the last of which listeners were told.
    var cursor: UInt64
    /// A backup that is being made.
    var backup: BackupJob?
    /// Uptime in ms when words should be put into the index of the search; nothing when all are.
    var indexAt: UInt64?
    /// What the setting of the lobby was when it was last looked at.
    var lobby: Switch = .off
    /// Uptime in ms when to look for messages whose time is over; `nil` when none has one.
    var sweepAt: UInt64?
    let port: UInt16
    /// Adverts of others, by the index of the interface they were heard on.
    var heardOn: [UInt32: Int] = [:]
    var backend = "starting"
    var isAdvertised = false
    var isStopping = false
    let startedAt: UInt64

    init(
        engine: Engine, settings: LiveSettings, talks: Talks, cursor: UInt64, port: UInt16, looks: Bool
    ) {
        self.engine = engine
        self.settings = settings
        self.talks = talks
        self.cursor = cursor
        self.port = port
        self.startedAt = Node.now().uptime
        self.indexAt = self.startedAt + 2_000
        self.sweepAt = self.startedAt
        self.early = EarlyRequests(startedAt: self.startedAt, looks: looks)
    }

    mutating func forget(_ link: LinkID) {
        self.backfill.drop(link)
        self.consumed[link] = nil
    }
}
