import EarshotModel
import Foundation
import GRDB

extension Store {
    /// The newest transfers, oldest first: with everybody or with one person, and only those that come in where that
    /// is asked.
    package func transfers(limit: Int = 200, with person: PersonID? = nil, incoming: Bool = false) throws(StoreError)
        -> [Transfer]
    {
        try self.read { db in
            try Row.fetchAll(
                db,
                sql:
                    "SELECT * FROM transfer WHERE (?1 IS NULL OR person = ?1) AND (incoming = 1 OR ?2 = 0) ORDER BY at DESC LIMIT ?3",
                arguments: [person?.data, incoming, Int64(clamping: limit)]
            ).compactMap(Transfer.init(row:)).reversed()
        }
    }

    /// Those whose offer's id, as text, begins so.
    package func transfers(idPrefix prefix: String, limit: Int = 8) throws(StoreError) -> [Transfer] {
        guard let range = Self.range(ofPrefix: prefix) else { return [] }
        return try self.read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM transfer WHERE id >= ? AND id <= ? ORDER BY id LIMIT ?",
                arguments: [range.0, range.1, Int64(clamping: limit)]
            )
            .compactMap(Transfer.init(row:)).filter { $0.id.description.hasPrefix(prefix) }
        }
    }

    /// Incoming ones that are over, of those that came last: newest first.
    package func ended(limit: Int) throws(StoreError) -> [Transfer] {
        try self.read { db in
            try Row.fetchAll(
                db,
                sql:
                    "SELECT * FROM transfer WHERE incoming = 1 AND state IN ('complete', 'declined', 'cancelled') ORDER BY at DESC LIMIT ?",
                arguments: [Int64(clamping: limit)]
            ).compactMap(Transfer.init(row:))
        }
    }
}

extension FactWriter {
    func take(_ transfer: Transfer) throws {
        try self.run(
            """
            INSERT OR REPLACE INTO transfer (
                id, share, conversation, person, device, incoming, offer, at, state, reason, folder, have, listing, length, names, contents, agreed, notes)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                transfer.id.data, transfer.share.data, transfer.conversation.data, transfer.person.data,
                transfer.device.data, transfer.isIncoming,
                json(transfer.offer), transfer.at.sql, transfer.state.rawValue, transfer.reason, transfer.folder,
                Int64(clamping: transfer.have),
                Int64(clamping: transfer.listing), Int64(clamping: transfer.length), json(transfer.names),
                transfer.contents.map { json($0) }, transfer.agreed?.sql,
                transfer.notes.isEmpty ? nil : json(transfer.notes),
            ])
    }

    func came(_ id: EnvelopeID, _ have: UInt64) throws {
        try self.run(
            "UPDATE transfer SET have = ? WHERE id = ? AND have < ?",
            [Int64(clamping: have), id.data, Int64(clamping: have)])
    }

    func take(_ share: Share) throws {
        try self.run(
            "INSERT OR REPLACE INTO share VALUES (?, ?, ?, ?, ?, ?)",
            [
                share.id.data, share.key.data, json(share.roots), Int64(clamping: share.listing),
                Int64(clamping: share.size), share.isOpen,
            ])
    }
}

func json(_ value: some Encodable) -> String {
    (try? JSONEncoder().encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""
}

func value<T: Decodable>(_: T.Type, json text: String?) -> T? {
    text.flatMap { try? JSONDecoder().decode(T.self, from: Data($0.utf8)) }
}

extension Transfer {
    init?(row: Row) {
        guard let id = EnvelopeID(row["id"] as Data), let share = ShareID(row["share"] as Data),
            let conversation = ConversationID(row["conversation"] as Data),
            let person = PersonID(row["person"] as Data), let device = DeviceID(row["device"] as Data),
            let offer = value(FileOffer.self, json: row["offer"]),
            let state = State(rawValue: row["state"])
        else { return nil }
        self.init(
            id: id, share: share, conversation: conversation, person: person, device: device,
            isIncoming: row["incoming"], offer: offer,
            at: Timestamp(sql: row["at"]), state: state)
        self.reason = row["reason"]
        self.folder = row["folder"]
        self.have = UInt64(clamping: row["have"] as Int64)
        self.listing = UInt64(clamping: row["listing"] as Int64)
        self.length = UInt64(clamping: row["length"] as Int64)
        self.names = value([String].self, json: row["names"]) ?? []
        self.notes = value(TransferNotes.self, json: row["notes"]) ?? TransferNotes()
        self.contents = value(Contents.self, json: row["contents"])
        self.agreed = (row["agreed"] as Int64?).map(Timestamp.init(sql:))
    }
}

extension Share {
    init?(row: Row) {
        guard let id = ShareID(row["id"] as Data), let roots = value([Root].self, json: row["roots"]) else {
            return nil
        }
        self.init(
            id: id, key: Array(row["key"] as Data), roots: roots, listing: UInt64(clamping: row["listing"] as Int64),
            size: UInt64(clamping: row["size"] as Int64), isOpen: row["open"])
    }
}

extension ShareID {
    var data: Data { Data(self.bytes) }
}
