import EarshotControl
import EarshotModel
import EarshotTerminal
import Testing

@Suite struct ChatPipeTests {
    /// The one that stands in JSON.
    private let id = EnvelopeID("aaaa").description

    func pipe(json: Bool = false) -> ChatPipe {
        ChatPipe(place: .person(Door.anna), name: "Anna", json: json, startedAt: "2026-11-21T10:00:00.000Z")
    }
    func sent(_ id: EnvelopeID, _ state: MessageState = .queued) -> Result<Reply, DoorError> {
        .success(
            .sent([
                Door.sent(id, state) {
                    $0.reason = "Anna is not here; it goes as soon as Anna appears"
                    $0.waitsFor = .presence
                }
            ]))
    }

    @Test func everyLineIsAMessageAndTheEndWaitsForDelivery() {
        var pipe = self.pipe()
        #expect(pipe.read("/quit") == [.ask(.send(number: 1, "/quit", replyTo: nil))], "nothing is a command here")
        #expect(pipe.read("").isEmpty && pipe.read("b") == [.ask(.send(number: 2, "b", replyTo: nil))] && !pipe.isDone)
        #expect(pipe.answered(.send(number: 1, "/quit", replyTo: nil), self.sent("aaaa")).isEmpty)
        #expect(pipe.answered(.send(number: 2, "b", replyTo: nil), self.sent("bbbb")).isEmpty && !pipe.isDone)
        _ = pipe.hear(Door.event(.receipt(Door.message("aaaa", "/quit", mine: true) { $0.state = .delivered })))
        let (said, code) = pipe.report()
        #expect(code == 5 && said.count == 2 && said.last == .say("  line 3: b"))
        #expect(
            said.first
                == .say(
                    """
                    earshot: 1 line is queued, Anna does not have it yet: Anna is not here; it goes as soon as Anna \
                    appears.
                    """
                ))
        _ = pipe.hear(Door.event(.receipt(Door.message("bbbb", "b", mine: true) { $0.state = .read })))
        #expect(pipe.isDone && pipe.report().code == 0)
    }

    @Test func whatIsOnItsWayNeedsNoReason() {
        var pipe = self.pipe()
        _ = pipe.read("a")
        let sent = Door.sent("aaaa") { ($0.reason, $0.waitsFor) = ("on its way", .acknowledgement) }
        _ = pipe.answered(.send(number: 1, "a", replyTo: nil), .success(.sent([sent])))
        #expect(pipe.report().actions.first == .say("earshot: 1 line is queued, Anna does not have it yet."))
    }

    @Test func whatTheOtherSaysComesOutOnce() {
        var pipe = self.pipe()
        let long = Door.message("aaaa", "one\ntwo")
        #expect(
            pipe.hear(Door.event(Door.message("aaaa", "one") { $0.incomplete = true })).isEmpty,
            "parts of a long text wait for the rest")
        #expect(pipe.hear(Door.event(long)) == [.write("one\ntwo\n"), .ask(.markRead)])
        #expect(pipe.hear(Door.event(long)).isEmpty)
        let old = Door.message("old", "x") { $0.arrivedAt = "2026-11-20T10:00:00.000Z" }
        #expect(pipe.hear(Door.event(.reaction(old))).isEmpty)
        let missed = Door.message("bbbb", "missed") { $0.arrivedAt = "2026-11-21T10:30:00.000Z" }
        #expect(
            pipe.hear(Door.event(.reaction(missed))) == [.write("missed\n"), .ask(.markRead)],
            "told in its latest state after a restart")
        #expect(pipe.hear(Door.event(Door.message("z", "x") { $0.from = Door.zoe })).isEmpty)
        guard case .say(let offer)? = pipe.hear(Door.event(.offer(Door.offer("offerone")))).first else {
            return #expect(Bool(false))
        }
        #expect(offer.contains("plans.pdf") && offer.contains("earshot accept-file offerone"))
        #expect(pipe.hear(Door.event(Door.message("offerone", "") { $0.file = Door.file("plans.pdf") })).isEmpty)
    }

    @Test func noMoreIsReadThanCanBeAsked() {
        var pipe = self.pipe()
        for line in 1...64 { #expect(pipe.isHungry && pipe.read("\(line)").count == 1) }
        #expect(!pipe.isHungry)
        _ = pipe.answered(.send(number: 1, "1", replyTo: nil), self.sent("id1", .delivered))
        #expect(pipe.isHungry)
    }

    @Test func aBadLineDoesNotStopTheOthersAndIsNotForgotten() {
        var pipe = self.pipe()
        #expect(
            pipe.read(bad: DoorError(.badParameters, "It is not UTF-8.")) == [
                .say("earshot: line 1 was not sent: It is not UTF-8.")
            ])
        #expect(pipe.read("ok").count == 1)
        _ = pipe.answered(.send(number: 1, "ok", replyTo: nil), self.sent("aaaa", .delivered))
        #expect(pipe.isDone && pipe.report().code == 2)
        #expect(pipe.read("no").count == 1)
        _ = pipe.answered(
            .send(number: 2, "no", replyTo: nil), .failure(DoorError(.refused, "You have blocked this person.")))
        #expect(pipe.fault?.kind == .refused && !pipe.isHungry && pipe.report().code == 6)
    }

    @Test func aNodeThatRestartsIsWaitedFor() {
        var pipe = self.pipe()
        _ = pipe.read("one")
        _ = pipe.read("two")
        #expect(pipe.lost() == [.say("earshot: node restarting… waiting")] && pipe.lost().isEmpty)
        #expect(pipe.read("three").isEmpty && pipe.report().code == 9)
        #expect(pipe.back() == [.say("earshot: the node is back"), .ask(.newest(1_000))])
        let one = Door.message("aaaa", "one", mine: true) { $0.state = .delivered }
        let again = pipe.answered(.newest(1_000), .success(.messages([one])))
        #expect(again == [.ask(.send(number: 2, "two", replyTo: nil)), .ask(.send(number: 3, "three", replyTo: nil))])
    }

    @Test func programsGetObjects() throws {
        var pipe = self.pipe(json: true)
        _ = pipe.read("hi")
        guard case .write(let sent)? = pipe.answered(.send(number: 1, "hi", replyTo: nil), self.sent("aaaa")).first,
            case .write(let said)? = pipe.hear(Door.event(Door.message("bbbb", "yes"))).first,
            case .write(let bad)? = pipe.read(bad: DoorError(.badParameters, "no")).first,
            case .write(let end)? = pipe.report().actions.first
        else { return #expect(Bool(false)) }
        func json(_ line: String) -> JSON? { line.hasSuffix("\n") ? JSON(text: Array(line.utf8)) : nil }
        #expect(
            json(sent)?["event"] == "sent" && json(sent)?["line"] == 1 && json(sent)?["id"]?.string == self.id
                && json(sent)?["v"] == 1)
        #expect(json(said)?["event"] == "message" && json(said)?["message"]?["text"] == "yes")
        #expect(json(bad)?["event"] == "error" && json(bad)?["line"] == 2 && json(bad)?["kind"] == "badParameters")
        #expect(json(end)?["event"] == "end" && json(end)?["queued"] == [.string(self.id)] && json(end)?["failed"] == 1)
    }
}
