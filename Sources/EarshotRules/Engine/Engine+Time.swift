import EarshotModel
import EarshotWire

/// What happens because time went by, and what the disk says.
extension Engine {
    /// When to be woken, uptime in ms.
    package var wakeAt: UInt64? {
        [
            self.whereabouts.dialer.wakeAt(mayCallStrangers: self.mayCallStrangers), self.links.wakeAt,
            self.conversations.wakeAt, self.files.wakeAt, self.health.storage.wakeAt, self.trust.verification.wakeAt,
            self.trust.invitations.wakeAt, self.presence.own.wakeAt, self.whereabouts.ownAdvert.wakeAt,
            self.whereabouts.recognition.dueAt,
            self.mail.keeping.wakeAt, self.mail.depositing.wakeAt,
        ].compactMap { $0 }.min()
    }

    mutating func wake(at now: Moment) -> [Effect] {
        self.perform(self.links.wake(now: now.uptime))
            + self.perform(self.conversations.wake(self.peers, now: now.uptime))
            + self.wakeTrust(at: now)
            + self.perform(self.mail.keeping.wake(at: now))
            + (self.presence.own.wake(now: now.uptime) ? self.tellPresence(at: now) : [])
            + (self.health.storage.isDue(now: now.uptime) ? [.measureSpace] : [])
    }

    // MARK: disk

    /// A commit failed, and so would every other: from now on nothing is taken in until one can succeed.
    package mutating func note(_ trouble: StorageTrouble, at now: Moment) {
        self.health.storage.note(trouble, now: now.uptime)
    }

    /// The next envelope of a log cannot be stored, whatever is done: no more of that log is taken in.
    package mutating func giveUp(on log: LogID) { self.conversations.giveUp(on: log) }

    /// The disk says: what somebody holds of our log is not what we hold. Whatever they said of it counts for nothing.
    package mutating func contradicted(_ log: LogID, by device: DeviceID) -> [Effect] {
        self.perform(self.conversations.contradicted(log, by: device))
    }

    package mutating func forgetHeld(_ log: LogID, by device: DeviceID) {
        self.conversations.forgetHeld(log, by: device)
    }

    /// So many bytes are free, and something could be written or not.
    mutating func measured(free: UInt64, _ trouble: StorageTrouble?) -> [Effect] {
        guard self.health.storage.measured(free: free, trouble) else { return [] }
        // What was turned away is asked for now.
        self.mail.box.renew()
        return self.links.all.flatMap { self.offerAgain($0) }
    }
}
