import EarshotModel
import Foundation
import GRDB

/// Rows as they lie in the tables, by the names of their columns. What the rules know of is made from them, or is
/// `nil` where they hold no such thing.
protocol TableRow: Codable, FetchableRecord, PersistableRecord {
    associatedtype Value
    var value: Value? { get }
}

extension TableRow {
    static var persistenceConflictPolicy: PersistenceConflictPolicy { PersistenceConflictPolicy(insert: .replace) }
}

struct ContactRecord: TableRow {
    static let databaseTableName = "contact"
    let person: Data
    let name: String
    let petname: String?
    let trust: String
    let request: String?
    let requested: Int64?
    let wire: Int64
    let since: Int64?
    let changed: Int64
    let conflict: String?
    let suspended: Int64

    init(_ contact: Contact, changed: Int64) {
        self.person = contact.person.data
        self.name = contact.name
        self.petname = contact.petname
        self.trust = contact.trust.rawValue
        self.request = contact.request
        self.requested = contact.requestedAt?.sql
        self.wire = Int64(contact.wireVersion)
        self.since = contact.since?.sql
        self.changed = changed
        self.conflict = contact.conflict?.rawValue
        self.suspended = contact.wasVerified ? 1 : 0
    }

    var value: Contact? {
        guard let person = PersonID(self.person), let trust = Trust(rawValue: self.trust) else { return nil }
        let conflict = self.conflict.map { ConflictReason(rawValue: $0) }
        if case .some(nil) = conflict { return nil }
        return Contact(
            person: person, name: self.name, petname: self.petname, trust: trust, request: self.request,
            requestedAt: self.requested.map(Timestamp.init(sql:)), wireVersion: UInt32(clamping: self.wire),
            since: self.since.map(Timestamp.init(sql:)), conflict: conflict ?? nil, wasVerified: self.suspended != 0)
    }
}

struct AcquaintanceRecord: TableRow {
    static let databaseTableName = "acquaintance"
    let person: Data
    let seen: Int64?
    let full_name: String
    let role: String
    let desk: String
    let phone: String
    let picture: Data?
    let picture_size: Int64

    var value: (PersonID, Profile, Timestamp?)? {
        guard let person = PersonID(self.person) else { return nil }
        var profile = Profile()
        profile.fullName = self.full_name
        profile.role = self.role
        profile.desk = self.desk
        profile.phone = self.phone
        profile.picture = self.picture.flatMap { PictureID($0) }.map {
            Profile.Picture($0, size: Int(clamping: self.picture_size))
        }
        return (person, profile, self.seen.map(Timestamp.init(sql:)))
    }
}

struct ManifestRecord: TableRow {
    static let databaseTableName = "manifest"
    let person: Data
    let wire: Data

    var value: [UInt8]? { Array(self.wire) }
}

struct CertificateRecord: TableRow {
    static let databaseTableName = "certificate"
    let device: Data
    let wire: Data

    var value: [UInt8]? { Array(self.wire) }
}

struct DiscoveryKeyRecord: TableRow {
    static let databaseTableName = "discovery_key"
    let device: Data
    let person: Data
    let key: Data

    init(_ device: DeviceID, _ person: PersonID, _ key: DiscoveryKey) {
        self.device = device.data
        self.person = person.data
        self.key = key.data
    }

    var value: Snapshot.KnownKey? {
        guard let device = DeviceID(self.device), let person = PersonID(self.person),
            let key = DiscoveryKey(self.key)
        else { return nil }
        return Snapshot.KnownKey(device: device, person: person, key: key)
    }
}

struct AddressRecord: TableRow {
    static let databaseTableName = "address"
    let device: Data
    let ip: Data
    let scope: Int64
    let port: Int64
    let person: Data
    let at: Int64

    init(_ device: DeviceID, _ person: PersonID, _ endpoint: Endpoint, _ at: Timestamp) {
        self.device = device.data
        self.ip = endpoint.address.data
        self.scope = Int64(endpoint.scope)
        self.port = Int64(endpoint.port)
        self.person = person.data
        self.at = at.sql
    }

    var value: Snapshot.Address? {
        guard let device = DeviceID(self.device), let person = PersonID(self.person),
            let endpoint = Endpoint(
                address: Array(self.ip), scope: UInt32(clamping: self.scope), port: UInt16(clamping: self.port))
        else { return nil }
        return .init(device: device, person: person, endpoint: endpoint, at: Timestamp(sql: self.at))
    }
}

struct LogRecord: TableRow {
    static let databaseTableName = "log"
    let log: Data
    let conversation: Data
    let device: Data
    let seq: Int64
    let id: Data

    var value: Snapshot.Head? {
        guard let conversation = ConversationID(self.conversation), let log = LogID(self.log),
            let device = DeviceID(self.device),
            let id = EnvelopeID(self.id)
        else { return nil }
        return .init(conversation: conversation, log: log, device: device, seq: UInt64(clamping: self.seq), id: id)
    }
}

struct HeldRecord: TableRow {
    static let databaseTableName = "held"
    let log: Data
    let device: Data
    let conversation: Data
    let seq: Int64

    var value: Snapshot.Held? {
        guard let conversation = ConversationID(self.conversation), let log = LogID(self.log),
            let device = DeviceID(self.device)
        else { return nil }
        return .init(conversation: conversation, log: log, device: device, seq: UInt64(clamping: self.seq))
    }
}

struct ReadingRecord: TableRow {
    static let databaseTableName = "reading"
    let log: Data
    let person: Data
    let conversation: Data
    let seq: Int64
    let at: Int64

    var value: Snapshot.ReadMark? {
        guard let conversation = ConversationID(self.conversation), let log = LogID(self.log),
            let person = PersonID(self.person)
        else { return nil }
        return .init(
            conversation: conversation, log: log, person: person, seq: UInt64(clamping: self.seq),
            at: Timestamp(sql: self.at))
    }
}

/// A setting; both are text.
struct SettingRecord: TableRow {
    static let databaseTableName = "setting"
    let key: String
    let value: String?
}

/// A reaction, an acknowledgement or a reminder.
struct SignRecord: Decodable, FetchableRecord {
    let kind: Int64
    let person: Data
    let emoji: String
    let state: Bool
    let at: Int64
}

/// What is known of who has a message, over all receipts that say the same.
struct ReceiptRecord: Decodable, FetchableRecord {
    let state: Int64
    let at: Int64
    let changed: Int64
}

struct AsideRecord: TableRow {
    static let databaseTableName = "aside"
    let what: String
    let conversation: Data?
    let log: Data?
    let seq: Int64?
    let kept: Bool
    let why: String
    let at: Int64

    var value: Store.Aside? {
        Store.Aside(
            what: self.what, conversation: self.conversation.flatMap { ConversationID($0) },
            log: self.log.flatMap { LogID($0) },
            seq: self.seq.map { UInt64(clamping: $0) }, isKept: self.kept, why: self.why, at: Timestamp(sql: self.at))
    }
}
