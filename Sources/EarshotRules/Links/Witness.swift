import EarshotModel

/// What messages tell of the network and of clocks, for whoever looks for what is wrong. It decides nothing.
package struct Witness: Sendable {
    /// Of so many persons at most.
    private static let most = 256
    /// What is not older than this, in ms, was written by somebody who is here.
    private static let fresh: UInt64 = 60_000
    /// So often, before it is no chance.
    private static let enough = 3
    /// Ms by which clocks may differ.
    private static let clocks: UInt64 = 120_000

    /// How often something fresh of a person came although we have no session with them: by another's hands.
    private var passedOn: [PersonID: Int] = [:]
    /// Ms by which a person's clock is ahead of ours, as they wrote last.
    private var ahead: [PersonID: UInt64] = [:]

    init() {}

    /// Something came that was written at a time.
    mutating func came(by author: PersonID, written: UInt64, isLinked: Bool, at now: Moment) {
        let wall = now.wall.milliseconds
        if isLinked {
            self.passedOn[author] = nil
            // What is behind may have waited; only from ahead nothing comes.
            let isAhead = written > wall && written - wall > Self.clocks
            if isAhead, self.ahead.count < Self.most || self.ahead[author] != nil {
                self.ahead[author] = written - wall
            } else if !isAhead {
                self.ahead[author] = nil
            }
            return
        }
        let age = written > wall ? written - wall : wall - written
        guard age <= Self.fresh, self.passedOn.count < Self.most || self.passedOn[author] != nil else { return }
        self.passedOn[author, default: 0] += 1
    }

    /// There is a session with a person: nothing keeps us apart.
    mutating func met(_ person: PersonID) { self.passedOn[person] = nil }

    /// Persons who are here and whom we hear only through others.
    package var apart: [PersonID] { self.passedOn.filter { $0.value >= Self.enough }.keys.sorted() }
    /// Persons whose clocks are ahead of ours, and by how many ms.
    package var clocksAhead: [(person: PersonID, by: UInt64)] {
        self.ahead.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
