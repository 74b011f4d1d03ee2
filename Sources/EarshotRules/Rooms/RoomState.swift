import EarshotModel
import EarshotWire

/// Who is in a room, and what is set there: what follows from its operations (Protocol.md 17).
package struct RoomState: Hashable, Sendable {
    /// What became of a person's stay.
    package enum Standing: UInt8, Hashable, Sendable {
        case invited = 0
        case joined = 1
        case left = 2
        /// The owner took them out.
        case taken = 3

        package var isMember: Bool { self == .invited || self == .joined }
    }

    /// How a stay ended.
    package struct End: Hashable, Sendable {
        /// The number of the last owner who took the person out; `nil` where they left.
        package var taker: UInt64?
        /// Up to where the person's logs count; a log that is not named counts not at all.
        package var cut: [LogID: UInt64]
        /// Where the person left, by the log it lies in: what they do behind that does not count.
        package var leavings: [LogID: UInt64]
        /// The operations that say so, by the log they lie in.
        package var words: [LogID: Word]

        package var isTaken: Bool { self.taker != nil }
    }

    /// Where an operation lies.
    package struct Word: Hashable, Sendable {
        package let seq: UInt64
        package let id: EnvelopeID
    }

    package struct Setting: Hashable, Sendable {
        package var number: UInt64
        package var value: UInt64
        package var text: String
        package var cut: [LogID: UInt64]
    }

    package let charter: Charter
    /// Every owner there was, the first first. The number of one is how many there were with them.
    package var owners: [PersonID?]
    /// Every stay that counts.
    package var memberships: [RoomMembership: Standing] = [:]
    /// How stays ended, also such as never counted.
    package var ends: [RoomMembership: End] = [:]
    /// The last of each thing that was set.
    package var settings: [RoomSetting.Key: Setting] = [:]
    /// Where a stay begins each log, in rooms that start at the join.
    package var starts: [RoomMembership: [LogStart]] = [:]
    /// The number of the last stay of each person that counts.
    package var latest: [PersonID: UInt64] = [:]
    /// Who is in it now, invited or joined; follows from the others.
    package var present: Set<PersonID> = []

    package init(_ charter: Charter) {
        self.charter = charter
        self.owners = [charter.owner]
    }

    /// Whose room it is; nobody's where it belongs to everybody.
    package var owner: PersonID? { self.owners.last ?? nil }
    package var ownerNumber: UInt64 { UInt64(self.owners.count) }

    // MARK: who

    /// The last stay of a person, if there was one.
    package func membership(of person: PersonID) -> (number: UInt64, standing: Standing)? {
        guard let number = self.latest[person],
            let standing = self.memberships[RoomMembership(person, number)]
        else { return nil }
        return (number, standing)
    }

    /// Whether a person is in it now, invited or joined.
    package func isMember(_ person: PersonID) -> Bool { self.present.contains(person) }

    /// Who is in it now, in order.
    package var members: [PersonID] { self.present.sorted() }

    /// Who is in it now and has joined.
    package var joined: Set<PersonID> { self.present.filter { self.membership(of: $0)?.standing == .joined } }

    /// Whoever was ever in it, in order.
    package var everybody: [PersonID] { self.latest.keys.sorted() }

    /// The number with which a person comes in, or back: the lowest that has not ended.
    package func nextNumber(of person: PersonID) -> UInt64 {
        var number: UInt64 = 1
        while self.ends[RoomMembership(person, number)] != nil { number += 1 }
        return number
    }

    // MARK: what is set

    /// What it is called.
    package var name: String { self.settings[.name]?.text ?? self.charter.name }
    package var topic: String { self.settings[.topic]?.text ?? "" }
    /// Ms after which messages are dropped; 0 is never.
    package var lifetime: UInt64 { self.settings[.lifetime]?.value ?? 0 }
    /// The messages that are pinned, in the order of their ids.
    package var pins: [EnvelopeID] {
        self.settings.compactMap { key, setting in
            if case .pin(let message) = key, setting.value == 1 { message } else { nil }
        }.sorted()
    }

    /// Whether a person may write words and offer files.
    package func mayWrite(_ person: PersonID) -> Bool {
        guard self.isMember(person) else { return false }
        return !self.charter.isAnnouncement || self.owner == person || self.settings[.writer(person)]?.value == 1
    }

    /// Up to where what a person wrote in a log of `talk` is shown, for one of their stays.
    package func limit(of log: LogID, by person: PersonID, _ number: UInt64) -> ShownLimit {
        let membership = RoomMembership(person, number)
        guard self.memberships[membership] != nil else { return .nothing }
        let all = self.ends[membership].map { $0.cut[log] ?? 0 } ?? .max
        guard self.charter.isAnnouncement, self.owner != person else { return ShownLimit(all: all, words: all) }
        guard let writer = self.settings[.writer(person)] else {
            return ShownLimit(all: all, words: self.owners.contains(person) ? all : 0)
        }
        return ShownLimit(all: all, words: writer.value == 1 ? all : min(all, writer.cut[log] ?? 0))
    }

    // MARK: what is compared

    /// What all who hold the same operations have alike.
    package var hash: Hash32 { Derive.roomState(self.compared) }

    /// The bytes that are hashed.
    package var compared: [UInt8] {
        var bytes = self.ownerNumber.bigEndianBytes + (self.owner?.hash ?? .zero).bytes
        bytes += UInt32(clamping: self.memberships.count).bigEndianBytes
        for (membership, standing) in self.memberships.sorted(by: { $0.key < $1.key }) {
            bytes += membership.person.bytes + membership.number.bigEndianBytes + [standing.rawValue]
        }
        let settings = self.settings.map { (what: $0.what, setting: $1) }
            .sorted { ($0.what.number, $0.what.subject) < ($1.what.number, $1.what.subject) }
        bytes += UInt32(clamping: settings.count).bigEndianBytes
        for (what, setting) in settings {
            bytes += what.number.bigEndianBytes + what.subject.bytes + setting.number.bigEndianBytes
            bytes += setting.value.bigEndianBytes
            bytes += UInt32(clamping: setting.text.utf8.count).bigEndianBytes + Array(setting.text.utf8)
        }
        return bytes
    }
}
