import EarshotModel
import EarshotStore
import EarshotTesting
import EarshotWire
import Foundation
import GRDB
import Testing

@Suite struct StoreTests {
    let samples: Samples
    let at = Timestamp(milliseconds: 1_700_000_000_500)
    init() throws { self.samples = try Samples() }

    var anna: PersonID { self.samples.anna.person }
    var bob: PersonID { self.samples.bob.person }

    func facts(_ envelopes: [VerifiedEnvelope]) -> [Fact] {
        envelopes.map { .envelope($0.envelope, Content(of: $0.envelope), author: self.anna, arrived: self.at) }
    }

    /// A text, an edit of it, a reaction, another text and its deletion: in every order the same is seen.
    func story() -> [VerifiedEnvelope] {
        let texts = self.samples.chain([.text(.init("first")), .text(.init("second"))])
        let (one, two) = (texts[0].envelope.id, texts[1].envelope.id)
        return self.samples.chain([
            .text(.init("first")), .text(.init("second")), .edit(target: one, text: "first, edited"),
            .edit(target: one, text: "first, edited again"),
            .reaction(target: one, emoji: "👍", on: true), .delete(target: two),
        ])
    }

    @Test func whatIsSaidIsSeenOnceHoweverOftenItIsTold() throws {
        let store = try Store.inMemory(reader: Envelope.kept)
        let envelopes = self.samples.words("hello", "world")
        let first = try store.commit(self.facts(envelopes), me: self.anna)
        let second = try store.commit(self.facts(envelopes), me: self.anna)
        #expect(first == 1 && second == 2)
        #expect(try store.history(self.samples.conversation, limit: 10).map(\.text) == ["hello", "world"])
        let snapshot = try store.snapshot()
        #expect(snapshot.heads.map(\.seq) == [2] && snapshot.heads.first?.id == envelopes[1].envelope.id)
        #expect(
            try store.envelopes(self.samples.log, from: 1, to: 9, mostBytes: 1 << 20)
                == envelopes.map { .wire(seq: $0.envelope.seq, $0.envelope.wire) })
    }

    @Test func theOrderOfArrivalDoesNotMatter() throws {
        let story = self.story()
        var pictures: Set<[Message]> = []
        for seed in 0..<60 {
            var random = SeededRandom(seed: UInt64(seed))
            let store = try Store.inMemory(reader: Envelope.kept)
            for envelope in story.shuffled(using: &random) {
                _ = try store.commit(self.facts([envelope]), me: self.bob)
            }
            var messages = try store.history(self.samples.conversation, limit: 10)
            for index in messages.indices { messages[index].order = 0 }
            pictures.insert(messages)
        }
        #expect(pictures.count == 1)
        let picture = try #require(pictures.first)
        #expect(picture.map(\.text) == ["first, edited again", ""] && picture.map(\.isDeleted) == [false, true])
        #expect(picture[0].reactions.map(\.emoji) == ["👍"])
    }

    @Test func aDeletedBodyLeavesTheDiskAndItsPlaceStays() throws {
        let store = try Store.inMemory(reader: Envelope.kept)
        let story = self.story()
        _ = try store.commit(self.facts(story), me: self.anna)
        let stored = try store.envelopes(self.samples.log, from: 1, to: 9, mostBytes: 1 << 20)
        #expect(stored.count == 6 && stored[1] == .gone(seq: 2, story[1].envelope.id))
        #expect(try store.search("second", limit: 5).isEmpty)
        #expect(try store.search("EDITED aga", limit: 5).map(\.text) == ["first, edited again"])
    }

    @Test func onlyTheAuthorEditsAndDeletes() throws {
        let store = try Store.inMemory(reader: Envelope.kept)
        let envelopes = self.samples.words("mine")
        _ = try store.commit(self.facts(envelopes), me: self.anna)
        let target = envelopes[0].envelope.id
        let foreign = Envelope.sign(
            conversation: self.samples.conversation, device: self.samples.bob.device,
            log: LogID([UInt8](repeating: 3, count: 16)) ?? self.samples.log, seq: 1,
            prev: nil, parents: [], stamp: HybridTime(raw: 1_700_000_000_001 << 16), kind: 3,
            payload: Content.delete(target: target).payload,
            with: self.samples.bob.signing)
        _ = try store.commit(
            [.envelope(foreign.envelope, .delete(target: target), author: self.bob, arrived: self.at)], me: self.anna)
        #expect(try store.message(target)?.text == "mine")
    }

    @Test func ticksComeFromWhatOthersHold() throws {
        let store = try Store.inMemory(reader: Envelope.kept)
        let envelopes = self.samples.words("a", "b", "c")
        _ = try store.commit(self.facts(envelopes), me: self.anna)
        let (conversation, log) = (self.samples.conversation, self.samples.log)
        let later = Timestamp(milliseconds: self.at.milliseconds + 1_000)
        // An acknowledgement that names another id is none.
        _ = try store.commit(
            [
                .held(
                    conversation, log, by: self.samples.bob.device, of: self.bob, seq: 3, id: envelopes[0].envelope.id,
                    at: later)
            ], me: self.anna)
        #expect(try store.queued(me: self.anna) == 3)
        _ = try store.commit(
            [
                .held(
                    conversation, log, by: self.samples.bob.device, of: self.bob, seq: 2, id: envelopes[1].envelope.id,
                    at: later)
            ], me: self.anna)
        _ = try store.commit([.read(conversation, log, by: self.bob, seq: 1, at: self.at)], me: self.anna)
        let messages = try store.history(conversation, limit: 10)
        #expect(messages.map { $0.deliveredAt } == [later, later, nil])
        #expect(messages.map { $0.readAt != nil } == [true, false, false])
        #expect(messages[0].readAt.map { $0 >= later } == true, "read is not before delivered")
        let changes = try store.changes(since: 2)
        #expect(changes.count == 2 && changes.map(\.cursor) == [3, 4])
    }

    /// A tick is told of once for each person, with the message as it is then.
    @Test func ticksAreChangesOfTheMessage() throws {
        let store = try Store.inMemory(reader: Envelope.kept)
        let envelopes = self.samples.words("a", "b", "c")
        let (conversation, log) = (self.samples.conversation, self.samples.log)
        let other = try #require(DeviceID([UInt8](repeating: 77, count: 32)))
        func held(_ device: DeviceID) -> Fact {
            .held(conversation, log, by: device, of: self.bob, seq: 3, id: envelopes[2].envelope.id, at: self.at)
        }
        try store.commit(self.facts(envelopes), me: self.anna)
        try store.commit([held(self.samples.bob.device)], me: self.anna)
        try store.commit([held(other)], me: self.anna)
        func kinds(_ changes: [Change]) -> [Change.Kind] {
            changes.compactMap { if case .message(_, let kind) = $0.subject { kind } else { nil } }
        }
        #expect(
            try kinds(store.changes(since: 0)) == [.delivered, .delivered, .delivered],
            "each once, with its latest change")
        #expect(
            try store.changes(since: 0).map(\.cursor) == [2, 2, 2] && store.changes(since: 2).isEmpty,
            "another device of theirs is no news")
        #expect(try store.changes(of: 1, beyond: 0, limit: 9).changes.isEmpty)
        let page = try store.changes(of: 2, beyond: 1, limit: 1)
        #expect(page.isMore && page.changes.map(\.order) == [2])
        try store.commit([.read(conversation, log, by: self.bob, seq: 2, at: self.at)], me: self.anna)
        try store.commit(
            self.facts(
                self.samples.chain([
                    .text(.init("a")), .text(.init("b")), .text(.init("c")),
                    .edit(target: envelopes[0].envelope.id, text: "A"),
                ])), me: self.anna)
        #expect(try kinds(store.changes(since: 0)) == [.delivered, .read, .edited])
        #expect(
            try store.queued(me: self.anna) == 0
                && store.history(conversation, limit: 9).map { $0.readAt != nil } == [true, true, false])
    }

    /// A row that holds no such thing is told of; the others are read.
    @Test func aRowThatCannotBeReadIsReported() throws {
        let store = try Store.inMemory(reader: Envelope.kept)
        try store.commit(
            self.facts(self.samples.words("one", "two")) + [
                .contact(Contact(person: self.bob, name: "Bob", trust: .accepted))
            ], me: self.anna)
        try store.withConnection { db in
            try db.execute(
                sql: "UPDATE message SET author = x'01' WHERE text = 'one'; UPDATE contact SET trust = 'unheard of'")
            try db.execute(sql: "INSERT INTO held (log, device, conversation, seq) VALUES (x'01', x'02', x'03', 1)")
        }
        #expect(store.unreadable().isEmpty)
        #expect(try store.history(self.samples.conversation, limit: 9).map(\.text) == ["two"])
        #expect(try store.snapshot().contacts.isEmpty && store.snapshot().heads.count == 1)
        #expect(
            store.unreadable().map(\.table) == ["contact", "held", "message"]
                && store.unreadable().allSatisfy { $0.rows == 1 })
    }

    @Test func longTextIsOneMessageWhateverPartComesFirst() throws {
        let text = String(repeating: "0123456789", count: 10_000)
        let parts = try #require(Content.parts(of: text))
        let first = self.samples.chain([.text(.init(parts[0], part: 0, parts: 3))])[0].envelope.id
        let chain = self.samples.chain([
            .text(.init(parts[0], part: 0, parts: 3)), .text(.init(parts[1], part: 1, parts: 3, first: first)),
            .text(.init(parts[2], part: 2, parts: 3, first: first)),
        ])
        for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
            let store = try Store.inMemory(reader: Envelope.kept)
            for index in order { _ = try store.commit(self.facts([chain[index]]), me: self.bob) }
            let messages = try store.history(self.samples.conversation, limit: 10)
            #expect(messages.count == 1 && messages[0].isComplete && messages[0].text.count == text.count)
            if order != [0, 2, 1] { #expect(messages[0].text == text, "\(order)") }
        }
    }

    @Test func whatPeopleTypeIntoSearchIsWords() throws {
        let store = try Store.inMemory(reader: Envelope.kept)
        _ = try store.commit(self.facts(self.samples.words("Grüße aus Köln", "plain text")), me: self.anna)
        for query in ["\"", "' OR 1=1 --", "NEAR(", "a AND", "*", "col:x", "{}", "(", "-x", "\u{0}"] {
            _ = try store.search(query, limit: 5)
        }
        #expect(try store.search("grusse koln", limit: 5).isEmpty)
        #expect(try store.search("grüße kol", limit: 5).count == 1)
        #expect(try store.messages(idPrefix: "zzzz").isEmpty && store.messages(idPrefix: "!").isEmpty)
        let message = try store.history(self.samples.conversation, limit: 1)[0]
        #expect(try store.messages(idPrefix: String(message.id.description.prefix(9))).map(\.id) == [message.id])
    }

    @Test func contactsAndTheRestComeBack() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("earshot.db").path
        let contact = Contact(person: self.bob, name: "Bob", petname: "Robert", trust: .accepted, since: self.at)
        let endpoint = try #require(Endpoint(address: [10, 0, 0, 7], port: 47_447))
        do {
            let store = try Store(path: path, generation: [UInt8](repeating: 5, count: 32), reader: Envelope.kept)
            _ = try store.commit(
                [
                    .contact(contact), .manifest(self.samples.bob.manifest), .certificate(self.samples.bob.certificate),
                    .reached(self.samples.bob.device, self.bob, endpoint, at: self.at), .staticPeer("h:1", true),
                    .staticPeer("i:1", true),
                    .staticPeer("h:1", false), .setting("name", "Anna"),
                ] + self.facts(self.samples.words("kept")), me: self.anna)
        }
        let snapshot = try Store(path: path, generation: [UInt8](repeating: 6, count: 32), reader: Envelope.kept)
            .snapshot()
        #expect(snapshot.generation == [UInt8](repeating: 5, count: 32))
        #expect(
            snapshot.contacts == [contact] && snapshot.staticPeers == ["i:1"] && snapshot.settings == ["name": "Anna"])
        #expect(
            snapshot.addresses.map(\.endpoint) == [endpoint] && snapshot.manifests == [self.samples.bob.manifest.wire])
    }

    @Test func aDamagedDatabaseIsLeftAlone() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        let rubbish = Data((0..<8_192).map { _ in UInt8.random(in: 0...255) })
        try rubbish.write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(throws: StoreError.self) {
            try Store(path: path, generation: [UInt8](repeating: 1, count: 32), reader: Envelope.kept)
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == rubbish)
    }

    @Test func aCopyWritesLogsOfItsOwn() throws {
        let store = try Store.inMemory(generation: [UInt8](repeating: 1, count: 32), reader: Envelope.kept)
        let other = [UInt8](repeating: 2, count: 32)
        #expect(try !store.settle(birthMark: [1], generation: other), "seen for the first time")
        #expect(try !store.settle(birthMark: [1], generation: other), "the same file again")
        #expect(try !store.settle(birthMark: nil, generation: other), "nothing is known of it")
        #expect(try store.snapshot().generation == [UInt8](repeating: 1, count: 32))
        #expect(try store.settle(birthMark: [2], generation: other))
        #expect(try store.snapshot().generation == other)
    }

    /// What a commit costs: the pages it writes.
    @Test func aCommitWritesFewPages() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try Store(
            path: folder.appendingPathComponent("a.db").path, generation: [UInt8](repeating: 5, count: 32),
            reader: Envelope.kept)
        let chain = self.samples.chain((0..<60).map { .text(.init("word \($0)")) })
        func pages(_ facts: [Fact]) throws -> Int {
            let before = store.pagesInLog
            try store.commit(facts, me: self.anna)
            return store.pagesInLog - before
        }
        let messages = try chain.map { try pages(self.facts([$0])) }.sorted()
        let ticks = try chain.map(\.envelope).map { envelope in
            try pages([
                .held(
                    envelope.conversation, envelope.log, by: self.samples.bob.device, of: self.bob, seq: envelope.seq,
                    id: envelope.id, at: self.at)
            ])
        }.sorted()
        #expect(messages[30] <= 9 && ticks[30] <= 4, "\(messages[30]), \(ticks[30])")
    }

    /// kill -9 at any moment: a copy of the files as they are then has every commit that had returned.
    @Test func everyCommitThatReturnedIsInACopyOfTheFiles() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try Store(
            path: folder.appendingPathComponent("a.db").path, generation: [UInt8](repeating: 5, count: 32),
            reader: Envelope.kept)
        let chain = self.samples.chain((0..<40).map { .text(.init("word \($0)")) })
        for (index, envelope) in chain.enumerated() {
            _ = try store.commit(self.facts([envelope]), me: self.anna)
            for suffix in ["", "-wal"] {
                try? FileManager.default.removeItem(atPath: folder.path + "/b.db" + suffix)
                try? FileManager.default.copyItem(
                    atPath: folder.path + "/a.db" + suffix, toPath: folder.path + "/b.db" + suffix)
            }
            let copy = try Store(path: folder.path + "/b.db", generation: [], reader: Envelope.kept)
            #expect(try copy.history(self.samples.conversation, limit: 100).count == index + 1)
        }
    }
}
