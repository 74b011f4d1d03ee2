import EarshotControl
import EarshotModel
import EarshotNode
import EarshotWire
import Testing

/// Names that imitate others, and ids that are too short, through the door of a real node.
@Suite(.timeLimit(.minutes(5))) struct NamesTests {
    typealias Running = TwoNodesTests.Running

    private func refusal(_ node: Running, _ request: some Method) async -> DoorError? {
        do {
            _ = try await node.ask(request)
            return nil
        } catch { return error as? DoorError }
    }

    /// Anna, who knows Bob, and another who calls themselves Bob too.
    private func imitated() async throws -> (anna: Running, bob: Running, mallory: Running) {
        let (anna, bob) = try await TwoNodesTests().friends()
        let mallory = try await Running("Вob")
        _ = try await anna.ask(Methods.AddPeer("127.0.0.1:\(mallory.port)"))
        _ = await anna.event { $0["event"]?.string == "peer" && $0["peer"]?["name"]?.string == "Вob" }
        return (anna, bob, mallory)
    }

    @Test func theAlarmIsWhereverTheNameIs() async throws {
        let (anna, bob, mallory) = try await self.imitated()
        let bobID = bob.node.identity.person.description
        let who = mallory.node.identity.person.description
        func isMarked(_ json: JSON?) -> Bool {
            json?["looksLike"]?.string == "Bob" && json?["looksLikePerson"]?.string == bobID
        }
        #expect(isMarked(try await anna.ask(Methods.Resolve(who))))
        let sent = try await anna.ask(Methods.Send(to: [who], text: "who are you?"))
            .array?.first
        #expect(isMarked(sent))
        #expect(isMarked(await anna.event { $0["event"]?.string == "message" }?["message"]))
        _ = try await mallory.ask(Methods.Accept(anna.node.identity.person.description))
        _ = try await mallory.ask(
            Methods.Send(to: [anna.node.identity.person.description], text: "Bob"))
        #expect(isMarked(await anna.event { $0["message"]?["text"]?.string == "Bob" }?["message"]))
        #expect(isMarked(try await anna.ask(Methods.History(who: who, limit: 1)).array?.first))
        #expect(isMarked(try await anna.ask(Methods.AddRule(from: who)).array?.last))
        let ours = try await anna.ask(Methods.Send(to: ["bob"], text: "hello")).array?
            .first
        #expect(ours?["to"]?.string == bobID && ours?["looksLike"] == nil, "the contact was first")
        for node in [anna, bob, mallory] { await node.stop() }
    }

    @Test func aNameThatSomebodyHasIsNotGivenAgain() async throws {
        let (anna, bob, mallory) = try await self.imitated()
        let who = mallory.node.identity.person.description
        for name in ["Bob", "bob", "BОB", "B o b"] {
            #expect(await self.refusal(anna, Methods.Rename(who: who, petname: name))?.kind == .refused, "\(name)")
        }
        #expect(
            try await anna.ask(Methods.Rename(who: who, petname: "Mallory"))["looksLike"] == nil,
            "under our own name nobody is imitated")
        #expect(try await anna.ask(Methods.Resolve("bob"))["person"]?.string == bob.node.identity.person.description)
        #expect(try await anna.ask(Methods.Resolve("mall"))["person"]?.string == who)
        #expect(
            try await anna.ask(Methods.Rename(who: "bob", petname: "Bob"))["petname"]?.string == "Bob",
            "their own name may be pinned")
        for node in [anna, bob, mallory] { await node.stop() }
    }

    @Test func oneLetterIsNoId() async throws {
        let (anna, bob) = try await TwoNodesTests().friends()
        let sent = try await anna.ask(
            Methods.Send(to: ["bob"], text: "keep this", wait: .delivered, timeout: 20_000))
        let id = try #require(sent.array?.first?["id"]?.string)
        let short = String(id.prefix(3))
        for request: any Method in [
            Methods.Edit(id: short, text: "x"), Methods.Delete(short), Methods.React(id: short, emoji: "👍", on: true),
            Methods.ReadMessage(short),
            Methods.History(who: "bob", before: short, limit: 1), Methods.AcceptTransfer(id: short),
            Methods.DeclineTransfer(short), Methods.PauseTransfer(short), Methods.ResumeTransfer(short),
            Methods.RetryTransfer(short),
            Methods.Send(to: ["bob"], text: "x", replyTo: short, wait: .queued, timeout: 0),
        ] {
            #expect(await self.refusal(anna, request)?.kind == .badParameters, "\(request)")
        }
        let deleted = try await anna.ask(Methods.Delete(String(id.prefix(4))))
        #expect(deleted["text"]?.string == "keep this" && deleted["toName"]?.string == "Bob")
        for node in [anna, bob] { await node.stop() }
    }
}
