import EarshotModel

/// Whom to ask for what its author, who is away, cannot give: each who is here in turn, for they may have been offered
/// it too (Protocol.md 13, from one to many). All times are uptime in ms.
struct SourceSearch: Sendable {
    private enum Pace {
        /// The author may be back in a moment.
        static let patience: UInt64 = 10_000
        /// Everybody here was asked: who is new is asked then.
        static let look: UInt64 = 60_000
        /// Who gave nothing may have got it since.
        static let again: UInt64 = 600_000
        /// Who gave something and broke off.
        static let soon: UInt64 = 5_000
    }

    private var looks: [EnvelopeID: UInt64] = [:]
    private var asked: [EnvelopeID: [DeviceID: UInt64]] = [:]

    /// The author is here, or nothing is wanted any more.
    mutating func forget(_ id: EnvelopeID) {
        self.looks[id] = nil
        self.asked[id] = nil
    }

    /// Whether somebody should be asked now. Its author has only just gone the first time this is asked.
    mutating func isDue(_ id: EnvelopeID, now: UInt64) -> Bool {
        guard let look = self.looks[id] else {
            self.looks[id] = now + Pace.patience
            return false
        }
        return now >= look
    }

    /// Whom to ask of these: the first who was not asked lately.
    mutating func next(_ id: EnvelopeID, among devices: [DeviceID], now: UInt64) -> DeviceID? {
        self.looks[id] = now + Pace.look
        let chosen = devices.first { self.asked[id]?[$0] ?? 0 <= now }
        if let chosen {
            self.asked[id, default: [:]][chosen] = now + Pace.again
            self.looks[id] = now
        }
        return chosen
    }

    /// They give no more; they may be asked again soon if they gave something.
    mutating func ended(_ id: EnvelopeID, _ device: DeviceID, gave: Bool, now: UInt64) {
        if gave { self.asked[id]?[device] = now + Pace.soon }
    }

    /// When to look again, for what could begin now.
    func wakeAt(_ couldBegin: (EnvelopeID) -> Bool) -> UInt64? { self.looks.filter { couldBegin($0.key) }.values.min() }
}
