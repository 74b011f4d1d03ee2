import EarshotControl
import EarshotModel
import EarshotNode
import EarshotVault
import EarshotWire
import Foundation
import Testing

/// A backup of a node that runs, put back elsewhere.
@Suite(.timeLimit(.minutes(5))) struct BackupTests {
    let folder = NSTemporaryDirectory() + "enb-" + UUID().uuidString.prefix(8)
    let passphrase = "correct horse"

    init() throws {
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
    }

    private func backup(_ node: TwoNodesTests.Running, _ name: String) async throws -> JSON {
        try await node.ask(
            Methods.Backup(path: AbsolutePath("\(self.folder)/\(name)"), passphrase: self.passphrase))
    }

    private func restore(_ name: String, _ passphrase: String? = nil) throws -> RestoredView {
        try Restoring.run(
            "\(self.folder)/\(name)", into: self.folder + "/again",
            passphrase: Array((passphrase ?? self.passphrase).utf8))
    }

    @Test func whoIsPutBackIsTheSameAndGetsWhatTheyMissed() async throws {
        let (anna, bob) = try await TwoNodesTests().friends()
        _ = try await anna.ask(Methods.Send(to: ["bob"], text: "before", wait: .delivered, timeout: 20_000))
        let made = try await self.backup(anna, "one")
        #expect(made["messages"]?.integer == 1 && made["bytes"]?.integer ?? 0 > 10_000)
        _ = try await anna.ask(Methods.Send(to: ["bob"], text: "after", wait: .delivered, timeout: 20_000))
        let person = anna.node.identity.person
        await anna.stop()

        #expect(throws: BackupError.wrongPassphrase(path: self.folder + "/one")) { try self.restore("one", "wrong") }
        #expect(!FileManager.default.fileExists(atPath: self.folder + "/again"), "a typing error leaves nothing")
        let restored = try self.restore("one")
        #expect(restored.person == person && restored.messages == 1 && restored.contacts == 1)
        #expect(throws: BackupError.occupied(folder: self.folder + "/again")) { try self.restore("one") }

        let again = try await TwoNodesTests.Running("Anna", state: self.folder + "/again")
        _ = try await again.ask(Methods.AddPeer("127.0.0.1:\(bob.port)"))
        let sent = try await again.ask(Methods.Send(to: ["bob"], text: "back", wait: .delivered, timeout: 30_000))
        #expect(sent.array?.first?["state"]?.string == "delivered")
        let history = try await again.ask(Methods.History(who: "bob", limit: 9)).array ?? []
        #expect(history.map { $0["text"]?.string ?? "" } == ["before", "after", "back"])
        #expect(history.allSatisfy { $0["state"]?.string == "delivered" }, "whoever gave it back has it")
        let theirs = try await bob.ask(Methods.History(who: "anna", limit: 9)).array ?? []
        #expect(theirs.map { $0["text"]?.string ?? "" } == ["before", "after", "back"])
        await again.stop()
        try Wiping.run(state: self.folder + "/again")
        #expect(!FileManager.default.fileExists(atPath: self.folder + "/again"), "nothing of it is left")
        await bob.stop()
    }

    @Test func whatCannotBeMadeSaysWhyAndLeavesNothing() async throws {
        let anna = try await TwoNodesTests.Running("Anna")
        _ = try await self.backup(anna, "one")
        await #expect(throws: DoorError.self) { try await self.backup(anna, "one") }
        await #expect(throws: DoorError.self) { try await self.backup(anna, "nowhere/one") }
        await #expect(throws: DoorError.self) {
            try await anna.ask(Methods.Backup(path: AbsolutePath(self.folder + "/two"), passphrase: "short"))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: self.folder) == ["one"])
        // Two at once: one of them is told.
        async let first = self.backup(anna, "three")
        async let second = self.backup(anna, "four")
        var made = 0
        do {
            _ = try await first
            made += 1
        } catch is DoorError {}
        do {
            _ = try await second
            made += 1
        } catch is DoorError {}
        #expect(made == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: anna.state + "/spool").isEmpty)
        await anna.stop()
    }
}
