import EarshotModel

/// Which way files go, from where we are.
package enum Direction: String, Keyword {
    case `in`
    case out
}

/// Where a transfer stands (docs/Control.md, Files).
package enum TransferState: String, Keyword {
    /// The receiver has not answered yet.
    case offered
    /// Agreed to; it waits for the other, for its turn, or for what `reason` says.
    case waiting
    case active
    case paused
    case complete
    case declined
    case cancelled
    case failed

    /// Nothing more comes of it, unless somebody begins it again.
    package var isOver: Bool {
        switch self {
        case .offered, .waiting, .active, .paused: false
        case .complete, .declined, .cancelled, .failed: true
        }
    }
}

/// A transfer as the door shows it.
package struct TransferView: View {
    package var id: EnvelopeID
    /// The message that offers it, where that is another: of what we offer to a room each member has a transfer.
    package var message: EnvelopeID?
    package var direction: Direction
    /// The room it is offered in.
    package var room: RoomID?
    package var roomName: String?
    package var person: PersonID
    /// What the person is called.
    package var peer: String
    package var state: TransferState
    package var name: String
    /// Bytes that are on the receiver's disk.
    package var have: Int64
    /// Bytes in all; `nil` while it is still being written.
    package var size: Int64?
    package var count: Int64
    package var tops: Int64?
    package var folder: Bool?
    package var open: Bool?
    package var type: String?
    package var warning: FileWarning?
    package var picture: String?
    package var duration: Int64?
    package var at: Timestamp
    package var reason: String?
    /// The same as one word.
    package var cause: TransferCause?
    /// Bytes a second, of what is active.
    package var rate: Int64?
    /// Files that may run when they are opened, and some of their paths.
    package var programs: Int64?
    package var programNames: [String]?
    /// Its listing was not seen yet.
    package var unseen: Bool?
    /// The folder it goes into.
    package var to: String?
    /// Paths of what is there now.
    package var files: [String]?
    package var notSent: [OmissionView]?
    package var notSentCount: Int64?
    package var renamed: [RenamingView]?
    package var renamedCount: Int64?
    /// What we think of the other.
    package var trust: Trust?
    package var looksLike: String?
    package var looksLikePerson: PersonID?

    package init(
        id: EnvelopeID, direction: Direction, person: PersonID, peer: String, state: TransferState, file: FileView,
        have: Int64, at: Timestamp
    ) {
        self.id = id
        self.direction = direction
        self.person = person
        self.peer = peer
        self.state = state
        self.have = have
        self.at = at
        self.name = file.name
        self.size = file.size
        self.count = file.count
        self.tops = file.tops
        self.folder = file.folder
        self.open = file.open
        self.type = file.type
        self.warning = file.warning
        self.picture = file.picture
        self.duration = file.duration
    }

    /// What it is about, as in a message.
    package var file: FileView {
        var file = FileView(name: self.name, count: self.count)
        file.size = self.size
        file.tops = self.tops
        file.folder = self.folder
        file.open = self.open
        file.type = self.type
        file.warning = self.warning
        file.picture = self.picture
        file.duration = self.duration
        return file
    }
}

/// Whose files are taken without asking.
package struct RuleView: View {
    package var number: Int64
    package var from: PersonID?
    /// Only what is offered in this room.
    package var room: RoomID?
    /// What the person or the room is called.
    package var name: String?
    package var verified: Bool?
    package var most: Int64?
    package var types: [String]?
    package var folder: String
    package var quota: Int64?
    /// Where the file names the person from which it follows.
    package var namedBy: String?
    /// What we think of the other.
    package var trust: Trust?
    package var looksLike: String?
    package var looksLikePerson: PersonID?

    package init(number: Int64, folder: String) {
        self.number = number
        self.folder = folder
    }
}
