/// How fast something moves, smoothed over a few looks.
package struct TransferRate: Sendable, Hashable {
    private var have: Int64 = 0
    private var at: UInt64?
    /// Bytes a second.
    package private(set) var rate = 0.0

    package init() {}

    /// - Parameter at: ms.
    package mutating func note(have: Int64, at now: UInt64) {
        guard let before = self.at else {
            (self.have, self.at) = (have, now)
            return
        }
        guard now >= before + 200 else { return }
        let fresh = Double(max(0, have - self.have)) * 1_000 / Double(now - before)
        self.rate = self.rate == 0 ? fresh : self.rate * 0.7 + fresh * 0.3
        (self.have, self.at) = (have, now)
    }
}
