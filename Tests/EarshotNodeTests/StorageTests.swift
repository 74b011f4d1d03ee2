import EarshotControl
import EarshotModel
import EarshotNode
import EarshotStore
import Foundation
import GRDB
import Logging
import Testing

/// A node whose disk does not do as it should, as people and programs see it.
@Suite(.timeLimit(.minutes(5))) struct StorageTests {
    let nodes = TwoNodesTests()

    func refuse(_ running: TwoNodesTests.Running, _ table: String, _ condition: String) throws {
        try running.node.store.withConnection { db in
            try db.execute(
                sql: """
                    CREATE TEMP TRIGGER refused BEFORE INSERT ON main.\(table) WHEN \(condition)
                    BEGIN SELECT RAISE(ABORT, 'no such row here'); END
                    """)
        }
    }

    @Test func aMessageThatCannotBePutIntoTheHistoryIsAcknowledgedAndSaidSo() async throws {
        let (anna, bob) = try await self.nodes.friends()
        try self.refuse(bob, "message", "new.text = 'bad'")
        for text in ["one", "bad", "three"] {
            let sent = try await anna.ask(
                Methods.Send(to: ["bob"], text: text, wait: .delivered, timeout: 20_000))
            #expect(sent.array?.first?["state"]?.string == "delivered", "\(text)")
        }
        let history = try await bob.ask(Methods.History(who: "anna", limit: 9)).array ?? []
        #expect(
            history.map { $0["text"]?.string ?? "" } == ["one", "", "three"]
                && history.map { $0["problem"] != nil } == [false, true, false])
        #expect(try await bob.ask(Methods.Status())["setAside"]?.integer == 1)
        let doctor = try await bob.ask(Methods.Doctor()).array ?? []
        #expect(doctor.contains { $0["check"]?.string == "set aside" && $0["ok"]?.bool == false })
        await anna.stop()
        await bob.stop()
        let again = try await TwoNodesTests.Running("Bob", state: bob.state)
        let mended = try await again.ask(Methods.History(who: "anna", limit: 9)).array ?? []
        #expect(mended.map { $0["text"]?.string ?? "" } == ["one", "bad", "three"])
        #expect(try await again.ask(Methods.Status())["setAside"]?.integer == 0)
        await again.stop()
    }

    @Test func whatCannotBeStoredIsNotAcknowledgedAndTheNodeGoesOn() async throws {
        let (anna, bob) = try await self.nodes.friends()
        _ = try await anna.ask(Methods.Send(to: ["bob"], text: "one", wait: .delivered, timeout: 20_000))
        try self.refuse(bob, "envelope", "new.seq = 2 AND length(new.wire) > 2000")
        let bad = try await anna.ask(
            Methods.Send(
                to: ["bob"], text: String(repeating: "x", count: 5_000), wait: .delivered, timeout: 3_000)
        )
        #expect(bad.array?.first?["state"]?.string == "queued")
        // Bob writes on, and Anna has it.
        let back = try await bob.ask(Methods.Send(to: ["anna"], text: "back", wait: .delivered, timeout: 20_000))
        #expect(back.array?.first?["state"]?.string == "delivered")
        let status = try await bob.ask(Methods.Status())
        #expect(status["disk"]?.string == "ok" && status["diskFull"]?.bool == false && status["setAside"]?.integer == 1)
        await anna.stop()
        await bob.stop()
    }

    @Test func ourOwnThatCannotBeStoredIsAnErrorOfItsOwn() async throws {
        let (anna, bob) = try await self.nodes.friends()
        try self.refuse(anna, "envelope", "length(new.wire) > 2000")
        let error = await #expect(throws: DoorError.self) {
            try await anna.ask(
                Methods.Send(to: ["bob"], text: String(repeating: "x", count: 5_000)))
        }
        #expect(error?.kind == .notStored && error?.kind.exitCode == 12)
        let sent = try await anna.ask(
            Methods.Send(to: ["bob"], text: "short", wait: .delivered, timeout: 20_000))
        #expect(sent.array?.first?["state"]?.string == "delivered")
        await anna.stop()
        await bob.stop()
    }

    @Test func aFullDiskIsSaidAndIsOverByItself() async throws {
        let (anna, bob) = try await self.nodes.friends()
        let pages = try anna.node.store.withConnection { try Int.fetchOne($0, sql: "PRAGMA page_count") ?? 0 }
        try anna.node.store.withConnection { try $0.execute(sql: "PRAGMA max_page_count = \(pages)") }
        // It is looked at again each second, and where that is long in coming it may be over before one asks.
        var isSaid = false
        for _ in 0..<20 where !isSaid {
            let error = await #expect(throws: DoorError.self) {
                try await anna.ask(Methods.Send(to: ["bob"], text: String(repeating: "x", count: 600_000)))
            }
            #expect(error?.kind == .diskFull && error?.kind.exitCode == 8)
            let status = try await anna.ask(Methods.Status())
            isSaid = status["disk"]?.string == "full" && status["diskFull"]?.bool == true
            #expect(status["setAside"]?.integer == 0)
        }
        #expect(isSaid)
        try anna.node.store.withConnection { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
        while try await anna.ask(Methods.Status())["disk"]?.string != "ok" { await Task.yield() }
        let sent = try await anna.ask(
            Methods.Send(to: ["bob"], text: "there is room", wait: .delivered, timeout: 20_000))
        #expect(sent.array?.first?["state"]?.string == "delivered")
        await anna.stop()
        await bob.stop()
    }

    @Test func aDamagedHistoryIsMadeAnewFromTheEnvelopes() async throws {
        let (anna, bob) = try await self.nodes.friends()
        for number in 0..<60 {
            _ = try await anna.ask(
                Methods.Send(
                    to: ["bob"], text: "\(number) \(String(repeating: "word ", count: 200))", replyTo: nil,
                    wait: .queued, timeout: 0))
        }
        _ = try await anna.ask(Methods.Send(to: ["bob"], text: "last", wait: .delivered, timeout: 20_000))
        let state = bob.state
        await bob.stop()
        // Every page of the history but its first is overwritten.
        let pages = try Self.pages(of: "message", state + "/earshot.db")
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: state + "/earshot.db"))
        for page in pages.dropFirst() {
            try handle.seek(toOffset: UInt64(page - 1) * 4_096)
            try handle.write(contentsOf: Data(repeating: 0xA5, count: 4_096))
        }
        try handle.close()
        let again = try await TwoNodesTests.Running("Bob", state: state)
        // Whoever reads it first may be told that it is damaged; then it is mended.
        var history: [JSON] = []
        for _ in 0..<3 where history.count < 61 {
            history = (try? await again.ask(Methods.History(who: "anna", limit: 100)).array) ?? []
        }
        #expect(history.count == 61 && history.last?["text"]?.string == "last")
        #expect(FileManager.default.fileExists(atPath: state + "/earshot.db.damaged"))
        #expect(try await again.ask(Methods.Status())["disk"]?.string == "ok")
        await anna.stop()
        await again.stop()
    }

    static func pages(of table: String, _ path: String) throws -> [Int] {
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        return try queue.read {
            try Int.fetchAll($0, sql: "SELECT pageno FROM dbstat WHERE name = ? ORDER BY pageno", arguments: [table])
        }
    }
}
