import EarshotModel
import EarshotStore
import EarshotTesting
import EarshotWire
import Foundation
import GRDB
import Testing

/// What cannot be stored stands alone: everything else goes on.
@Suite struct AsideTests {
    let samples: Samples
    let at = Timestamp(milliseconds: 1_700_000_000_500)
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

    func facts(_ envelopes: [VerifiedEnvelope]) -> [Fact] {
        envelopes.map { .envelope($0.envelope, Content(of: $0.envelope), author: self.anna, arrived: self.at) }
    }

    /// Makes a table refuse a row for as long as the connection lives, as a limit of the database would.
    func refuse(_ store: Store, _ table: String, _ condition: String) throws {
        try store.withConnection { db in
            try db.execute(
                sql: """
                    CREATE TEMP TRIGGER refused BEFORE INSERT ON main.\(table) WHEN \(condition)
                    BEGIN SELECT RAISE(ABORT, 'no such row here'); END
                    """)
        }
    }

    @Test func anEnvelopeIsKeptWhateverComesOfWhatItSays() throws {
        let envelopes = self.samples.words("one", "bad", "three")
        do {
            let store = try self.open()
            defer { store.close() }
            try self.refuse(store, "message", "new.text = 'bad'")
            let outcome = try store.take(self.facts(envelopes), me: self.anna)
            #expect(outcome.refused.isEmpty && outcome.setAside.map(\.id) == [envelopes[1].envelope.id])
            let history = try store.history(self.samples.conversation, limit: 10)
            #expect(
                history.map(\.text) == ["one", "", "three"]
                    && history.map { $0.problem != nil } == [false, true, false])
            #expect(try store.snapshot().heads.map(\.seq) == [3])
            #expect(try store.envelopes(self.samples.log, from: 1, to: 3, mostBytes: 1 << 20).count == 3)
            let aside = try store.aside()
            #expect(
                aside.count == 1 && aside[0].isKept && aside[0].seq == 2 && aside[0].what == "message"
                    && aside[0].why.contains("no such row"))
            #expect(try store.asideCount() == 1)
        }
        // At the next start it is tried again, and this time it can be.
        let store = try self.open()
        #expect(try store.history(self.samples.conversation, limit: 10).map(\.text) == ["one", "bad", "three"])
        #expect(try store.history(self.samples.conversation, limit: 10).allSatisfy { $0.problem == nil })
        #expect(try store.aside().isEmpty && store.search("bad", limit: 1).count == 1)
    }

    @Test func anEnvelopeThatCannotBeKeptIsNamedAndTheOthersAre() throws {
        let store = try self.open()
        let envelopes = self.samples.words("one", "two")
        try self.refuse(store, "envelope", "new.seq = 2")
        let contact = Fact.contact(Contact(person: self.samples.bob.person, name: "Bob", trust: .accepted))
        let outcome = try store.take(self.facts(envelopes) + [contact], me: self.anna)
        #expect(outcome.refused.keys.sorted() == [1])
        let snapshot = try store.snapshot()
        #expect(
            snapshot.heads.map(\.seq) == [1] && snapshot.contacts.count == 1,
            "its log ends before it, and all else is there")
        #expect(try store.aside().map(\.isKept) == [false])
        #expect(throws: StoreError.notStored(path: self.path, detail: outcome.refused[1] ?? "")) {
            try store.commit([self.facts(envelopes)[1]], me: self.anna)
        }
        for _ in 0..<1_200 { _ = try store.take([self.facts(envelopes)[1]], me: self.anna) }
        #expect(try store.asideCount() == 1, "the same thing is noted once")
    }

    @Test func aFactOfAnotherKindThatCannotBeStoredHoldsUpNothing() throws {
        let store = try self.open()
        try self.refuse(store, "contact", "new.name = 'Mallory'")
        let mallory = Fact.contact(Contact(person: self.samples.bob.person, name: "Mallory", trust: .accepted))
        let outcome = try store.take(
            [mallory] + self.facts(self.samples.words("one")) + [.setting("name", "Anna")], me: self.anna)
        #expect(outcome.refused.keys.sorted() == [0])
        #expect(
            try store.history(self.samples.conversation, limit: 10).count == 1
                && store.snapshot().settings["name"] == "Anna")
        #expect(try store.aside().map(\.what) == ["contact"])
    }

    @Test func aFullDiskIsSaidAsThatAndIsOverWhenThereIsRoom() throws {
        let store = try self.open()
        let envelopes = self.samples.chain(
            (0..<40).map { .text(.init("\($0) " + String(repeating: "x", count: 20_000))) })
        let pages = try store.withConnection { try Int.fetchOne($0, sql: "PRAGMA page_count") ?? 0 }
        try store.withConnection { try $0.execute(sql: "PRAGMA max_page_count = \(pages + 20)") }
        #expect(throws: StoreError.full(path: self.path)) { try store.take(self.facts(envelopes), me: self.anna) }
        #expect(try store.snapshot().heads.isEmpty && store.history(self.samples.conversation, limit: 100).isEmpty)
        try store.withConnection { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
        try store.probe()
        try store.commit(self.facts(envelopes), me: self.anna)
        #expect(try store.history(self.samples.conversation, limit: 100).count == 40)
    }

    @Test func anIndexThatIsDamagedIsMadeAnew() throws {
        for damage in [
            "UPDATE words_data SET block = x'00'", "DELETE FROM words_data", "DELETE FROM words_config",
            "DELETE FROM words_content",
            "DROP TABLE words_idx", "UPDATE words_data SET block = zeroblob(200)",
        ] {
            let aside = try AsideTests()
            let store = try aside.open()
            try store.commit(aside.facts(self.samples.words("first words", "second words")), me: self.anna)
            #expect(try store.search("words", limit: 5).count == 2)
            try store.withConnection { db in try db.execute(sql: damage) }
            store.close()
            let again = try aside.open()
            let all = self.samples.chain([
                .text(.init("first words")), .text(.init("second words")), .text(.init("third")),
                .edit(target: self.samples.words("first words")[0].envelope.id, text: "first edited"),
            ])
            try again.commit(aside.facts(all), me: self.anna)
            while try again.index(atMost: 10) {}
            #expect(
                try again.history(self.samples.conversation, limit: 9).map(\.text) == [
                    "first edited", "second words", "third",
                ])
            if !again.isIndexWhole() { try again.rebuildIndex() }
            #expect(
                try again.search("words", limit: 5).count == 1 && again.search("third", limit: 5).count == 1,
                "\(damage)")
            #expect(again.isIndexWhole())
        }
    }
}
