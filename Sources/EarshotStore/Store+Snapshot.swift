import EarshotModel
import Foundation
import GRDB

extension Store {
    /// What the rules want to know at the start.
    /// - Parameter me: whose picture is given with its bytes.
    package func snapshot(me: PersonID? = nil) throws(StoreError) -> Snapshot {
        try self.read { db in
            var snapshot = Snapshot(
                generation: Array(
                    try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'generation'") ?? Data()))
            snapshot.latest = HybridTime(
                raw: UInt64(clamping: try Int64.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'latest'") ?? 0))
            snapshot.contacts = try self.all(ContactRecord.self, db)
            snapshot.manifests = try self.all(ManifestRecord.self, db)
            snapshot.certificates = try self.all(CertificateRecord.self, db)
            snapshot.heads = try self.all(LogRecord.self, db, "ORDER BY ordering")
            snapshot.held = try self.all(HeldRecord.self, db)
            snapshot.firstWords = try Self.firstWords(db)
            snapshot.reads = try self.all(ReadingRecord.self, db)
            snapshot.addresses = try self.all(AddressRecord.self, db, "ORDER BY at DESC")
            snapshot.discoveryKeys = try self.all(DiscoveryKeyRecord.self, db)
            snapshot.staticPeers = try String.fetchAll(db, sql: "SELECT place FROM peer ORDER BY place")
            let settings = try Row.fetchCursor(db, sql: "SELECT key, value FROM setting")
            for record in try self.values(settings, of: "setting", { try SettingRecord(row: $0) }) {
                snapshot.settings[record.key] = record.value
            }
            snapshot.transfers = try self.all(
                TransferRecord.self, db, "WHERE state IN ('offered', 'accepted', 'paused')")
            // A day before the last of them is enough: whoever counts looks at the clock.
            let agreed = try self.all(
                TransferRecord.self, db,
                """
                WHERE incoming = 1 AND state NOT IN ('offered', 'accepted', 'paused')
                AND agreed > (SELECT max(agreed) FROM transfer) - 86400000 LIMIT 100000
                """)
            snapshot.agreed = agreed.compactMap { transfer in
                transfer.agreed.map { (transfer.id, $0, transfer.counted) }
            }
            snapshot.shares = try self.all(ShareRecord.self, db)
            try self.readRooms(db, into: &snapshot)
            for (person, profile, seen) in try self.all(AcquaintanceRecord.self, db) {
                if !profile.isEmpty { snapshot.profiles[person] = profile }
                snapshot.seen[person] = seen
            }
            snapshot.pictures = Set(
                try Data.fetchAll(db, sql: "SELECT id FROM picture").compactMap { PictureID($0) })
            if let own = me.flatMap({ snapshot.profiles[$0]?.picture?.id }) {
                snapshot.ownPicture = try Self.picture(own, db) ?? []
            }
            snapshot.mail = try self.mail(db)
            return snapshot
        }
    }

    /// What was first said where nobody has answered: it goes with the request.
    private static func firstWords(_ db: Database) throws -> [ConversationID: String] {
        let unanswered = try Data.fetchAll(
            db,
            sql: """
                SELECT conversation FROM log GROUP BY conversation HAVING count(*) = 1
                EXCEPT SELECT conversation FROM held
                """)
        let first = try db.cachedStatement(
            sql: "SELECT text FROM message WHERE conversation = ? AND deleted = 0 ORDER BY ordering, id LIMIT 1")
        var words: [ConversationID: String] = [:]
        for data in unanswered {
            guard let id = ConversationID(data) else { continue }
            words[id] = try String.fetchOne(first, arguments: [data])
        }
        return words
    }

    /// The bytes of a picture.
    package func picture(_ id: PictureID) throws(StoreError) -> [UInt8]? {
        try self.read { db in try Self.picture(id, db) }
    }

    private static func picture(_ id: PictureID, _ db: Database) throws -> [UInt8]? {
        try Data.fetchOne(db, sql: "SELECT bytes FROM picture WHERE id = ?", arguments: [id.data]).map(Array.init)
    }

    /// A stored envelope, or the place of one whose body was dropped.
    package enum Stored: Sendable, Hashable {
        case wire(seq: UInt64, [UInt8])
        case gone(seq: UInt64, EnvelopeID)
    }

    /// Envelopes of a log in order, at most so many bytes of them but one at least.
    package func envelopes(_ log: LogID, from: UInt64, to: UInt64, mostBytes: Int) throws(StoreError) -> [Stored] {
        try self.read { db in
            let statement = try db.cachedStatement(
                sql: "SELECT seq, id, wire FROM envelope WHERE log = ? AND seq BETWEEN ? AND ? ORDER BY seq")
            let rows = try Row.fetchCursor(
                statement, arguments: [log.data, Int64(clamping: from), Int64(clamping: to)])
            var stored: [Stored] = []
            var bytes = 0
            while let row = try rows.next() {
                let seq = UInt64(clamping: try row.decode(Int64.self, forColumn: "seq"))
                if let wire = try row.decode(Data?.self, forColumn: "wire") {
                    bytes += wire.count
                    guard bytes <= mostBytes || stored.isEmpty else { break }
                    stored.append(.wire(seq: seq, Array(wire)))
                } else if let id = EnvelopeID(try row.decode(Data.self, forColumn: "id")) {
                    stored.append(.gone(seq: seq, id))
                } else {
                    // Nobody can be given what lies behind a gap.
                    self.unreadableRows.note("envelope", row)
                    break
                }
            }
            return stored
        }
    }
}
