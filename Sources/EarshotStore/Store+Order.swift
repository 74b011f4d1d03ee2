import EarshotModel
import Foundation
import GRDB

/// Making the order of a conversation anew, where an envelope came after one that names it and changes its place:
/// rare, and only where clocks were wrong or a backup was restored.
extension Store {
    /// Brings every conversation whose order is in doubt into order. Nearly always there is none. Where nothing can
    /// be written now it is as it was.
    func settleOrder() throws(StoreError) {
        do {
            try self.queue.writeWithoutTransaction { db in
                let unsettled = try Data.fetchAll(db.cachedStatement(sql: "SELECT conversation FROM unsettled"))
                for conversation in unsettled {
                    try Self.transaction(db, waits: false) { try self.settle(conversation, db) }
                }
            }
        } catch {
            let failure = Self.failure(error)
            if failure == .damaged || failure == .fact { throw Self.explain(error, self.path) }
        }
    }

    private func settle(_ conversation: Data, _ db: Database) throws {
        var graph = try Graph(conversation, db, self)
        try db.execute(
            sql: "DELETE FROM awaited WHERE log IN (SELECT log FROM log WHERE conversation = ?)",
            arguments: [conversation])
        let missing = graph.settle()
        for (id, at) in missing {
            let entry = graph.entries[at]
            try db.execute(
                sql: "INSERT OR IGNORE INTO awaited (id, log, seq) VALUES (?, ?, ?)",
                arguments: [id.data, entry.log, entry.seq])
        }
        var writer = try FactWriter(db, me: nil, self.reader)
        try writer.put(graph.entries, ConversationID(conversation))
        _ = try writer.finish()
        try db.execute(
            sql: """
                UPDATE log SET ordering = coalesce(
                    (SELECT ordering FROM message WHERE message.id = log.id), (SELECT ordering FROM marker WHERE
                        marker.id = log.id), ordering)
                WHERE conversation = ?
                """, arguments: [conversation])
        try db.execute(sql: "DELETE FROM unsettled WHERE conversation = ?", arguments: [conversation])
    }
}

/// The envelopes of a conversation and what each of them names.
private struct Graph {
    struct Entry {
        let log: Data
        let seq: Int64
        let id: EnvelopeID
        let ancestors: [EnvelopeID]
        /// Of one whose body is here.
        let stamp: HybridTime?
        /// Of one whose body is not: what it was when it was, if it ever was.
        let kept: OrderKey?
        let author: PersonID?
        /// What it does to another message.
        let deed: Content?
        var order: OrderKey?
    }

    var entries: [Entry] = []
    private var index: [EnvelopeID: Int] = [:]

    private struct EntryRow: Decodable, FetchableRecord {
        let log: Data
        let seq: Int64
        let id: Data
        let wire: Data?
        let ordering: Data?
        let messageStamp: Int64?
        let author: Data?
        let stamp: Int64?
        let ancestors: Data?
    }

    init(_ conversation: Data, _ db: Database, _ store: Store) throws {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT envelope.log, envelope.seq, envelope.id, envelope.wire, coalesce(message.ordering,
                    marker.ordering) AS ordering,
                    message.stamp AS messageStamp, log.author, envelope.stamp, envelope.ancestors
                FROM log CROSS JOIN envelope ON envelope.log = log.log LEFT JOIN message ON message.id = envelope.id
                LEFT JOIN marker ON marker.id = envelope.id
                WHERE log.conversation = ? ORDER BY envelope.log, envelope.seq
                """, arguments: [conversation])
        var last: (log: Data, id: EnvelopeID)?
        let read = try store.values(rows, of: "envelope") { row -> (EntryRow, EnvelopeID)? in
            let row = try EntryRow(row: row)
            return EnvelopeID(row.id).map { (row, $0) }
        }
        for (row, id) in read {
            let before = last.flatMap { $0.log == row.log ? $0.id : nil }
            let (envelope, content) = row.wire.flatMap { store.reader(Array($0)) }.map { ($0.0, $0.1) } ?? (nil, nil)
            // A body that was dropped has left what it named and its stamp; of one that an earlier Earshot dropped,
            // or that never came, there is the key it had, or its stamp alone.
            let left = row.ancestors.map { Self.ids($0) }
            let kept = left == nil ? row.ordering.flatMap { $0.isEmpty ? nil : OrderKey(bytes: $0) } : nil
            let itsStamp = kept == nil ? row.stamp ?? row.messageStamp : nil
            let stamp = envelope?.stamp ?? itsStamp.map { HybridTime(raw: UInt64(clamping: $0)) }
            let ancestors = envelope?.ancestors ?? left ?? [before].compactMap { $0 }
            self.index[id] = self.entries.count
            self.entries.append(
                Entry(
                    log: row.log, seq: row.seq, id: id, ancestors: ancestors, stamp: stamp,
                    kept: envelope == nil ? kept : nil,
                    author: row.author.flatMap { PersonID($0) }, deed: content.flatMap { $0.isShown ? nil : $0 }))
            last = (row.log, id)
        }
    }

    private static func ids(_ bytes: Data) -> [EnvelopeID] {
        stride(from: 0, to: bytes.count, by: 32).compactMap { EnvelopeID(bytes.dropFirst($0).prefix(32)) }
    }

    /// Gives every entry its key. Returns what is named and not here, and by which.
    mutating func settle() -> [(EnvelopeID, Int)] {
        var missing: [(EnvelopeID, Int)] = []
        for start in self.entries.indices where self.entries[start].order == nil {
            var path = [start]
            while let at = path.last {
                let entry = self.entries[at]
                if let kept = entry.kept { self.entries[at].order = kept }
                let open = self.entries[at].order == nil ? self.open(entry) : []
                // A hash names what was before it; what names itself was never written by it.
                if let next = open.first, path.count <= self.entries.count {
                    path.append(next)
                    continue
                }
                path.removeLast()
                guard self.entries[at].order == nil else { continue }
                var greatest = OrderKey.none
                for ancestor in entry.ancestors {
                    guard let index = self.index[ancestor] else {
                        missing.append((ancestor, at))
                        continue
                    }
                    if let order = self.entries[index].order { greatest = max(greatest, order) }
                }
                self.entries[at].order = entry.stamp.map { OrderKey(after: greatest, stamp: $0) } ?? greatest
            }
        }
        return missing
    }

    private func open(_ entry: Entry) -> [Int] {
        entry.ancestors.compactMap { self.index[$0] }.filter { self.entries[$0].order == nil }
    }
}

extension FactWriter {
    /// Puts new keys wherever they are kept, and does again what depends on them.
    fileprivate mutating func put(_ entries: [Graph.Entry], _ conversation: ConversationID?) throws {
        guard let conversation else { return }
        var amended: Set<EnvelopeID> = []
        let isRoom = try self.kind(of: conversation) != .two
        for entry in entries {
            guard let order = entry.order else { continue }
            let bytes = order.bytes.data
            switch entry.deed {
            case .edit(let target, _), .delete(let target):
                try self.run(
                    "UPDATE amendment SET ordering = ? WHERE target = ? AND id = ?",
                    [bytes, target.data, entry.id.data])
                amended.insert(target)
            case .reaction(let target, let emoji, let on):
                guard let author = entry.author else { break }
                try self.place(
                    reaction: entry.id, to: target, emoji, on, by: author, stamp: entry.stamp ?? HybridTime(raw: 0),
                    order, isKept: isRoom)
            case .lifetime:
                try self.run("UPDATE lifetime SET ordering = ? WHERE id = ?", [bytes, entry.id.data])
            case .text, .file, .answer, .acknowledge, .remind, .invitation, .room, .unknown, nil: break
            }
            try self.run("UPDATE message SET ordering = ?1 WHERE id = ?2 AND ordering <> ?1", [bytes, entry.id.data])
            let isMessage =
                try Bool.fetchOne(
                    self.db.cachedStatement(sql: "SELECT 1 FROM message WHERE id = ?"), arguments: [entry.id.data])
                ?? false
            if !isMessage { try self.mark(entry.id, order) }
        }
        for target in amended {
            let authors = try Data.fetchAll(
                self.db, sql: "SELECT DISTINCT author FROM amendment WHERE target = ?", arguments: [target.data])
            for author in authors.compactMap({ PersonID($0) }) {
                try self.applyWaiting(to: target, by: author, in: conversation)
            }
        }
    }
}
