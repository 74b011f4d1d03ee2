import EarshotModel
import Foundation
import GRDB

/// Finding the newest messages that have some words, without looking at all that have them: of a million messages
/// half may.
extension Store {
    /// So many hits are put in order by themselves; so many messages of a conversation are looked at themselves,
    /// before the index says all it knows.
    private static let few = 2_000
    /// Messages whose numbers are alike but for so many bits are an era.
    private static let eraBits: Int64 = 12

    /// - Parameter before: only what is older than this one; nothing where there is none.
    func found(
        _ terms: [SearchText.Term], in conversation: ConversationID?, before: EnvelopeID?, limit: Int
    ) throws(StoreError) -> [Message] {
        let pattern = terms.map(\.pattern).joined(separator: " AND ")
        return try self.read { db in
            let until = try before.flatMap { try Hit.of($0, db) }
            if before != nil, until == nil { return [] }
            // The index gives them at one go: asking it once more costs as much again.
            let numbers = try Int64.fetchCursor(
                db.cachedStatement(sql: "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC"),
                arguments: [pattern])
            var first: [Int64] = []
            while first.count <= Self.few, let number = try numbers.next() { first.append(number) }
            let best: [Int64]
            if first.count <= Self.few {
                best = try first.compactMap { try Hit.at($0, db, in: conversation) }
                    .filter { until?.isNewer(than: $0, inOne: conversation != nil) ?? true }
                    .sorted { $0.isNewer(than: $1, inOne: conversation != nil) }.prefix(limit).map(\.number)
            } else if let conversation {
                best = try self.newest(db, terms, first, numbers, in: conversation, until: until, limit: limit)
            } else {
                best = try self.newest(db, first, numbers, until: until, limit: limit)
            }
            return try best.flatMap { try self.messages(db, "SELECT * FROM message WHERE number = ?", [$0]) }
        }
    }

    /// Of many hits those in a conversation are found by going through it, newest first: at first by looking whether
    /// a message has the words, and where too few do, by looking whether it is among the hits.
    private func newest(
        _ db: Database, _ terms: [SearchText.Term], _ first: [Int64], _ rest: FastDatabaseValueCursor<Int64>,
        in conversation: ConversationID, until: Hit?, limit: Int
    ) throws -> [Int64] {
        let isFound = terms.indices.map { "instr(' ' || c0 || ' ', ?\($0 + 2)) > 0" }
        let has = try HotStatement(
            db, "SELECT 1 FROM words_content WHERE id = ?1 AND \(isFound.joined(separator: " AND "))")
        let wanted = terms.map { Bound.text(" " + $0.words.joined(separator: " ") + ($0.isPrefix ? "" : " ")) }
        var (found, looked): ([Int64], Int) = ([], 0)
        var all: [Int64]?
        let older = until == nil ? "" : "AND (ordering, id) < (?2, ?3)"
        let place = until.map { [Bound.bytes($0.ordering), .bytes($0.id)] } ?? []
        try HotStatement(
            db,
            """
            SELECT number FROM message WHERE conversation = ?1 AND hidden = 0 \(older) ORDER BY ordering DESC, id DESC
            """
        ).each([.id(conversation)] + place) { row in
            let number = row.integer(0)
            looked += 1
            if looked > Self.few, all == nil {
                var hits = first
                while let next = try rest.next() { hits.append(next) }
                all = hits
            }
            let isHit = try all?.hasInDescendingOrder(number) ?? has.first([.integer(number)] + wanted) { _ in true }
            if isHit == true { found.append(number) }
            return found.count >= limit
        }
        return found
    }

    fileprivate struct Hit {
        let number: Int64
        let at: Int64
        let ordering: [UInt8]
        let id: [UInt8]

        /// Nothing where it is hidden, or of another conversation.
        static func at(_ number: Int64, _ db: Database, in conversation: ConversationID? = nil) throws -> Hit? {
            try HotStatement(
                db,
                """
                SELECT at, ordering, id FROM message WHERE number = ?1 AND hidden = 0
                    AND (?2 IS NULL OR conversation = ?2)
                """
            ).first([.integer(number), conversation.map { .id($0) } ?? .nothing]) { row in
                Hit(number: number, at: row.integer(0), ordering: row.bytes(1) ?? [], id: row.bytes(2) ?? [])
            }
        }

        /// A message that was found before, also where it is hidden by now.
        static func of(_ id: EnvelopeID, _ db: Database) throws -> Hit? {
            try HotStatement(db, "SELECT number, at, ordering FROM message WHERE id = ?").first([.id(id)]) { row in
                Hit(number: row.integer(0), at: row.integer(1), ordering: row.bytes(2) ?? [], id: Array(id.bytes))
            }
        }

        /// - Parameter inOne: whether all are of one conversation, whose order is its own.
        func isNewer(than other: Hit, inOne: Bool) -> Bool {
            if !inOne, self.at != other.at { return self.at > other.at }
            if self.ordering != other.ordering { return other.ordering.lexicographicallyPrecedes(self.ordering) }
            return other.id.lexicographicallyPrecedes(self.id)
        }
    }

    /// Of many hits everywhere those that came last are looked at, era by era, until nothing that came before can be
    /// newer.
    private func newest(
        _ db: Database, _ first: [Int64], _ rest: FastDatabaseValueCursor<Int64>, until: Hit?, limit: Int
    ) throws -> [Int64] {
        var before: [Int64: Int64] = [:]
        var latest = Int64.min
        try HotStatement(db, "SELECT block, at FROM era ORDER BY block").each([]) { row in
            before[row.integer(0)] = latest
            latest = max(latest, row.integer(1))
            return false
        }
        var best: [Hit] = []
        var era: Int64?
        var waiting = first[...]
        while let number = try waiting.popFirst() ?? rest.next() {
            let its = number >> Self.eraBits
            if let last = era, last != its {
                best.sort { $0.isNewer(than: $1, inOne: false) }
                best = Array(best.prefix(limit))
                // Nothing is known of an era that is not noted.
                if best.count == limit, let oldest = best.last, let bound = before[last], oldest.at > bound { break }
            }
            era = its
            if let hit = try Hit.at(number, db), until?.isNewer(than: hit, inOne: false) ?? true { best.append(hit) }
        }
        return best.sorted { $0.isNewer(than: $1, inOne: false) }.prefix(limit).map(\.number)
    }

    /// Notes when the last of each era was written, of those that go into the index now.
    static func noteEras(_ db: Database, upTo number: Int64?) throws {
        guard let number else { return }
        try db.cachedStatement(
            sql: """
                INSERT INTO era (block, at) SELECT number >> 12, max(at) FROM message
                WHERE number > (SELECT value FROM meta WHERE key = 'indexed') AND number <= ? GROUP BY 1
                ON CONFLICT (block) DO UPDATE SET at = max(at, excluded.at)
                """
        ).execute(arguments: [number])
    }
}

extension [Int64] {
    fileprivate func hasInDescendingOrder(_ wanted: Int64) -> Bool {
        var (low, high) = (self.startIndex, self.endIndex)
        while low < high {
            let middle = low + (high - low) / 2
            if self[middle] > wanted { low = middle + 1 } else { high = middle }
        }
        return low < self.endIndex && self[low] == wanted
    }
}
