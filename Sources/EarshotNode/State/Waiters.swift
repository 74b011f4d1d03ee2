import EarshotControl
import EarshotModel
import EarshotRules

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
}

/// All who wait so.
struct Waiters {
    /// Those of this round, until what they wait for is written.
    private var beginning: [Waiting] = []
    private var all: [Waiting] = []

    var isEmpty: Bool { self.all.isEmpty }
    /// How many have begun in this round.
    var begun: Int { self.beginning.count }
    /// When the first has waited long enough; uptime in ms.
    var until: UInt64? { self.all.map(\.until).min() }

    mutating func begin(_ one: Waiting) { self.beginning.append(one) }
    /// Those that have begun since there were `before` stand for these effects of the round.
    mutating func stand(for effects: Range<Int>, since before: Int) {
        for index in self.beginning.indices.dropFirst(before) { self.beginning[index].effects = effects }
    }

    /// The round is on disk, but for what `failure` knows of effects: whoever stands for those is told.
    mutating func kept(unless failure: (Range<Int>) -> DoorError? = { _ in nil }) {
        for one in self.beginning {
            if let error = failure(one.effects) { one.outcome.fail(error) } else { self.all.append(one) }
        }
        self.beginning = []
    }

    /// All of them, to be looked at; who is not told is put back.
    mutating func take() -> [Waiting] {
        defer { self.all = [] }
        return self.all
    }
    mutating func putBack(_ rest: [Waiting]) { self.all = rest + self.all }

    mutating func leave(_ caller: CallerID) {
        self.beginning.removeAll { $0.caller == caller }
        self.all.removeAll { $0.caller == caller }
    }
}
