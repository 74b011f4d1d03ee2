import EarshotModel
import Foundation
import GRDB

extension Store {
    /// What the rules want to know at the start.
    package func snapshot() throws(StoreError) -> Snapshot {
        try self.read { db in
            var snapshot = Snapshot(
                generation: Array(
                    try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'generation'") ?? Data()))
            snapshot.latest = HybridTime(
                raw: UInt64(clamping: try Int64.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'latest'") ?? 0))
            snapshot.contacts = try Row.fetchAll(db, sql: "SELECT * FROM contact").compactMap(Contact.init(row:))
            snapshot.manifests = try Data.fetchAll(db, sql: "SELECT wire FROM manifest").map { Array($0) }
            snapshot.certificates = try Data.fetchAll(db, sql: "SELECT wire FROM certificate").map { Array($0) }
            snapshot.heads = try Row.fetchAll(db, sql: "SELECT * FROM log ORDER BY ordering").compactMap { row in
                guard let conversation = ConversationID(row["conversation"] as Data),
                    let log = LogID(row["log"] as Data),
                    let device = DeviceID(row["device"] as Data), let id = EnvelopeID(row["id"] as Data)
                else { return nil }
                return .init(
                    conversation: conversation, log: log, device: device, seq: UInt64(clamping: row["seq"] as Int64),
                    id: id)
            }
            snapshot.held = try Row.fetchAll(db, sql: "SELECT * FROM held").compactMap { row in
                guard let conversation = ConversationID(row["conversation"] as Data),
                    let log = LogID(row["log"] as Data),
                    let device = DeviceID(row["device"] as Data)
                else { return nil }
                return .init(
                    conversation: conversation, log: log, device: device, seq: UInt64(clamping: row["seq"] as Int64))
            }
            snapshot.reads = try Row.fetchAll(db, sql: "SELECT * FROM reading").compactMap { row in
                guard let conversation = ConversationID(row["conversation"] as Data),
                    let log = LogID(row["log"] as Data),
                    let person = PersonID(row["person"] as Data)
                else { return nil }
                return .init(
                    conversation: conversation, log: log, person: person, seq: UInt64(clamping: row["seq"] as Int64),
                    at: Timestamp(sql: row["at"]))
            }
            snapshot.addresses = try Row.fetchAll(db, sql: "SELECT * FROM address ORDER BY at DESC").compactMap { row in
                guard let device = DeviceID(row["device"] as Data), let person = PersonID(row["person"] as Data),
                    let endpoint = Endpoint(
                        address: Array(row["ip"] as Data), scope: UInt32(clamping: row["scope"] as Int64),
                        port: UInt16(clamping: row["port"] as Int64))
                else { return nil }
                return .init(device: device, person: person, endpoint: endpoint, at: Timestamp(sql: row["at"]))
            }
            snapshot.staticPeers = try String.fetchAll(db, sql: "SELECT place FROM peer ORDER BY place")
            for row in try Row.fetchAll(db, sql: "SELECT * FROM setting") {
                snapshot.settings[row["key"]] = row["value"] as String
            }
            snapshot.transfers = try Row.fetchAll(
                db, sql: "SELECT * FROM transfer WHERE state IN ('offered', 'accepted', 'paused')"
            ).compactMap(Transfer.init(row:))
            // A day before the last of them is enough: whoever counts looks at the clock.
            snapshot.agreed = try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM transfer WHERE incoming = 1 AND state NOT IN ('offered', 'accepted', 'paused')
                    AND agreed > (SELECT max(agreed) FROM transfer) - 86400000 LIMIT 100000
                    """
            ).compactMap(Transfer.init(row:)).compactMap { transfer in
                transfer.agreed.map { (transfer.id, $0, transfer.counted) }
            }
            snapshot.shares = try Row.fetchAll(db, sql: "SELECT * FROM share").compactMap(Share.init(row:))
            return snapshot
        }
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
                let seq = UInt64(clamping: row[0] as Int64)
                if let wire = row[2] as Data? {
                    bytes += wire.count
                    guard bytes <= mostBytes || stored.isEmpty else { break }
                    stored.append(.wire(seq: seq, Array(wire)))
                } else if let id = EnvelopeID(row[1] as Data) {
                    stored.append(.gone(seq: seq, id))
                }
            }
            return stored
        }
    }
}

extension Contact {
    init?(row: Row) {
        guard let person = PersonID(row["person"] as Data), let trust = Trust(rawValue: row["trust"]) else {
            return nil
        }
        self.init(
            person: person, name: row["name"], petname: row["petname"], trust: trust, request: row["request"],
            requestedAt: (row["requested"] as Int64?).map(Timestamp.init(sql:)),
            wireVersion: UInt32(clamping: row["wire"] as Int64),
            since: (row["since"] as Int64?).map(Timestamp.init(sql:)))
    }
}
