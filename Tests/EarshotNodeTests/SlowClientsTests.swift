import EarshotControl
import EarshotModel
import EarshotNode
import EarshotWire
import NIOConcurrencyHelpers
import Testing

@testable import EarshotNode

/// Listeners who take little at a time are told later, not less.
@Suite(.timeLimit(.minutes(5))) struct SlowClientsTests {
    /// A listener who takes so many events and then none until it is asked again.
    final class Listener: Sendable {
        struct State {
            var room = 0
            var refused = 0
            var heard: [JSON] = []
        }
        let state = NIOLockedValueBox(State())
        let node: Node
        let caller: CallerID
        private let changes = AsyncStream.makeStream(of: Void.self)

        /// - Parameters:
        ///   - place: where they were before, if they come back.
        ///   - room: how many events they take.
        init(_ node: Node, at place: EventPlace? = nil, room: Int = 0) async throws {
            self.state.withLockedValue { $0.room = room }
            self.node = node
            let (state, tell) = (self.state, self.changes.continuation)
            self.caller = node.enter { event in
                let isTaken = state.withLockedValue { state in
                    guard state.room > 0 else {
                        state.refused += 1
                        return false
                    }
                    state.room -= 1
                    state.heard.append(json(event.view))
                    return true
                }
                tell.yield()
                return isTaken
            }
            _ = try await withCheckedThrowingContinuation { continuation in
                node.ask(Methods.Subscribe(place: place), from: self.caller) {
                    continuation.resume(with: $0.mapError { $0 as any Error })
                }
            }
        }

        /// Makes room until what was heard is as wanted.
        func hear(_ room: Int, until isDone: ([JSON]) -> Bool) async -> [JSON] {
            self.state.withLockedValue { $0.room = room }
            self.node.resume(self.caller)
            for await _ in self.changes.stream {
                let (heard, isFull) = self.state.withLockedValue { ($0.heard, $0.room == 0) }
                if isDone(heard) { return heard }
                guard isFull else { continue }
                self.state.withLockedValue { $0.room = room }
                self.node.resume(self.caller)
            }
            return []
        }
    }

    /// Whoever comes back in the middle of a commit, again and again, misses nothing and hears nothing twice.
    @Test func aPlaceWithinACommitIsExact() async throws {
        let (anna, bob) = try await TwoNodesTests().friends()
        await bob.stop()
        _ = await anna.event { $0["event"]?.string == "presence" && $0["online"]?.bool == false }
        let start = try await anna.ask(Methods.Status())["cursor"]?.integer ?? 0
        let caller = anna.node.enter { _ in true }
        for number in 0..<200 {
            anna.node.ask(Methods.Send(to: ["bob"], text: "\(number)"), from: caller) { _ in }
        }
        _ = try await anna.ask(Methods.Send(to: ["bob"], text: "last"))
        var place = EventPlace(UInt64(clamping: start))
        var heard: [JSON] = []
        while heard.last?["message"]?["text"]?.string != "last" {
            let visit = try await Listener(anna.node, at: place, room: 7)
            let more = await visit.hear(7) { $0.count >= 7 || $0.last?["message"]?["text"]?.string == "last" }
            anna.node.leave(visit.caller)
            heard += more
            place = try #require(more.last?["place"]?.string.flatMap { EventPlace($0) })
        }
        #expect(heard.compactMap { $0["message"]?["text"]?.string } == (0..<200).map(String.init) + ["last"])
        let commits = Set(heard.compactMap { $0["cursor"]?.integer })
        #expect(commits.count < 100, "commits hold several")
        await anna.stop()
    }

    /// Two contacts in one commit, told one at a time.
    @Test func aPlaceBetweenPeopleIsExact() {
        let people = [UInt8(1), 2, 3].compactMap { byte in
            PersonID([UInt8](repeating: byte, count: 32)).map { Contact(person: $0, name: "\(byte)", trust: .accepted) }
        }
        var subscribers = Subscribers(cursor: 0)
        let caller = CallerID(raw: 1)
        subscribers.enter(caller) { _ in true }
        subscribers.subscribe(caller, at: EventPlace(5, .person(people[1].person)))
        #expect(subscribers.place(of: caller)?.cursor == 5 && subscribers.listening.first?.heard == 4)
        var told: [String] = []
        for person in people {
            _ = subscribers.tell(caller, Change(cursor: 5, subject: .contact(person))) {
                told.append(person.name)
                return DoorEvent(EventView(cursor: 5, .talk(TalkView(who: "", name: ""))))
            }
        }
        #expect(told == ["3"])
    }

    private func texts(_ heard: [JSON]) -> [String] {
        heard.filter { $0["event"]?.string == "message" }.compactMap { $0["message"]?["text"]?.string }
    }

    @Test func whatIsKeptIsToldOnceAndInOrder() async throws {
        let (anna, bob) = try await TwoNodesTests().friends()
        let slow = try await Listener(anna.node)
        for number in 0..<300 {
            _ = try await anna.ask(Methods.Send(to: ["bob"], text: "\(number)"))
        }
        #expect(slow.state.withLockedValue { $0.refused } < 10, "who is behind is not asked again and again")
        _ = try await anna.ask(Methods.Send(to: ["bob"], text: "last", wait: .delivered, timeout: 20_000))
        // A message that was delivered meanwhile is told once, as it is now.
        let heard = await slow.hear(7) { heard in heard.contains { $0["message"]?["text"]?.string == "last" } }
        let told = heard.compactMap { $0["message"]?["text"]?.string }.filter { Int($0) != nil }
        #expect(told == (0..<300).map(String.init))
        await anna.stop()
        await bob.stop()
    }

    @Test func whatPassesIsRightAfterCatchingUp() async throws {
        let (anna, bob) = try await TwoNodesTests().friends()
        let slow = try await Listener(anna.node)
        _ = try await bob.ask(Methods.SetName("Robert"))
        _ = await anna.event { $0["event"]?.string == "peer" && $0["peer"]?["name"]?.string == "Robert" }
        await bob.stop()
        _ = await anna.event { $0["event"]?.string == "presence" && $0["online"]?.bool == false }
        let heard = await slow.hear(2) { heard in heard.contains { $0["event"]?.string == "presence" } }
        let presence = heard.filter { $0["event"]?.string == "presence" }
        #expect(
            presence.count == 1 && presence.first?["online"]?.bool == false
                && presence.first?["peer"]?["name"]?.string == "Robert")
        await anna.stop()
    }

    @Test func whoIsGoneIsNotWaitedFor() async throws {
        let (anna, bob) = try await TwoNodesTests().friends()
        await bob.stop()
        _ = await anna.event { $0["event"]?.string == "presence" && $0["online"]?.bool == false }
        final class Token: Sendable {}
        weak var kept: Token?
        do {
            let token = Token()
            kept = token
            let caller = anna.node.enter { _ in true }
            let request = Methods.Send(to: ["bob"], text: "x", wait: .read, timeout: .max)
            anna.node.ask(request, from: caller) { [token] _ in _ = token }
            anna.node.leave(caller)
        }
        // Requests are done in their order: after this one, the one who left is forgotten.
        _ = try await anna.ask(Methods.Status())
        _ = try await anna.ask(Methods.Status())
        #expect(kept == nil)
        await anna.stop()
    }

    @Test func whoAskedHasAccepted() async throws {
        let anna = try await TwoNodesTests.Running("Anna")
        let bob = try await TwoNodesTests.Running("Bob")
        _ = try await bob.ask(Methods.AddPeer("127.0.0.1:\(anna.port)"))
        _ = await bob.event { $0["event"]?.string == "peer" }
        _ = try await bob.ask(Methods.Send(to: ["anna"], text: "may I?"))
        _ = await anna.event { $0["event"]?.string == "request" }
        // Their words are found wherever one looks for them, marked as waiting.
        let history = try await anna.ask(Methods.History(who: "bob", limit: 9))
        let found = try await anna.ask(Methods.Search(query: "MAY", limit: 9))
        #expect(history == found && history.array?.map { $0["text"]?.string } == ["may I?"])
        #expect(history.array?.first?["state"]?.string == "requested")
        #expect(try await anna.ask(Methods.Search(query: "nothing of it", limit: 9)).array?.isEmpty ?? false)
        let reply = try await anna.ask(Methods.Send(to: ["bob"], text: "you may"))
            .array?.first
        #expect(reply?["reason"]?.string == "on its way")
        await anna.stop()
        await bob.stop()
    }
}

@Suite struct EarlyTests {
    @Test func theFirstSecondIsWaitedFor() {
        var early = EarlyRequests(startedAt: 10_000, looks: true)
        #expect(early.isLooking(calls: false, now: 10_900) && !early.isLooking(calls: false, now: 11_000))
        #expect(early.isLooking(calls: true, now: 11_400) && !early.isLooking(calls: true, now: 11_500))
        #expect(!EarlyRequests(startedAt: 10_000, looks: false).isLooking(calls: false, now: 10_000))
        #expect(early.wakeAt(now: 10_000) == nil)
        let (one, other) = (CallerID(raw: 1), CallerID(raw: 2))
        early.hold(Asked(Methods.Peers(), one) { _ in })
        #expect(early.holds(one) && !early.holds(other), "what comes after it from the same caller waits too")
        #expect(early.wakeAt(now: 10_300) == 11_000 && early.wakeAt(now: 11_000) == 11_500)
        #expect(early.take().count == 1 && !early.holds(one))
        early.hold(Asked(Methods.Peers(), one) { _ in })
        early.forget(one)
        #expect(early.held.isEmpty)
    }
}
