import EarshotModel
import EarshotWire

/// What this node keeps for others: sealed blobs, by where they belong and who left them (Protocol.md 19). When it is
/// full the newcomer is refused: whoever could push out what others left could erase it.
package struct Keeping: Sendable {
    package enum Action: Sendable, Equatable {
        case keep(MailFact)
        case answer(BlobID, MailAnswer, LinkID)
        /// Read it from disk and send it.
        case give(BlobID, LinkID)
    }

    /// How much of something there is.
    package struct Usage: Sendable, Hashable {
        package var blobs = 0
        package var bytes = 0

        fileprivate mutating func add(_ size: Int) { (self.blobs, self.bytes) = (self.blobs + 1, self.bytes + size) }
        fileprivate mutating func remove(_ size: Int) { (self.blobs, self.bytes) = (self.blobs - 1, self.bytes - size) }
        /// Whether one more of `size` bytes stays within limits.
        fileprivate func hasRoom(for size: Int, blobs: Int, bytes: Int) -> Bool {
            self.blobs < blobs && size <= bytes - self.bytes
        }
    }

    /// A device that fetches what is for it.
    private struct Taker: Sendable {
        let device: DeviceID
        let keys: [MailboxKey]
        private(set) var day: UInt32
        private(set) var tags: Set<MailboxTag> = []
        /// What is to be given, in order.
        var waiting: [BlobID] = []
        /// What was given and not answered.
        var open: Set<BlobID> = []

        init(_ device: DeviceID, _ keys: [MailboxKey], day: UInt32) {
            (self.device, self.keys, self.day) = (device, keys, day)
            self.compute()
        }

        /// Tags of as many days as something is kept, and one more for clocks that differ.
        private mutating func compute() {
            let days = UInt32(Limits.keptTime / 86_400_000) + 1
            let first = self.day > days ? self.day - days : 0
            for key in self.keys {
                for day in first...self.day.addingReportingOverflow(1).partialValue {
                    self.tags.insert(Derive.mailbox(key, of: self.device, day: day))
                }
            }
        }

        mutating func renew(day: UInt32) {
            guard day != self.day, day < .max else { return }
            self.day = day
            self.tags = []
            self.compute()
        }
    }

    /// A clock that stands before that was not set: nothing is erased by it. Unix ms, 2025.
    private static let sane: UInt64 = 1_735_689_600_000

    private var blobs: [BlobID: KeptBlob] = [:]
    private var byTag: [MailboxTag: [BlobID]] = [:]
    private var each: [PersonID: Usage] = [:]
    package private(set) var total = Usage()
    private var takers: [LinkID: Taker] = [:]
    /// When to look for what is too old, uptime in ms.
    package private(set) var wakeAt: UInt64?

    package init(_ snapshot: MailSnapshot) {
        for blob in snapshot.kept { self.note(blob) }
        self.wakeAt = self.blobs.isEmpty ? nil : 0
    }

    package var isEmpty: Bool { self.blobs.isEmpty }
    /// Where something belongs, without whose that is.
    package var tagCount: Int { self.byTag.count }
    /// How much each left here, in order.
    package var depositors: [(person: PersonID, usage: Usage)] {
        self.each.map { ($0.key, $0.value) }.sorted { $0.person < $1.person }
    }

    private mutating func note(_ blob: KeptBlob) {
        self.blobs[blob.id] = blob
        self.byTag[blob.tag, default: []].append(blob.id)
        self.each[blob.depositor, default: Usage()].add(blob.size)
        self.total.add(blob.size)
    }

    private mutating func erase(_ id: BlobID) -> [Action] {
        guard let blob = self.blobs.removeValue(forKey: id) else { return [] }
        self.byTag[blob.tag]?.removeAll { $0 == id }
        if self.byTag[blob.tag]?.isEmpty ?? false { self.byTag[blob.tag] = nil }
        self.each[blob.depositor]?.remove(blob.size)
        if self.each[blob.depositor]?.blobs == 0 { self.each[blob.depositor] = nil }
        self.total.remove(blob.size)
        return [.keep(.keptGone(id))]
    }

    // MARK: who leaves something

    /// - Parameters:
    ///   - mayLeave: whether mail of this person is kept.
    ///   - most: bytes that are kept in all.
    package mutating func put(
        _ blob: SealedBlob, by person: PersonID, _ link: LinkID, mayLeave: Bool, most: Int, at now: Moment
    ) -> [Action] {
        // Our answer to it may have been lost.
        if self.blobs[blob.id] != nil { return [.answer(blob.id, .kept, link)] }
        guard mayLeave else { return [.answer(blob.id, .refused, link)] }
        guard self.hasRoom(for: blob, by: person, most: most) else { return [.answer(blob.id, .full, link)] }
        self.note(KeptBlob(id: blob.id, tag: blob.tag, depositor: person, size: blob.bytes.count, at: now.wall))
        self.wakeAt = self.wakeAt ?? now.uptime
        var actions: [Action] = []
        if let kept = self.blobs[blob.id] { actions.append(.keep(.kept(kept, blob.bytes))) }
        actions.append(.answer(blob.id, .kept, link))
        for taker in self.takers.keys.sorted() {
            self.takers[taker]?.renew(day: now.wall.day)
            guard self.takers[taker]?.tags.contains(blob.tag) ?? false else { continue }
            self.takers[taker]?.waiting.append(blob.id)
            actions += self.next(taker)
        }
        return actions
    }

    private func hasRoom(for blob: SealedBlob, by person: PersonID, most: Int) -> Bool {
        let size = blob.bytes.count
        var tagged = Usage()
        for id in self.byTag[blob.tag] ?? [] { tagged.add(self.blobs[id]?.size ?? 0) }
        return (self.each[person] ?? Usage())
            .hasRoom(for: size, blobs: Limits.keptBlobsEach, bytes: Limits.keptBytesEach)
            && tagged.hasRoom(for: size, blobs: Limits.keptBlobsTag, bytes: Limits.keptBytesTag)
            && self.total.hasRoom(for: size, blobs: .max, bytes: min(most, Limits.keptBytes))
    }

    // MARK: whom it is for

    /// A device shows the keys of its mailboxes and wants what is in them. That they are its own follows from the
    /// tags, which hold its id.
    package mutating func take(_ keys: [MailboxKey], _ device: DeviceID, _ link: LinkID, at now: Moment) -> [Action] {
        var taker = Taker(device, Array(keys.prefix(Limits.mailboxesAsked)), day: min(now.wall.day, .max - 1))
        taker.open = self.takers[link]?.open ?? []
        let found = taker.tags.flatMap { self.byTag[$0] ?? [] }.compactMap { self.blobs[$0] }
        taker.waiting = found.filter { !taker.open.contains($0.id) }.sorted { ($0.at, $0.id) < ($1.at, $1.id) }
            .map(\.id)
        self.takers[link] = taker
        return self.next(link)
    }

    private mutating func next(_ link: LinkID) -> [Action] {
        var actions: [Action] = []
        while var taker = self.takers[link], taker.open.count < Limits.givenAtOnce, !taker.waiting.isEmpty {
            let id = taker.waiting.removeFirst()
            let isThere = self.blobs[id] != nil
            if isThere { taker.open.insert(id) }
            self.takers[link] = taker
            if isThere { actions.append(.give(id, link)) }
        }
        return actions
    }

    /// What somebody says of a blob.
    package mutating func answered(_ id: BlobID, _ answer: MailAnswer, by person: PersonID, _ link: LinkID) -> [Action]
    {
        switch answer {
        case .done:
            guard self.takers[link]?.open.remove(id) != nil else { return [] }
            return self.erase(id) + self.next(link)
        case .later:
            guard self.takers[link]?.open.remove(id) != nil else { return [] }
            return self.next(link)
        case .withdrawn:
            guard self.blobs[id]?.depositor == person else { return [] }
            return self.erase(id)
        case .kept, .full, .refused, .other: return []
        }
    }

    package mutating func closed(_ link: LinkID) { self.takers[link] = nil }

    // MARK: time

    /// What is too old goes.
    package mutating func wake(at now: Moment) -> [Action] {
        guard let at = self.wakeAt, at <= now.uptime else { return [] }
        guard !self.blobs.isEmpty else {
            self.wakeAt = nil
            return []
        }
        var soonest: UInt64 = 3_600_000
        var actions: [Action] = []
        if now.wall.milliseconds >= Self.sane {
            for (id, blob) in self.blobs {
                // What came while the clock was not set has no age.
                guard blob.at.milliseconds >= Self.sane else { continue }
                let end = blob.at.milliseconds.addingReportingOverflow(Limits.keptTime).partialValue
                if end <= now.wall.milliseconds {
                    actions += self.erase(id)
                } else {
                    soonest = min(soonest, end - now.wall.milliseconds)
                }
            }
        }
        self.wakeAt = now.uptime + max(soonest, 1_000)
        return actions
    }
}
