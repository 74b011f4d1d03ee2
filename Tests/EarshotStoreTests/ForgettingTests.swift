import EarshotModel
import EarshotStore
import EarshotTesting
import EarshotWire
import Foundation
import Testing

/// What was deleted is not on the disk any more.
@Suite struct ForgettingTests {
    static let at = Timestamp(milliseconds: 1_700_000_000_500)
    let samples: Samples
    let folder: String

    init() throws {
        self.samples = try Samples()
        self.folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
    }

    var anna: PersonID { self.samples.anna.person }
    var path: String { self.folder + "/earshot.db" }

    func open() throws -> Store {
        try Store(path: self.path, generation: [UInt8](repeating: 5, count: 32), reader: Envelope.kept)
    }

    /// Whether these bytes are in the database or in its log.
    func isOnDisk(_ text: String) throws -> Bool {
        for suffix in ["", "-wal"] {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: self.path + suffix))
            if bytes.range(of: Data(text.utf8)) != nil { return true }
        }
        return false
    }

    @Test(arguments: [false, true]) func deletedWordsLeaveTheDisk(isIndexed: Bool) throws {
        let store = try self.open()
        defer { store.close() }
        let texts = (0..<300).map {
            Content.text(
                .init("message \($0) talks of many things \($0 % 7 == 3 ? "unmentionable\($0)" : "plain\($0)")"))
        }
        let ids = self.samples.chain(texts).map(\.envelope.id)
        let targets = ids.indices.filter { $0 % 7 == 3 }
        let edits = targets.map { Content.edit(target: ids[$0], text: "second thoughts about unmentionable\($0)") }
        let deletes = targets.map { Content.delete(target: ids[$0]) }
        let facts = self.samples.chain(texts + edits + deletes).map {
            Fact.envelope($0.envelope, Content(of: $0.envelope), author: self.anna, arrived: Self.at)
        }
        for fact in facts.prefix(texts.count + edits.count) {
            try store.commit([fact], me: self.anna)
            if isIndexed { while try store.index(atMost: 10) {} }
        }
        #expect(try self.isOnDisk("unmentionable"))
        try store.commit(Array(facts.suffix(deletes.count)), me: self.anna)
        while try store.index(atMost: 100) {}
        #expect(try !self.isOnDisk("unmentionable"))
        #expect(try self.isOnDisk("plain299"))
        #expect(try store.search("unmentionable3", limit: 1).isEmpty && store.search("plain299", limit: 1).count == 1)
        #expect(store.isIndexWhole() && store.fault() == nil)
        try store.commit([.setting("name", "Anna")], me: self.anna)
    }

    /// An edit and a part that come when their message is deleted already, and before it is here.
    @Test(arguments: [[0, 1, 2, 3, 4], [3, 2, 1, 0, 4], [0, 3, 4, 1, 2], [3, 0, 1, 2, 4], [1, 2, 3, 4, 0]])
    func lateWordsOfADeletedMessageGoToo(order: [Int]) throws {
        let store = try self.open()
        defer { store.close() }
        let first = self.samples.chain([.text(.init("unmentionable one", parts: 2))])[0].envelope.id
        let chain = self.samples.chain([
            .text(.init("unmentionable one", parts: 2)),
            .text(.init("unmentionable two", part: 1, parts: 2, first: first)),
            .edit(target: first, text: "unmentionable three"), .delete(target: first), .text(.init("goodbye")),
        ])
        for index in order {
            try store.commit(
                [
                    .envelope(
                        chain[index].envelope, Content(of: chain[index].envelope), author: self.anna, arrived: Self.at)
                ], me: self.anna)
        }
        while try store.index(atMost: 100) {}
        #expect(try !self.isOnDisk("unmentionable") && self.isOnDisk("goodbye"))
        let shown = try store.history(self.samples.conversation, limit: 9)
        #expect(shown.map(\.text) == ["", "goodbye"] && shown[0].isDeleted && shown[0].isComplete)
        #expect(
            try store.envelopes(self.samples.log, from: 1, to: 3, mostBytes: 1 << 20)
                == (0..<3).map { .gone(seq: UInt64($0 + 1), chain[$0].envelope.id) })
    }
}
