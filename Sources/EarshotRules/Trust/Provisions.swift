import EarshotModel
import EarshotWire
import FoundationEssentials

/// Whom files of this machine name, and what those persons have for that reason alone. What a file gave goes when it
/// names them no more; what a person decided by hand stays.
package struct Provisions: Sendable {
    /// What the files did for somebody.
    struct Given: Hashable, Sendable, Codable {
        var accepted = false
        var verified = false
        /// What they are called here for the file's sake.
        var petname: String?
        /// The rooms to which they were invited, by the names that the file has for them.
        var rooms: [String: String]?

        var isNothing: Bool { self == Given() }
    }

    /// What came of a person's being named, or of their being named no more.
    package enum News: Hashable, Sendable {
        /// A contact from now on, verified or not.
        case added(verified: Bool, place: String)
        /// They are blocked here, or it is not certain who they are: a person decided, or has to.
        case left(Trust, place: String)
        /// The name belongs to somebody else here.
        case nameTaken(String, place: String)
        /// Not named any more, and so a stranger again, or only not verified any more.
        case stranger
        case unverified
        /// Not named any more, and a contact as before.
        case released
        /// Invited to a room, or taken out of it because the file has them there no more.
        case invited(RoomID, place: String)
        case uninvited(RoomID)
        /// They are to be in a room and cannot be invited.
        case notInvited(RoomID, Rooms.Refusal, place: String)
        /// They are to be in a room of which there is none here, or several.
        case unclearRoom(String, isThere: Bool, place: String)
        /// They invited us, and we are in it.
        case joined(RoomID, place: String)
        /// A room was made; the person is ourselves.
        case made(RoomID, place: String)
    }

    static let setting = "people.given"
    static let roomSetting = "people.rooms"

    private var byID: [PersonID: Provision] = [:]
    private var byFingerprint: [Fingerprint: Provision] = [:]
    private(set) var given: [PersonID: Given]
    /// Which rooms the files want to be there.
    private(set) var rooms: [ProvisionedRoom] = []
    /// Those that were made for that reason, by their names in lower case.
    private(set) var made: [String: RoomID]
    /// What was said of rooms since the files were read: once is enough.
    private var told: Set<Told> = []

    private struct Told: Hashable, Sendable {
        let person: PersonID
        let news: News
    }

    init(_ snapshot: Snapshot) {
        let kept = snapshot.settings[Self.setting].flatMap {
            try? JSONDecoder().decode([String: Given].self, from: Data($0.utf8))
        }
        self.given = Dictionary(
            (kept ?? [:]).compactMap { id, given in PersonID(text: id).map { ($0, given) } }, uniquingKeysWith: { $1 })
        let made = snapshot.settings[Self.roomSetting].flatMap {
            try? JSONDecoder().decode([String: String].self, from: Data($0.utf8))
        }
        self.made = (made ?? [:]).compactMapValues { RoomID(text: $0) }
    }

    /// Begins again from what is on disk; what the files say stays.
    init(again old: Provisions, _ snapshot: Snapshot) {
        self.init(snapshot)
        (self.byID, self.byFingerprint, self.rooms) = (old.byID, old.byFingerprint, old.rooms)
    }

    mutating func use(_ wanted: [Provision], _ rooms: [ProvisionedRoom]) {
        (self.byID, self.byFingerprint, self.rooms, self.told) = ([:], [:], rooms, [])
        for one in wanted {
            switch one.key {
            case .id(let person): self.byID[person] = one
            case .fingerprint(let fingerprint): self.byFingerprint[fingerprint] = one
            }
        }
    }

    var all: [Provision] { Array(self.byID.values) + Array(self.byFingerprint.values) }

    /// What the files say of a person.
    subscript(person: PersonID) -> Provision? {
        if let provision = self.byID[person] { return provision }
        return self.byFingerprint.isEmpty ? nil : self.byFingerprint[Derive.fingerprint(person)]
    }

    /// - Returns: what is to be kept, if anything.
    mutating func note(_ person: PersonID, _ given: Given) -> Fact? {
        guard self.given[person] ?? Given() != given else { return nil }
        self.given[person] = given.isNothing ? nil : given
        let byText = Dictionary(self.given.map { ($0.description, $1) }, uniquingKeysWith: { $1 })
        return .setting(Self.setting, self.given.isEmpty ? nil : Self.text(byText))
    }

    /// A room was made.
    mutating func note(_ room: RoomID, madeFor name: String) -> Fact {
        self.made[name.lowercased()] = room
        return .setting(Self.roomSetting, Self.text(self.made.mapValues(\.description)))
    }

    /// Whether something about a room was not said of a person yet.
    mutating func isUntold(_ news: News, _ person: PersonID) -> Bool {
        self.told.insert(Told(person: person, news: news)).inserted
    }

    private static func text(_ value: some Encodable) -> String? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) }
    }
}
