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
    }

    static let setting = "people.given"

    private var byID: [PersonID: Provision] = [:]
    private var byFingerprint: [Fingerprint: Provision] = [:]
    private(set) var given: [PersonID: Given]

    init(_ snapshot: Snapshot) {
        let kept = snapshot.settings[Self.setting].flatMap {
            try? JSONDecoder().decode([String: Given].self, from: Data($0.utf8))
        }
        self.given = Dictionary(
            (kept ?? [:]).compactMap { id, given in PersonID(text: id).map { ($0, given) } }, uniquingKeysWith: { $1 })
    }

    /// Begins again from what is on disk; what the files say stays.
    init(again old: Provisions, _ snapshot: Snapshot) {
        self.init(snapshot)
        (self.byID, self.byFingerprint) = (old.byID, old.byFingerprint)
    }

    mutating func use(_ wanted: [Provision]) {
        (self.byID, self.byFingerprint) = ([:], [:])
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
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text = (try? encoder.encode(byText)).map { String(decoding: $0, as: UTF8.self) }
        return .setting(Self.setting, self.given.isEmpty ? nil : text)
    }
}
