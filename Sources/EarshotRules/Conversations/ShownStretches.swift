import EarshotModel

/// Up to where each stretch of a room's talk is shown, as it was last told.
struct ShownStretches: Sendable {
    private var limits: [Stretch: ShownLimit]
    /// Those that something was told of, by talk.
    private var told: [ConversationID: Set<Stretch>] = [:]

    init(_ kept: [Stretch: ShownLimit]) { self.limits = kept }

    /// What is kept of a log is of this talk.
    mutating func restore(_ log: LogID, of talk: ConversationID) {
        for stretch in self.limits.keys where stretch.log == log { self.told[talk, default: []].insert(stretch) }
    }

    func isTold(_ stretch: Stretch) -> Bool { self.limits[stretch] != nil }

    /// Those of a talk that were told, in order.
    func told(of talk: ConversationID) -> [Stretch] {
        (self.told[talk] ?? []).sorted { ($0.log, $0.membership) < ($1.log, $1.membership) }
    }

    /// It is told.
    /// - Returns: whether that is something new.
    mutating func tell(_ stretch: Stretch, of talk: ConversationID, _ limit: ShownLimit) -> Bool {
        guard self.limits[stretch] != limit else { return false }
        self.limits[stretch] = limit
        self.told[talk, default: []].insert(stretch)
        return true
    }
}
