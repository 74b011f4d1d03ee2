import EarshotModel
import EarshotStore
import EarshotTesting
import EarshotWire
import Foundation
import Testing

/// A database of the first schema with rooms is brought up to date, and what was hidden in it is shown and hidden as
/// if it had always been so (Resources/Schemas/README.md).
@Suite struct EarlierRoomTests {
    private static let at = Timestamp(milliseconds: 1_800_000_100_000)
    private let samples: Samples
    private let talk: ConversationID
    private let log: LogID

    init() throws {
        self.samples = try Samples()
        self.talk = Derive.talk(self.samples.charter.room)
        self.log = Derive.log(generation: self.samples.bob.device.bytes, self.talk)
    }

    private func shown(_ limit: UInt64) -> Fact {
        .shown(self.talk, Stretch(log: self.log, membership: 1), ShownLimit(all: limit, words: limit))
    }

    private func fill(_ store: Store) throws {
        var before: Envelope?
        func next(_ content: Content) -> Fact {
            let envelope = Envelope.sign(
                conversation: self.talk, device: self.samples.bob.device, log: self.log, seq: (before?.seq ?? 0) + 1,
                prev: before?.id, parents: [], stamp: HybridTime(raw: (1_800_000_000_000 + (before?.seq ?? 0)) << 16),
                membership: 1, kind: content.kind, payload: content.payload, with: self.samples.bob.signing
            ).envelope
            before = envelope
            return .envelope(envelope, content, author: self.samples.bob.person, arrived: Self.at)
        }
        let word = next(.text(.init("in the room")))
        guard let id = before?.id else { return }
        let more: [Content] = [
            .reaction(target: id, emoji: "👍", on: true), .edit(target: id, text: "in the room, edited"),
            .reaction(target: id, emoji: "👍", on: false), .edit(target: id, text: "behind the end"),
            .text(.init("hidden")), .acknowledge(target: id),
        ]
        try store.commit(
            [.members(self.talk, [self.samples.anna.person, self.samples.bob.person]), self.shown(3), word]
                + more.map(next), me: self.samples.anna.person)
    }

    private func expectBeginning(_ store: Store, _ what: Comment) throws {
        let shown = try store.history(self.talk, limit: 9)
        #expect(shown.map(\.text) == ["in the room, edited"], what)
        #expect(shown.first?.reactions.map(\.emoji) == ["👍"], what)
    }

    @Test func whatWasHiddenIsShownAndHiddenAgain() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/earshot.db"
        try EarlierSchemaTests.unpack("schema-11-room", to: path)
        let store = try Store(path: path, generation: [UInt8](repeating: 5, count: 32), reader: Envelope.kept)
        defer { store.close() }
        #expect(try store.asideCount() == 0)
        try self.expectBeginning(store, "as it was")
        try store.commit([self.shown(.max)], me: self.samples.anna.person)
        let shown = try store.history(self.talk, limit: 9)
        #expect(shown.map(\.text) == ["behind the end", "hidden"] && shown.first?.reactions.isEmpty == true)
        try store.commit([self.shown(3)], me: self.samples.anna.person)
        try self.expectBeginning(store, "shown and hidden again")
        #expect(store.fault() == nil && store.isIndexWhole() && store.unreadable().isEmpty)
    }

    @Test func aDatabaseOfTodayHoldsTheSameRoom() throws {
        let source = ProcessInfo.processInfo.environment["EARSHOT_SCHEMA_SOURCE"]
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = try Store(
            path: source ?? folder + "/earshot.db", generation: [UInt8](repeating: 5, count: 32),
            reader: Envelope.kept)
        try self.fill(store)
        try self.expectBeginning(store, "today")
        store.close()
    }
}
