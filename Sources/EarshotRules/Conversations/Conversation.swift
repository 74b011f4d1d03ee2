import EarshotModel
import EarshotWire
import Noise

/// What two persons or the members of a room say to each other, as far as this node holds it: the logs, who else holds
/// them, who has read them.
package struct Conversation: Sendable {
    /// Since when a message of ours is on another's disk, and before their eyes.
    package struct Progress: Hashable, Sendable {
        package var deliveredAt: Timestamp?
        package var readAt: Timestamp?

        package init(deliveredAt: Timestamp? = nil, readAt: Timestamp? = nil) {
            self.deliveredAt = deliveredAt
            self.readAt = readAt
        }
    }

    package struct Reading: Hashable, Sendable {
        package var seq: UInt64
        package var at: Timestamp
    }

    package let id: ConversationID
    /// Who else is in it.
    package var others: Set<PersonID>
    /// The log this device writes; logs of its earlier generations are among the others.
    package private(set) var ours: LogID
    private let device: DeviceID
    package private(set) var logs: [LogID: Log] = [:]
    /// How far devices of others are known to hold what this device wrote.
    private var held: [LogID: [DeviceID: Reading]] = [:]
    private var readings: [PersonID: [LogID: Reading]] = [:]
    /// When a log last grew, counted.
    private var moves: [LogID: UInt64] = [:]
    private var moveCount: UInt64 = 0
    /// Where logs begin of which we have nothing before.
    private var starts: [LogID: UInt64] = [:]

    package init(_ id: ConversationID, device: DeviceID, others: Set<PersonID>, generation: [UInt8]) {
        self.id = id
        self.others = others
        self.ours = Derive.log(generation: generation, self.id)
        self.device = device
        self.logs[self.ours] = Log(device: device)
    }

    /// What the disk remembers, the log that was last written to last.
    package mutating func restore(_ head: Snapshot.Head) {
        self.moved(head.log)
        self.logs[head.log] = Log(device: head.device, seq: head.seq, id: head.id)
    }

    package mutating func restore(_ held: Snapshot.Held) {
        self.held[held.log, default: [:]][held.device] = Reading(seq: held.seq, at: Timestamp(milliseconds: 0))
    }

    package mutating func restore(_ mark: Snapshot.ReadMark) {
        self.readings[mark.person, default: [:]][mark.log] = Reading(seq: mark.seq, at: mark.at)
    }

    /// Where our own log ends; 0 while we have said nothing.
    package var said: UInt64 { self.logs[self.ours]?.seq ?? 0 }

    /// Whether there is anything in it.
    package var isEmpty: Bool { self.logs.values.allSatisfy { $0.seq == 0 } }

    /// Heads of the other logs, those that grew last: what our next envelope may be an answer to.
    package var parents: [EnvelopeID] {
        let others = self.logs.filter { $0.key != self.ours && $0.value.id != nil }
        let latest = others.sorted { (self.moves[$0.key] ?? 0, $0.key) > (self.moves[$1.key] ?? 0, $1.key) }
        return latest.prefix(Limits.parents).compactMap(\.value.id)
    }

    private mutating func moved(_ log: LogID) {
        self.moveCount += 1
        self.moves[log] = self.moveCount
    }

    /// What we hold and have read, for Heads (Protocol.md 9). With `only`, just those logs.
    package func heads(readBy me: PersonID, only: Set<LogID>? = nil, ask: Bool = false) -> Heads {
        let logs: [LogID]
        if let only { logs = only.sorted() } else { logs = self.logs.filter { $0.value.seq > 0 }.keys.sorted() }
        let marks = logs.compactMap { log -> Mark? in
            guard let state = self.logs[log] else { return nil }
            let reading = self.readings[me]?[log]
            return Mark(
                log: log, device: state.device, seq: state.seq, id: state.id, read: reading?.seq ?? 0,
                readAt: reading?.at ?? Timestamp(milliseconds: 0), after: self.starts[log] ?? 0)
        }
        return Heads(conversation: self.id, marks: Array(marks.prefix(Limits.protobufRepeated)), ask: ask)
    }

    /// The next place in our own log.
    package var next: (seq: UInt64, prev: EnvelopeID?) {
        let log = self.logs[self.ours]
        return ((log?.seq ?? 0) + 1, log?.id)
    }

    /// Starts following a log, if the device may have one more. Says whether it is followed now.
    package mutating func follow(_ log: LogID, of device: DeviceID) -> Bool {
        if let known = self.logs[log] { return known.device == device }
        // Each restored backup begins a new one.
        guard self.logs.count < Limits.logsPerConversation,
            self.logs.values.count(where: { $0.device == device }) < Limits.logsPerDevice
        else { return false }
        self.logs[log] = Log(device: device)
        return true
    }

    /// - Parameter takes: whether what waited for this becomes part of its log as well.
    package mutating func receive(
        _ verified: VerifiedEnvelope, takes: (VerifiedEnvelope) -> Bool = { _ in true }
    ) -> Log.Outcome {
        let envelope = verified.envelope
        guard envelope.conversation == self.id else { return .refused }
        if let known = self.logs[envelope.log], known.device != envelope.device { return .fork }
        guard self.follow(envelope.log, of: envelope.device) else { return .refused }
        // Only what comes too early waits, and then all that waits is counted.
        let mayPark = envelope.seq <= (self.logs[envelope.log]?.seq ?? 0) + 1 || self.hasRoom
        let outcome = self.logs[envelope.log]?.receive(verified, mayPark: mayPark, takes: takes) ?? .fork
        if case .taken = outcome { self.moved(envelope.log) }
        return outcome
    }

    package mutating func receive(
        _ gone: Gone, takes: (VerifiedEnvelope) -> Bool = { _ in true }
    ) -> Log.Outcome {
        let mayPark = self.hasRoom
        return self.logs[gone.log]?.receive(gone, mayPark: mayPark, takes: takes) ?? .known
    }

    /// Whether something that comes too early may wait, in whichever log.
    private var hasRoom: Bool {
        var (count, bytes) = (0, 0)
        for log in self.logs.values { (count, bytes) = (count + log.earlyCount, bytes + log.earlyBytes) }
        return count < Limits.parkedEnvelopes && bytes < Limits.parkedBytes
    }

    /// How far a device is known to hold a log that we wrote.
    package func held(_ log: LogID, by device: DeviceID) -> UInt64 { self.held[log]?[device]?.seq ?? 0 }

    /// The devices that are known to hold something of a log that we wrote, and up to where.
    package func holders(of log: LogID) -> [(device: DeviceID, seq: UInt64)] {
        (self.held[log] ?? [:]).map { ($0.key, $0.value.seq) }
    }

    /// Up to where a person has read a log.
    package func read(_ log: LogID, by person: PersonID) -> UInt64 { self.readings[person]?[log]?.seq ?? 0 }

    /// What a device said it holds was something else.
    package mutating func forgetHeld(_ log: LogID, by device: DeviceID) { self.held[log]?[device] = nil }

    /// Whether anybody else is known to hold anything that we wrote.
    package var isHeldByOthers: Bool { !self.held.isEmpty }

    /// How far what we wrote has come: on the disk of anybody else, and before the eyes of all others.
    package func progress(of log: LogID, _ seq: UInt64) -> Progress {
        let readings = self.others.map { person in
            self.readings[person]?[log].flatMap { $0.seq >= seq ? $0.at : nil }
        }
        let isRead = !readings.isEmpty && !readings.contains(nil)
        let held = self.held[log]?.values.filter { $0.seq >= seq }.map(\.at).min()
        return Progress(
            deliveredAt: held ?? readings.compactMap { $0 }.min(),
            readAt: isRead ? readings.compactMap { $0 }.max() : nil)
    }

    /// Up to where anybody else holds a log that we wrote, and up to where all others have read it: what `progress`
    /// asks for one message, for all.
    package func reach(of log: LogID) -> (held: UInt64, read: UInt64) {
        let readings = self.others.map { self.readings[$0]?[log]?.seq ?? 0 }
        let held = self.held[log]?.values.map(\.seq).max() ?? 0
        return (max(readings.max() ?? 0, held), readings.min() ?? 0)
    }

    // MARK: logs that begin later

    /// We have nothing of a log up to here; that is where it begins. Says whether that is news.
    package mutating func begin(_ start: LogStart) -> Bool {
        guard self.follow(start.log, of: start.device), start.seq > self.logs[start.log]?.seq ?? 0 else { return false }
        self.logs[start.log]?.begin(behind: start.seq, start.id)
        self.starts[start.log] = start.seq
        return true
    }

    package mutating func restore(start seq: UInt64, of log: LogID) { self.starts[log] = seq }

    /// Up to where we have nothing of a log, as it began later for us.
    package func start(of log: LogID) -> UInt64 { self.starts[log] ?? 0 }

    /// Where our logs of others and ourselves end, those that grew last first: where somebody who comes now begins.
    package var ends: [LogStart] {
        self.logs.sorted { (self.moves[$0.key] ?? 0, $0.key) > (self.moves[$1.key] ?? 0, $1.key) }
            .compactMap { log, state in
                state.id.map { LogStart(log: log, device: state.device, seq: state.seq, id: $0) }
            }
    }

    /// We write another log from now on.
    package mutating func begin(generation: [UInt8]) {
        self.ours = Derive.log(generation: generation, self.id)
        if self.logs[self.ours] == nil { self.logs[self.ours] = Log(device: self.device) }
    }

    /// Whether somebody holds something else where a log of ours ends.
    package func contradicts(_ mark: Mark) -> Bool {
        guard let log = self.logs[mark.log], let id = mark.id else { return false }
        return mark.seq == log.seq && id != log.id
    }

    /// A device of a person tells how far it holds a log of ours and they have read it. Says what is news.
    package mutating func note(_ mark: Mark, by device: DeviceID, of person: PersonID, at now: Timestamp) -> [Fact] {
        guard let log = self.logs[mark.log], mark.seq <= log.seq, let head = mark.id else { return [] }
        var facts: [Fact] = []
        if self.note(held: mark.seq, of: mark.log, by: device, at: now) {
            facts.append(.held(self.id, mark.log, by: device, of: person, seq: mark.seq, id: head, at: now))
        }
        let read = min(mark.read, mark.seq)
        let at = min(mark.readAt.milliseconds == 0 ? now : mark.readAt, now)
        if read > 0, self.note(read: read, of: mark.log, by: person, at: at) {
            facts.append(.read(self.id, mark.log, by: person, seq: read, at: at))
        }
        return facts
    }

    /// A device says it holds a log of ours up to `seq`. Says whether that is news.
    package mutating func note(held seq: UInt64, of log: LogID, by device: DeviceID, at: Timestamp) -> Bool {
        guard let own = self.logs[log], own.device == self.device, seq <= own.seq, seq > self.held(log, by: device)
        else { return false }
        self.held[log, default: [:]][device] = Reading(seq: seq, at: at)
        return true
    }

    /// A person has read a log up to `seq`. Says whether that is news.
    package mutating func note(read seq: UInt64, of log: LogID, by person: PersonID, at: Timestamp) -> Bool {
        guard seq > self.readings[person]?[log]?.seq ?? 0 else { return false }
        self.readings[person, default: [:]][log] = Reading(seq: seq, at: at)
        return true
    }
}
