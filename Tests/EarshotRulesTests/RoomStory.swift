import EarshotModel
import EarshotRules
import EarshotWire

/// A room told operation by operation: who did what, in which log, under which of their stays.
struct RoomStory {
    let charter: Charter
    private(set) var entries: [RoomFold.Entry] = []
    private var places: [LogID: UInt64] = [:]

    /// Persons by a letter: `Self.a` makes rooms.
    static let (a, b, c, d, e) = (
        Self.person(1), Self.person(2), Self.person(3), Self.person(4), Self.person(5)
    )
    static func person(_ number: UInt8) -> PersonID { PersonID(hash: Self.hash(number)) }
    static func hash(_ number: UInt8) -> Hash32 { Hash32([UInt8](repeating: number, count: 32)) ?? .zero }

    /// One of a person's logs.
    static func log(_ person: PersonID, _ device: UInt8 = 0) -> LogID {
        Derive.log(generation: person.bytes, ConversationID(hash: Self.hash(device)))
    }

    init(
        owner: PersonID? = Self.a, isOpen: Bool = false, isAnnouncement: Bool = false, startsAtJoin: Bool = false,
        ownerInvites: Bool = false
    ) {
        self.charter = Charter(
            name: "ops", owner: owner, salt: [UInt8](repeating: 7, count: 16), isOpen: isOpen,
            isAnnouncement: isAnnouncement, startsAtJoin: startsAtJoin, ownerInvites: ownerInvites)
    }

    /// - Parameters:
    ///   - stay: what the author puts in field 8.
    ///   - id: the first byte of the envelope's id, where its order matters.
    @discardableResult
    mutating func tell(
        _ author: PersonID, _ operation: RoomOperation, stay: UInt64 = 1, device: UInt8 = 0, id: UInt8? = nil
    ) -> RoomFold.Entry {
        let log = Self.log(author, device)
        let seq = self.places[log, default: 0] + 1
        self.places[log] = seq
        var bytes = Derive.envelope(body: log.bytes + seq.bigEndianBytes).bytes
        if let id { bytes[0] = id }
        let entry = RoomFold.Entry(
            id: EnvelopeID(hash: Hash32(bytes) ?? .zero), author: author, log: log, seq: seq, membership: stay,
            operation: operation)
        self.entries.append(entry)
        return entry
    }

    mutating func add(_ who: PersonID, _ number: UInt64 = 1, by author: PersonID = Self.a, owner: UInt64? = nil) {
        self.tell(author, .add(RoomMembership(who, number), owner: owner))
    }

    /// Somebody joins: they are added, and have answered.
    mutating func join(_ persons: PersonID...) {
        for person in persons {
            self.add(person)
            self.tell(person, .joined)
        }
    }

    /// Up to where the logs of a person go.
    func cut(_ person: PersonID, _ devices: UInt8...) -> [LogID: UInt64] {
        let logs = (devices.isEmpty ? [0] : devices).map { Self.log(person, $0) }
        return Dictionary(logs.map { ($0, self.places[$0] ?? 0) }, uniquingKeysWith: min)
    }

    mutating func take(_ who: PersonID, _ number: UInt64 = 1, by author: PersonID = Self.a, owner: UInt64 = 1) {
        self.tell(author, .remove(RoomMembership(who, number), owner: owner, cut: self.cut(who)))
    }

    mutating func leave(_ who: PersonID, _ number: UInt64 = 1, device: UInt8 = 0) {
        let cut = self.cut(who)
        self.tell(who, .remove(RoomMembership(who, number), owner: nil, cut: cut), stay: number, device: device)
    }

    mutating func transfer(to who: PersonID, by author: PersonID, owner: UInt64) {
        var cut = self.cut(author)
        cut[Self.log(author), default: 0] += 1
        self.tell(author, .transfer(who, owner: owner, cut: cut))
    }

    mutating func set(
        _ key: RoomSetting.Key, _ number: UInt64, text: String = "", value: UInt64 = 0, by author: PersonID = Self.a,
        owner: UInt64? = 1, stay: UInt64 = 1, cut: [LogID: UInt64] = [:], id: UInt8? = nil
    ) {
        self.tell(
            author, .set(RoomSetting(key, number: number, owner: owner, text: text, value: value, cut: cut)),
            stay: stay, id: id)
    }

    var fold: RoomFold {
        var fold = RoomFold(self.charter)
        for entry in self.entries { fold.add(entry) }
        return fold
    }
    var state: RoomState { self.fold.state }
}
