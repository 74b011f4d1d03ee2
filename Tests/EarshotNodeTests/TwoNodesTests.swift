import EarshotControl
import EarshotModel
import EarshotNode
import Foundation
import Logging
import Testing

/// Whole nodes in this process, with real sockets and disks, spoken to through the door.
@Suite(.timeLimit(.minutes(5))) struct TwoNodesTests {
    final class Running: Sendable {
        let node: Node
        let task: Task<Void, any Error>
        let state: String
        let port: UInt16
        let caller: CallerID
        let events: AsyncStream<JSON>

        /// - Parameter configuration: by the folder; else a node of that name on this machine alone.
        init(
            _ name: String, state: String? = nil, configuration: ((String) throws -> Configuration)? = nil
        ) async throws {
            let path = state ?? NSTemporaryDirectory() + "en-" + UUID().uuidString.prefix(8)
            self.state = path
            var log = Logger(label: name)
            log.logLevel = .critical
            let usual = { path in
                try Configuration(state: path, name: name, port: 0, discovery: .none, interfaces: ["lo"])
            }
            let node = try Node(try (configuration ?? usual)(path), log: log)
            self.node = node
            let (ready, tell) = AsyncStream.makeStream(of: UInt16.self)
            self.task = Task { try await node.run { tell.yield($0) } }
            var port: UInt16 = 0
            for await value in ready {
                port = value
                break
            }
            self.port = port
            let (events, post) = AsyncStream.makeStream(of: JSON.self)
            self.events = events
            self.caller = node.enter {
                post.yield(json($0.view))
                return true
            }
            _ = try await self.ask(Methods.Subscribe())
        }

        func ask(_ method: some Method) async throws -> JSON {
            try await withCheckedThrowingContinuation { continuation in
                self.node.ask(method, from: self.caller) { result in
                    continuation.resume(with: result.map { json($0) }.mapError { $0 as any Error })
                }
            }
        }

        func event(_ matches: (JSON) -> Bool) async -> JSON? {
            for await event in self.events where matches(event) { return event }
            return nil
        }

        func stop() async {
            self.node.stop()
            _ = try? await self.task.value
        }
    }

    func friends() async throws -> (Running, Running) {
        let anna = try await Running("Anna")
        let bob = try await Running("Bob")
        _ = try await anna.ask(Methods.AddPeer("127.0.0.1:\(bob.port)"))
        _ = await anna.event { $0["event"]?.string == "peer" && $0["peer"]?["name"]?.string == "Bob" }
        _ = await bob.event { $0["event"]?.string == "peer" }
        _ = try await anna.ask(Methods.Accept("bob"))
        _ = try await bob.ask(Methods.Accept("anna"))
        return (anna, bob)
    }

    @Test func aWordGoesAndATickComesBack() async throws {
        let (anna, bob) = try await self.friends()
        let sent = try await anna.ask(
            Methods.Send(to: ["Bob"], text: "hello", wait: .delivered, timeout: 20_000))
        #expect(sent.array?.first?["state"]?.string == "delivered")
        let heard = await bob.event { $0["event"]?.string == "message" }
        #expect(heard?["message"]?["text"]?.string == "hello")
        let id = try #require(sent.array?.first?["id"]?.string)
        _ = try await bob.ask(Methods.MarkRead("anna"))
        let receipt = await anna.event { $0["message"]?["state"]?.string == "read" }
        #expect(receipt?["message"]?["id"]?.string == id)
        _ = try await bob.ask(Methods.React(id: String(id.prefix(10)), emoji: "👍", on: true))
        _ = await anna.event { $0["event"]?.string == "reaction" }
        _ = try await anna.ask(Methods.Edit(id: id, text: "hello!"))
        #expect(await bob.event { $0["event"]?.string == "edit" }?["message"]?["text"]?.string == "hello!")
        _ = try await anna.ask(Methods.Delete(id))
        #expect(await bob.event { $0["event"]?.string == "delete" }?["message"]?["deleted"]?.bool == true)
        _ = try await anna.ask(Methods.Typing(who: "bob", on: true))
        #expect(await bob.event { $0["event"]?.string == "typing" }?["on"]?.bool == true)
        await anna.stop()
        await bob.stop()
    }

    @Test func wordsForTheAbsentComeWhenHeIsBack() async throws {
        let (anna, bob) = try await self.friends()
        _ = try await anna.ask(Methods.Send(to: ["bob"], text: "before", wait: .delivered, timeout: 20_000))
        let state = bob.state
        await bob.stop()
        _ = await anna.event { $0["event"]?.string == "presence" && $0["online"]?.bool == false }
        let long = String(repeating: "añ🍰 ", count: 20_000)
        for text in ["one", "two", long] {
            _ = try await anna.ask(Methods.Send(to: ["bob"], text: text))
        }
        let again = try await Running("Bob", state: state)
        _ = try await again.ask(Methods.AddPeer("127.0.0.1:\(anna.port)"))
        while try await anna.ask(Methods.History(who: "bob", limit: 9)).array?.last?["state"]?.string
            != "delivered"
        {
            _ = await anna.event { $0["event"]?.string == "receipt" }
        }
        let history = try await again.ask(Methods.History(who: "anna", limit: 9)).array ?? []
        #expect(history.map { $0["text"]?.string ?? "" } == ["before", "one", "two", long])
        #expect(try await again.ask(Methods.Search(query: "two", limit: 5)).array?.count == 1)
        await anna.stop()
        await again.stop()
    }

    @Test func aThousandAtOnceAreOneStreamAndComeInOrder() async throws {
        let (anna, bob) = try await self.friends()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<1_000 {
                group.addTask { [anna] in
                    _ = try await anna.ask(
                        Methods.Send(to: ["bob"], text: "\(number)"))
                }
            }
            try await group.waitForAll()
        }
        _ = try await anna.ask(Methods.Send(to: ["bob"], text: "last", wait: .delivered, timeout: 30_000))
        let theirs = try await bob.ask(Methods.History(who: "anna", limit: 2_000)).array ?? []
        let ours = try await anna.ask(Methods.History(who: "bob", limit: 2_000)).array ?? []
        #expect(theirs.count == 1_001 && theirs.map { $0["id"] } == ours.map { $0["id"] })
        await anna.stop()
        await bob.stop()
    }

    @Test func aKeyThatCannotBeReadIsNeverMadeAnew() async throws {
        let anna = try await Running("Anna")
        let state = anna.state
        await anna.stop()
        try FileManager.default.removeItem(atPath: state + "/identity.key")
        #expect(throws: (any Error).self) {
            try Node(Configuration(state: state, discovery: .none), log: Logger(label: "x"))
        }
        #expect(!FileManager.default.fileExists(atPath: state + "/identity.key"))
        try Data("rubbish".utf8).write(to: URL(fileURLWithPath: state + "/identity.key"))
        chmod(state + "/identity.key", 0o600)
        #expect(throws: (any Error).self) {
            try Node(Configuration(state: state, discovery: .none), log: Logger(label: "x"))
        }
    }
}
