import EarshotModel
import EarshotStore
import EarshotTesting
import EarshotWire
import Foundation
import Testing

/// Databases of every earlier schema, with real envelopes in them (Resources/Schemas/README.md), are brought up to
/// date.
@Suite struct EarlierSchemaTests {
    static let at = Timestamp(milliseconds: 1_800_000_100_000)
    let samples: Samples
    init() throws { self.samples = try Samples() }

    var anna: PersonID { self.samples.anna.person }
    var bob: PersonID { self.samples.bob.person }

    /// Two persons who talk, edit, react, delete, and of whom one has read what the other said but its end.
    func story() -> Talk {
        var talk = Talk(self.samples)
        let noon: UInt64 = 1_800_000_000_000
        let (anna, bob) = (self.samples.anna, self.samples.bob)
        let first = talk.say(.text(.init("Grüße aus Köln")), by: anna, clock: noon)
        _ = talk.say(.text(.init("hello Anna", replyTo: first)), by: bob, clock: noon + 1_000)
        let gone = talk.say(.text(.init("a secret")), by: anna, clock: noon + 2_000)
        _ = talk.say(.edit(target: first, text: "Grüße aus Bonn"), by: anna, clock: noon + 3_000)
        _ = talk.say(.reaction(target: first, emoji: "👍", on: true), by: bob, clock: noon + 4_000)
        _ = talk.say(.delete(target: gone), by: anna, clock: noon + 5_000)
        let long = talk.say(.text(.init("one ", parts: 2)), by: anna, clock: noon + 6_000)
        _ = talk.say(.text(.init("two", part: 1, parts: 2, first: long)), by: anna, clock: noon + 7_000)
        _ = talk.say(.text(.init("the last")), by: anna, clock: noon + 8_000)
        return talk
    }

    func fill(_ store: Store) throws {
        let talk = self.story()
        let endpoint = try #require(Endpoint(address: [10, 0, 0, 7], port: 47_447))
        let bobs = self.samples.bob
        try store.commit(
            [
                .contact(Contact(person: self.bob, name: "Bob", trust: .accepted, since: Self.at)),
                .manifest(bobs.manifest),
                .certificate(bobs.certificate), .reached(bobs.device, self.bob, endpoint, at: Self.at),
                .setting("name", "Anna"), .staticPeer("h:1", true),
            ] + talk.said.map { talk.fact($0, arrived: Self.at) }, me: self.anna)
        let own = talk.said.map(\.envelope).filter { $0.device == self.samples.anna.device }
        try store.commit(
            [
                .held(
                    own[5].conversation, own[5].log, by: bobs.device, of: self.bob, seq: own[5].seq, id: own[5].id,
                    at: Self.at),
                .read(own[0].conversation, own[0].log, by: self.bob, seq: own[3].seq, at: Self.at),
                .read(own[0].conversation, talk.said[1].envelope.log, by: self.anna, seq: 1, at: Self.at),
            ], me: self.anna)
    }

    func expectStory(_ store: Store, _ what: Comment) throws {
        let shown = try store.history(self.samples.conversation, limit: 20)
        #expect(shown.map(\.text) == ["Grüße aus Bonn", "hello Anna", "", "one two", "the last"], what)
        #expect(shown.map(\.isDeleted) == [false, false, true, false, false] && shown.allSatisfy(\.isComplete), what)
        #expect(shown.map { $0.deliveredAt != nil } == [true, false, true, true, false], what)
        #expect(shown.map { $0.readAt != nil } == [true, false, true, false, false], what)
        #expect(
            shown.first?.reactions.map(\.emoji) == ["👍"] && shown.first?.editedAt != nil
                && shown.dropFirst().first?.replyTo == shown.first?.id, what)
        let first = try #require(shown.first)
        #expect(
            try store.receipts(of: first.id) == [Receipt(person: self.bob, deliveredAt: Self.at, readAt: Self.at)], what
        )
        #expect(
            try store.unread(self.samples.conversation, me: self.anna) == 0 && store.queued(me: self.anna) == 1, what)
        let snapshot = try store.snapshot()
        #expect(
            Set(snapshot.heads.map(\.seq)) == [2, 7] && snapshot.held.map(\.seq) == [6] && snapshot.reads.count == 2,
            what)
        #expect(
            snapshot.contacts.map(\.name) == ["Bob"] && snapshot.addresses.count == 1
                && snapshot.settings["name"] == "Anna", what)
        #expect(
            snapshot.manifests.count == 1 && snapshot.certificates.count == 1 && snapshot.staticPeers == ["h:1"], what)
        #expect(
            try store.search("bonn", limit: 5).map(\.id) == [first.id] && store.search("secret", limit: 5).isEmpty, what
        )
        #expect(store.isIndexWhole() && store.fault() == nil && store.unreadable().isEmpty, what)
    }

    static let resources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
        "Resources/Schemas")

    static func unpack(_ name: String, to path: String) throws {
        let unzip = Process()
        unzip.executableURL = URL(fileURLWithPath: "/bin/sh")
        unzip.arguments = [
            "-c", "gzip -dc \"$1\" > \"$2\"", "sh", Self.resources.appendingPathComponent("\(name).db.gz").path, path,
        ]
        try unzip.run()
        unzip.waitUntilExit()
        #expect(unzip.terminationStatus == 0)
    }

    func folder() throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }

    func open(_ path: String) throws -> Store {
        try Store(path: path, generation: [UInt8](repeating: 5, count: 32), reader: Envelope.kept)
    }

    @Test(arguments: Array(1...7) + [11, 13]) func aDatabaseOfAnEarlierEarshotIsBroughtUpToDate(schema: Int) throws {
        let path = try self.folder() + "/earshot.db"
        try Self.unpack("schema-\(schema)", to: path)
        do {
            let store = try self.open(path)
            try self.expectStory(store, "schema \(schema)")
            while try store.index(atMost: 100) {}
            // It goes on as if it had always been so: the next word, and a tick for the last of before.
            var talk = self.story()
            _ = talk.say(.text(.init("after")), by: self.samples.anna, clock: 1_800_000_009_000)
            let next = talk.said[talk.said.count - 1]
            try store.commit([talk.fact(next, arrived: Self.at)], me: self.anna)
            let bobs = self.samples.bob
            try store.commit(
                [
                    .held(
                        next.envelope.conversation, next.envelope.log, by: bobs.device, of: self.bob,
                        seq: next.envelope.seq, id: next.envelope.id, at: Self.at)
                ],
                me: self.anna)
            store.close()
        }
        let again = try self.open(path)
        let shown = try again.history(self.samples.conversation, limit: 20)
        #expect(
            shown.map(\.text).suffix(3) == ["one two", "the last", "after"]
                && shown.suffix(3).allSatisfy { $0.deliveredAt != nil })
        #expect(try again.queued(me: self.anna) == 0 && again.fault() == nil && again.isIndexWhole())
        again.close()
    }

    @Test func aDatabaseOfTodayHoldsTheSameStory() throws {
        let path = try ProcessInfo.processInfo.environment["EARSHOT_SCHEMA_SOURCE"] ?? self.folder() + "/earshot.db"
        let store = try self.open(path)
        try self.fill(store)
        try self.expectStory(store, "today")
        store.close()
    }
}
