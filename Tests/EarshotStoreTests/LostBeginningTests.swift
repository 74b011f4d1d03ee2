import EarshotModel
import EarshotStore
import EarshotTesting
import EarshotWire
import Foundation
import GRDB
import Testing

/// Logs that lost their first envelopes.
extension StoreFuzzTests {
    /// Where envelopes cannot be read either, a log without its first ones has lost them: it does not begin later.
    @Test(arguments: [false, true]) func aLogThatLostItsBeginningDoesNotBeginLater(isScratched: Bool) throws {
        let texts = (1...80).map { "number \($0)." + String(repeating: " and so on", count: 12) }
        let envelopes = self.samples.chain(texts.map { .text(.init($0)) })
        do {
            let store = try self.open()
            let at = Timestamp(milliseconds: Self.noon)
            let facts: [Fact] = envelopes.map {
                .envelope($0.envelope, Content(of: $0.envelope), author: self.anna, arrived: at)
            }
            _ = try store.take(facts, me: self.anna)
            store.close()
        }
        let queue = try DatabaseQueue(path: self.path)
        try queue.write { db in
            try db.execute(sql: "DELETE FROM log; DELETE FROM envelope WHERE seq <= 10")
        }
        try queue.close()
        if isScratched { try self.scratch(pagesWith: "number 40.") }
        let damaged = try self.open()
        let repair = try damaged.repair(me: self.anna, generation: [UInt8](repeating: 8, count: 32))
        #expect(repair.incomplete.contains("envelope") == isScratched, "\(repair.incomplete)")
        #expect(try damaged.snapshot().heads.map(\.seq) == (isScratched ? [] : [80]))
        #expect(isScratched ? repair.lost > 0 : repair.lost == 0, "\(repair.lost) are asked for again")
        damaged.close()
    }

    /// What cannot even be opened as it is may still be read.
    @Test func whatCannotBeOpenedIsMadeAnew() throws {
        let envelopes = self.samples.chain((1...80).map { .text(.init("number \($0)")) })
        let store = try self.open()
        let at = Timestamp(milliseconds: Self.noon)
        _ = try store.take(
            envelopes.map { .envelope($0.envelope, Content(of: $0.envelope), author: self.anna, arrived: at) },
            me: self.anna)
        let page = try store.withConnection {
            try Int.fetchOne($0, sql: "SELECT rootpage FROM sqlite_master WHERE name = 'grdb_migrations'")
        }
        store.close()
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: self.path))
        try handle.seek(toOffset: UInt64(try #require(page) - 1) * 4_096)
        try handle.write(contentsOf: Data(repeating: 0xFF, count: 4_096))
        try handle.close()
        #expect(throws: StoreError.self) { _ = try self.open() }
        let damaged = try Store(damaged: self.path, reader: Envelope.kept)
        let repair = try damaged.repair(me: self.anna, generation: [UInt8](repeating: 8, count: 32))
        #expect(repair.incomplete.isEmpty && repair.lost == 0)
        #expect(try damaged.snapshot().heads.map(\.seq) == [80])
        damaged.close()
        #expect(try self.open().snapshot().heads.map(\.seq) == [80])
    }

    /// Overwrites how each page begins on which a text stands.
    private func scratch(pagesWith text: String) throws {
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: self.path))
        defer { try? handle.close() }
        let bytes = try #require(try handle.readToEnd())
        var from = bytes.startIndex
        while let found = bytes.range(of: Data(text.utf8), in: from..<bytes.endIndex) {
            try handle.seek(toOffset: UInt64(found.lowerBound) / 4_096 * 4_096)
            try handle.write(contentsOf: Data(repeating: 0xFF, count: 64))
            from = found.upperBound
        }
    }
}
