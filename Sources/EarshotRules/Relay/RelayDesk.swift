import EarshotModel
import EarshotWire

/// Relaying for others (Protocol.md 20): brings together two contacts of ours who have named the same pair and cannot
/// reach each other. It learns which devices meet, and never a byte of what they say.
struct RelayDesk: Sendable {
    enum Action: Equatable, Sendable {
        case transmit(RelayStep, DeviceID)
        /// Whoever knocked waits for whoever shows this ticket.
        case bring(KnockID, ticket: Hash16)
        case turnAway(KnockID)
        /// Their bytes go no further.
        case end(KnockID)
    }

    private struct Seeker: Sendable {
        var tags: Set<Hash16> = []
        var seeks = TokenBucket(Limits.relaySeeksPerSecond, burst: Limits.relaySeeksAtOnce)
        var knocks = TokenBucket(Limits.relayKnocksPerSecond, burst: Limits.relayKnocksAtOnce)
    }
    private struct Way: Hashable, Sendable {
        let from: DeviceID
        let to: DeviceID
    }

    /// Where we are called; `nil` while we relay for nobody.
    private(set) var port: UInt16?
    private var seekers: [DeviceID: Seeker] = [:]
    private var byTag: [Hash16: Set<DeviceID>] = [:]
    /// A way keeps its door for as long as we run, so that those who come again are found behind the same.
    private var doors: [Way: Hash16] = [:]
    private var ways: [Hash16: Way] = [:]
    /// Those who were let through, or wait to be.
    private var meetings: [KnockID: Way] = [:]

    /// Connections that are let through or wait to be.
    var meetingCount: Int { self.meetings.count }

    /// Begins or ends to relay.
    mutating func use(port: UInt16?) -> [Action] {
        guard port != self.port else { return [] }
        self.port = port
        guard port == nil else { return [] }
        let ended = self.meetings.keys.sorted { $0.raw < $1.raw }.map { Action.end($0) }
        (self.seekers, self.byTag, self.doors, self.ways, self.meetings) = ([:], [:], [:], [:], [:])
        return ended
    }

    /// Whom a device seeks, from now on.
    mutating func seek(
        _ tags: [Hash16], _ device: DeviceID, chance: (Int) -> [UInt8], now: UInt64
    ) -> [Action] {
        guard self.port != nil else { return [] }
        var seeker = self.seekers[device] ?? Seeker()
        guard seeker.seeks.take(now: now) == nil else { return [] }
        let (old, new) = (seeker.tags, Set(tags))
        seeker.tags = new
        self.seekers[device] = seeker
        var actions: [Action] = []
        for tag in old.subtracting(new) { actions += self.leave(tag, device) }
        for tag in new.sorted() {
            let others = self.byTag[tag, default: []].subtracting([device])
            // A pair is two devices; of more, somebody names what is not theirs.
            guard others.count < Limits.relayPair else { continue }
            self.byTag[tag, default: []].insert(device)
            for other in others.sorted() {
                // Also if they were told before: they may have begun anew since.
                if let door = self.door(device, other, chance) {
                    actions.append(.transmit(.there(tag: tag, door: door), device))
                }
                if !old.contains(tag), let door = self.door(other, device, chance) {
                    actions.append(.transmit(.there(tag: tag, door: door), other))
                }
            }
        }
        return actions
    }

    private mutating func door(_ from: DeviceID, _ to: DeviceID, _ chance: (Int) -> [UInt8]) -> Hash16? {
        let way = Way(from: from, to: to)
        if let door = self.doors[way] { return door }
        guard self.doors.count < Limits.relayDoors, let door = Hash16(chance(16)) else { return nil }
        self.doors[way] = door
        self.ways[door] = way
        return door
    }

    private mutating func leave(_ tag: Hash16, _ device: DeviceID) -> [Action] {
        self.byTag[tag]?.remove(device)
        let others = self.byTag[tag] ?? []
        if others.isEmpty { self.byTag[tag] = nil }
        return others.sorted().compactMap { other in
            self.doors[Way(from: other, to: device)].map { .transmit(.gone(door: $0), other) }
        }
    }

    /// The last link to a device is gone.
    mutating func left(_ device: DeviceID) -> [Action] {
        guard let seeker = self.seekers.removeValue(forKey: device) else { return [] }
        return seeker.tags.sorted().flatMap { self.leave($0, device) }
    }

    /// We relay no more for this device, and what runs ends.
    mutating func refuse(_ device: DeviceID) -> [Action] {
        let ended = self.meetings.filter { $0.value.from == device || $0.value.to == device }.keys
        for knock in ended { self.meetings[knock] = nil }
        return self.left(device) + ended.sorted { $0.raw < $1.raw }.map { .end($0) }
    }

    /// Somebody stands before a door. Whoever is behind it is asked to fetch them.
    mutating func knocked(_ knock: KnockID, _ door: Hash16, chance: (Int) -> [UInt8], now: UInt64) -> [Action] {
        guard self.port != nil, let way = self.ways[door], self.meet(way),
            self.meetings.count < Limits.relayMeetings,
            self.meetings.values.count(where: { $0.from == way.from || $0.to == way.from })
                < Limits.relayMeetingsPerDevice,
            self.seekers[way.from]?.knocks.take(now: now) == nil, let ticket = Hash16(chance(16))
        else { return [.turnAway(knock)] }
        self.meetings[knock] = way
        return [.bring(knock, ticket: ticket), .transmit(.come(ticket: ticket), way.to)]
    }

    /// Whether both still want it.
    private func meet(_ way: Way) -> Bool {
        guard let from = self.seekers[way.from], let to = self.seekers[way.to] else { return false }
        return !from.tags.isDisjoint(with: to.tags)
    }

    /// A meeting is over, or never was.
    mutating func ended(_ knock: KnockID) { self.meetings[knock] = nil }
}
