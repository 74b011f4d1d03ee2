import EarshotModel
import EarshotStore
import EarshotWire

/// Wants that wait to be answered, by link: read from disk only as fast as the line takes them.
struct Backfill {
    private var waiting: [LinkID: [Want]] = [:]

    var isEmpty: Bool { self.waiting.isEmpty }
    var links: [LinkID] { self.waiting.keys.sorted() }

    /// Says whether there are too many now.
    mutating func add(_ want: Want, _ link: LinkID) -> Bool {
        self.waiting[link, default: []].append(want)
        return (self.waiting[link]?.count ?? 0) > Limits.waitingWants
    }

    mutating func drop(_ link: LinkID) { self.waiting[link] = nil }

    /// The next thing to send on a link, at most one frame of envelopes.
    mutating func next(_ link: LinkID, from store: Store) throws -> [Piece]? {
        guard let want = self.waiting[link]?.first else { return nil }
        let stored = try store.envelopes(want.log, from: want.from, to: want.to, mostBytes: Limits.envelopesFrame)
        var pieces: [Piece] = []
        var wire: [UInt8] = []
        var last = want.to
        for item in stored {
            switch item {
            case .wire(let seq, let bytes):
                wire += bytes
                last = seq
            case .gone(let seq, let id):
                if !wire.isEmpty { pieces.append(.envelopes(wire)) }
                wire = []
                pieces.append(.gone(Gone(conversation: want.conversation, log: want.log, seq: seq, id: id)))
                last = seq
            }
        }
        if !wire.isEmpty { pieces.append(.envelopes(wire)) }
        self.waiting[link]?.removeFirst()
        if !stored.isEmpty, last < want.to,
            let rest = Want(conversation: want.conversation, log: want.log, from: last + 1, to: want.to)
        {
            self.waiting[link]?.insert(rest, at: 0)
        }
        if self.waiting[link]?.isEmpty ?? false { self.waiting[link] = nil }
        return pieces
    }

    enum Piece {
        case envelopes([UInt8])
        case gone(Gone)
    }
}
