import EarshotModel
import Foundation
import GRDB

/// In which order messages are shown (Protocol.md 6). An envelope's key is made when it comes, from the keys of its
/// ancestors.
extension FactWriter {
    /// The key of an envelope that has just come.
    mutating func order(_ envelope: Envelope) throws -> OrderKey {
        var greatest = OrderKey.none
        for ancestor in envelope.ancestors {
            if let known = try self.order(of: ancestor, in: envelope.conversation) {
                greatest = max(greatest, known)
            } else {
                try self.run(
                    "INSERT OR IGNORE INTO awaited (id, log, seq) VALUES (?, ?, ?)",
                    [ancestor.data, envelope.log.data, Int64(clamping: envelope.seq)])
                self.awaits = true
            }
        }
        let order = OrderKey(after: greatest, stamp: envelope.stamp)
        try self.came(envelope.id, order, envelope.conversation)
        return order
    }

    /// Of a stub nothing is known but its place: what follows it follows what was before it.
    mutating func order(stub id: EnvelopeID, _ log: LogID, _ seq: UInt64) throws -> OrderKey {
        let before = try Data.fetchOne(
            self.db.cachedStatement(sql: "SELECT id FROM envelope WHERE log = ? AND seq = ?"),
            arguments: [log.data, Int64(clamping: seq) - 1])
        let order = try before.flatMap { EnvelopeID($0) }.flatMap { try self.order(of: $0, in: nil) } ?? .none
        try self.mark(id, order)
        try self.came(id, order, nil)
        return order
    }

    /// Ids that are no message keep their keys here.
    func mark(_ id: EnvelopeID, _ order: OrderKey) throws {
        try self.run("INSERT OR REPLACE INTO marker (id, ordering) VALUES (?, ?)", [id.data, order.bytes.data])
    }

    private mutating func order(of id: EnvelopeID, in conversation: ConversationID?) throws -> OrderKey? {
        if let known = self.known[id] { return known }
        if let conversation, self.recalled.insert(conversation).inserted {
            // Most often it is where a log ends.
            var known = self.known
            try HotStatement(self.db, "SELECT id, ordering FROM log WHERE conversation = ?").each([.id(conversation)]) {
                row in
                if let head = row.bytes(0).flatMap({ EnvelopeID($0) }) {
                    known[head] = OrderKey(bytes: row.bytes(1) ?? [])
                }
                return false
            }
            self.known = known
            if let known = self.known[id] { return known }
        }
        return try self.first(
            hot:
                """
                SELECT ordering FROM message WHERE id = ?1 UNION ALL SELECT ordering FROM marker WHERE id = ?1
                    LIMIT 1
                """,
            [.id(id)]
        ) { row in row.bytes(0).map { OrderKey(bytes: $0) } }
    }

    /// An envelope whose ancestor was not here.
    private struct Waiting: Decodable, FetchableRecord {
        let id: Data
        let conversation: Data?
        /// Whether nothing on disk says what its ancestors are.
        let silent: Bool
    }

    /// Who waited for it has a key that perhaps is not theirs.
    private mutating func came(_ id: EnvelopeID, _ order: OrderKey, _ conversation: ConversationID?) throws {
        self.known[id] = order
        guard self.awaits else { return }
        let waiting = try Waiting.fetchAll(
            self.db.cachedStatement(
                sql: """
                    SELECT envelope.id, log.conversation, envelope.wire IS NULL AND envelope.ancestors IS NULL AS
                        silent FROM awaited JOIN envelope ON envelope.log = awaited.log AND envelope.seq = awaited.seq
                    LEFT JOIN log ON log.log = awaited.log WHERE awaited.id = ?
                    """), arguments: [id.data])
        guard !waiting.isEmpty else { return }
        try self.run("DELETE FROM awaited WHERE id = ?", [id.data])
        for row in waiting {
            guard let child = EnvelopeID(row.id), let conversation = conversation?.data ?? row.conversation else {
                continue
            }
            let its = try self.order(of: child, in: nil)
            if let its, its.stands(after: order) { continue }
            try self.run("INSERT OR IGNORE INTO unsettled (conversation) VALUES (?)", [conversation])
            // What a body named that an earlier Earshot dropped is known here alone.
            guard row.silent, let its, let stamp = its.stamps.last else { continue }
            let late = max(its, OrderKey(after: order, stamp: HybridTime(raw: stamp)))
            try self.run("UPDATE message SET ordering = ? WHERE id = ?", [late.bytes.data, child.data])
            try self.run("UPDATE marker SET ordering = ? WHERE id = ?", [late.bytes.data, child.data])
            self.known[child] = late
        }
    }
}
