import EarshotModel

/// How fast a transfer goes just now: over the last few seconds, so that it falls when nothing comes. Times are
/// uptime in ms.
package struct RateMeter: Sendable {
    /// What is looked back at.
    private static let window: UInt64 = 4_000
    private static let most = 32
    /// Nothing has come for so long.
    package static let silence: UInt64 = 3_000

    private var samples: [(at: UInt64, have: UInt64)] = []

    package init() {}

    /// So many bytes are there now.
    package mutating func note(_ have: UInt64, at now: UInt64) {
        // Begun anew.
        if let last = self.samples.last, have < last.have { self.samples = [] }
        if let last = self.samples.last, have == last.have, self.samples.count > 1 { return }
        if let first = self.samples.first,
            self.samples.count >= Self.most || self.samples.count > 1 && now > first.at + 2 * Self.window
        {
            self.samples.removeFirst()
        }
        self.samples.append((now, have))
    }

    /// Bytes a second.
    package func rate(at now: UInt64) -> UInt64 {
        guard let last = self.samples.last, now < last.at + Self.window,
            let first = self.samples.last(where: { $0.at + Self.window <= now }) ?? self.samples.first, now > first.at
        else { return 0 }
        let (came, span) = (last.have - first.have, now - first.at)
        let (product, isOver) = came.multipliedReportingOverflow(by: 1_000)
        guard isOver else { return product / span }
        // What somebody else says they have may be any number.
        let (rough, isTooMuch) = (came / span).multipliedReportingOverflow(by: 1_000)
        return isTooMuch ? .max : rough
    }

    /// Whether nothing has come for a while.
    package func isSilent(at now: UInt64) -> Bool { self.samples.last.map { now >= $0.at + Self.silence } ?? false }
}
