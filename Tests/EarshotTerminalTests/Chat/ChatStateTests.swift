import EarshotControl
import EarshotModel
import EarshotTerminal
import Testing

@Suite struct ChatStateTests {
    func state(
        _ history: [MessageView] = [], peer: PersonView = Door.peer(), transfers: [TransferView] = [], unread: Int = 0
    ) -> ChatState { ChatState(peer: peer, history: history, transfers: transfers, unread: unread) }
    func ids(_ state: ChatState) -> [EnvelopeID] { state.messages.map(\.id) }

    @Test func theStoreKnowsTheOrder() {
        var state = self.state([Door.message("aaaa", "first")])
        // What comes is shown at once, and put where it belongs as soon as the store has been asked.
        #expect(
            state.hear(Door.event(Door.message("bbbb", "late", at: "2026-11-21T09:00:00.000Z")), at: 0) == [
                .newest(200)
            ])
        #expect(self.ids(state) == ["aaaa", "bbbb"])
        let order = [Door.message("bbbb", "late"), Door.message("aaaa", "first")]
        #expect(state.answered(.newest(200), .success(.messages(order)), at: 10).isEmpty)
        #expect(self.ids(state) == ["bbbb", "aaaa"])
        // While many come it is asked now and then, not for each.
        #expect(state.hear(Door.event(Door.message("cccc", "x")), at: 20).isEmpty && state.wakeAt == 310)
        #expect(
            state.tick(at: 310) == [.newest(200)] && state.hear(Door.event(Door.message("dddd", "y")), at: 320).isEmpty)
        let other = Door.message("x", "x") { $0.from = Door.zoe }
        #expect(state.hear(Door.event(other), at: 0).isEmpty && self.ids(state).count == 4)
    }

    @Test func aChangeOfWhatIsNotShownIsNoNewMessage() {
        var state = self.state((0..<200).map { Door.message("m\($0)", "x") })
        _ = state.hear(Door.event(.receipt(Door.message("older", "x", mine: true) { $0.state = .read })), at: 0)
        #expect(state.messages.count == 200 && state.unseen == 0)
    }

    @Test func theWordsOfAStrangerAreThereAndTheAnswerStandsBehindThem() {
        var state = self.state(
            peer: Door.peer(.requested) {
                $0.request = "hello, I am Anna"
                $0.requestedAt = "2026-11-21T10:30:00.000Z"
            })
        #expect(state.request == "hello, I am Anna")
        #expect(state.say("hello Anna", at: 0) == [.acceptPerson], "the answer waits for what it answers")
        _ = state.answered(.acceptPerson, .success(.person(Door.peer())), at: 5)
        #expect(state.request == "hello, I am Anna", "their words stay until the message is here")
        #expect(state.tick(at: 10).isEmpty)
        let asks = state.hear(Door.event(Door.message("aaaa", "hello, I am Anna")), at: 20)
        #expect(asks == [.newest(200), .send(number: 1, "hello Anna", replyTo: nil)] && state.request == nil)
        var alone = self.state(peer: Door.peer(.requested, online: false) { $0.request = "hi" })
        _ = alone.say("yes?", at: 0)
        #expect(
            alone.tick(at: 1_499).isEmpty && alone.tick(at: 1_500) == [.send(number: 1, "yes?", replyTo: nil)],
            "nor does it wait for ever")
    }

    @Test func aConflictIsALineAndWhatWasTypedIsKept() {
        var state = self.state()
        let doubtful = Door.peer(.conflict) { $0.problem = "Anna now has a name that reads like that of Bob" }
        _ = state.hear(Door.event(.warning(doubtful, .nameTaken)), at: 0)
        guard case .warning(let text)? = state.notes.last?.content else {
            Issue.record("no warning")
            return
        }
        #expect(text.contains("reads like that of Bob") && text.contains("/trust"))
        #expect(state.say("a secret", at: 0) == [.send(number: 1, "a secret", replyTo: nil)])
        let refusal = DoorError(.untrusted, "Nothing is sent to Anna.")
        _ = state.answered(.send(number: 1, "a secret", replyTo: nil), .failure(refusal), at: 1)
        #expect(state.takeReturned() == ["a secret"] && state.notice == "Not sent: Nothing is sent to Anna.")
    }

    @Test func whoWouldLikeToCompareKeysIsALine() {
        var state = self.state()
        var view = VerificationView(person: Door.anna, name: "Anna", trust: .accepted, state: .asked)
        _ = state.hear(Door.event(.verification(Door.peer(), view)), at: 0)
        guard case .warning(let text)? = state.notes.last?.content else {
            Issue.record("no line")
            return
        }
        #expect(text.contains("compare keys"))
        view.state = .verified
        _ = state.hear(Door.event(.verification(Door.peer(.verified), view)), at: 0)
        #expect(state.notes.last?.content == .lines(["Anna is verified."]) && state.peer.trust == .verified)
    }

    @Test func keysAreComparedHere() throws {
        var state = self.state()
        func run(_ line: String) throws -> [Ask] {
            try SlashCommand.reading(line).command.map { state.run($0, at: 0) } ?? []
        }
        #expect(try run("/verify yes").isEmpty && state.notice?.contains("nothing to compare") == true)
        #expect(try run("/verify") == [.verify(.start)])
        var view = VerificationView(person: Door.anna, name: "Anna", trust: .accepted, state: .waiting)
        _ = state.answered(.verify(.start), .success(.verification(view)), at: 0)
        _ = state.hear(Door.event(.verification(Door.peer(), view)), at: 0)
        #expect(state.notes.count == 1, "the answer and the event say the same")
        view.state = .comparing
        (view.numbers, view.emoji, view.names) = ("1234 5678 9012", ["🐢", "🎸"], ["turtle", "guitar"])
        _ = state.hear(Door.event(.verification(Door.peer(), view)), at: 0)
        #expect(state.notes.last?.content == .comparison(view))
        for (isUnicode, shown) in [(true, "🐢"), (false, "turtle")] {
            let screen = Screen(
                state, columns: 60, rows: 14, style: Style(hasColour: false, isUnicode: isUnicode),
                zone: .fixed(minutesEast: 0))
            let text = screen.draw().lines.joined(separator: "\n")
            #expect(
                text.contains("1234 5678 9012") && text.contains(shown) && text.contains("/verify yes or /verify no"))
        }
        view.theyAnswered = true
        _ = state.hear(Door.event(.verification(Door.peer(), view)), at: 0)
        #expect(state.notice?.contains("says that it is the same") == true)
        #expect(try run("/verify yes") == [.verify(.answer(true))])
        view.state = .verified
        _ = state.answered(.verify(.answer(true)), .success(.verification(view)), at: 0)
        _ = state.hear(Door.event(.verification(Door.peer(.verified), view)), at: 0)
        #expect(state.notes.last?.content == .lines(["Anna is verified."]) && state.peer.trust == .verified)
        #expect(state.verification == nil && state.notes.count == 3)
        #expect(try run("/verify no").isEmpty && run("/verify stop") == [.verify(.stop)])
    }

    @Test func aConflictIsSettledHere() throws {
        var state = self.state(peer: Door.peer(.conflict) { $0.problem = "Two lists of devices claim to be Anna's" })
        #expect(state.run(.trust, at: 0).isEmpty && state.asking?.hasPrefix("Two lists of devices") == true)
        #expect(state.confirm(at: 0) == [.trust])
        _ = state.answered(.trust, .success(.person(Door.peer())), at: 0)
        #expect(state.notice == "Anna is one of your contacts again.")
        #expect(state.run(.trust, at: 0).isEmpty && state.notice == "Nothing is the matter with Anna.")
        #expect(state.run(.rename("Annie"), at: 0) == [.rename("Annie")])
    }

    @Test func acceptMeansWhatWaits() {
        var asking = self.state(peer: Door.peer(.requested) { $0.request = "hi" })
        #expect(asking.run(.accept(id: nil, folder: nil), at: 0) == [.acceptPerson])
        #expect(asking.run(.decline(id: nil), at: 0).isEmpty && asking.notice?.contains("/block") == true)
        var one = self.state(transfers: [Door.offer("offerone")])
        #expect(one.run(.accept(id: nil, folder: "~/in"), at: 0) == [.acceptFile(id: "offerone", folder: "~/in")])
        #expect(one.run(.accept(id: "offe", folder: nil), at: 0) == [.acceptFile(id: "offerone", folder: nil)])
        #expect(one.run(.accept(id: "of", folder: nil), at: 0).isEmpty && one.notice?.contains("at least 4") == true)
        #expect(one.run(.decline(id: nil), at: 0) == [.transfer(.decline, id: "offerone")])
        var two = self.state(transfers: [Door.offer("offerone"), Door.offer("offertwo")])
        #expect(two.run(.accept(id: nil, folder: nil), at: 0).isEmpty && two.notice?.contains("Which one?") == true)
        #expect(two.run(.accept(id: "offert", folder: nil), at: 0) == [.acceptFile(id: "offertwo", folder: nil)])
        #expect(two.run(.accept(id: "offer", folder: nil), at: 0).isEmpty && two.notice?.contains("Several") == true)
        var none = self.state()
        #expect(none.run(.accept(id: nil, folder: nil), at: 0).isEmpty && none.notice == "Anna has no open offers.")
        #expect(
            none.run(.accept(id: "zzzz", folder: nil), at: 0).isEmpty && none.notice?.contains("no offer zzzz") == true)
    }

    @Test func onlyOnesOwnIsDeletedAndOnlyAfterAYes() {
        var state = self.state([Door.message("aaaaaa", "theirs"), Door.message("bbbbbb", "lunch?", mine: true)])
        #expect(
            state.run(.delete(id: "aaaa"), at: 0).isEmpty && state.question == nil
                && state.notice == "That message is not yours.")
        #expect(state.run(.delete(id: "bbb"), at: 0).isEmpty && state.question == nil)
        #expect(state.run(.delete(id: "BBBB"), at: 0).isEmpty && state.asking?.contains("lunch?") == true)
        #expect(state.confirm(at: 0) == [.delete(id: "bbbbbb")] && state.question == nil)
        #expect(
            state.run(.edit(id: "aaaa", "x"), at: 0).isEmpty
                && state.run(.edit(id: "bbbb", "dinner?"), at: 0) == [.edit(id: "bbbbbb", "dinner?")])
        #expect(state.run(.react(id: "aaaa", "👍"), at: 0) == [.react(id: "aaaaaa", "👍")])
        #expect(state.run(.reply(id: "aaaa", "yes"), at: 0) == [.send(number: 1, "yes", replyTo: "aaaaaa")])
    }

    @Test func aNodeThatRestartsLosesNothingAndDoublesNothing() {
        var state = self.state([Door.message("aaaa", "hi")])
        #expect(state.say("one", at: 0) == [.send(number: 1, "one", replyTo: nil)])
        #expect(state.say("two", at: 0) == [.send(number: 2, "two", replyTo: nil)])
        state.lost([.send(number: 1, "one", replyTo: nil), .send(number: 2, "two", replyTo: nil)])
        #expect(state.say("three", at: 6).isEmpty && !state.isConnected && state.outbox.items.count == 3)
        #expect(state.back(at: 100) == [.person, .transfers, .newest(200)])
        #expect(state.tick(at: 101).isEmpty, "first it is looked at what the node has")
        let has = [Door.message("aaaa", "hi"), Door.message("bbbb", "one", mine: true)]
        #expect(
            state.answered(.newest(200), .success(.messages(has)), at: 110) == [
                .send(number: 2, "two", replyTo: nil), .send(number: 3, "three", replyTo: nil),
            ])
        #expect(self.ids(state) == ["aaaa", "bbbb"])
    }

    @Test func whatWasAskedWhenTheNodeWentIsNamed() {
        var state = self.state()
        state.lost([.typing(true), .offer(["x"])])
        #expect(state.notes.count == 1)
        state.lost([.markRead])
        #expect(state.notes.count == 1)
    }

    @Test func aTextTheNodeDoesNotTakeComesBack() {
        var state = self.state()
        _ = state.say("x", at: 0)
        _ = state.answered(.send(number: 1, "x", replyTo: nil), .failure(DoorError(.disk, "The disk is full.")), at: 0)
        #expect(
            state.outbox.items.isEmpty && state.takeReturned() == ["x"] && state.notice == "Not sent: The disk is full."
        )
    }

    @Test func pagesAreAskedForOnceAndStandBefore() {
        var state = self.state((0..<200).map { Door.message("m\($0)", "x") })
        #expect(state.older() == [.older(than: "m0")] && state.older().isEmpty)
        let page = [Door.message("first", "x"), Door.message("m0", "x")]
        _ = state.answered(.older(than: "m0"), .success(.messages(page)), at: 0)
        #expect(
            self.ids(state).prefix(2) == ["first", "m0"] && state.messages.count == 201 && state.isWhole
                && state.older().isEmpty)
        // A look at the newest keeps what is above.
        let newest = (1..<200).map { Door.message("m\($0)", "x") } + [Door.message("new", "x")]
        _ = state.answered(.newest(200), .success(.messages(newest)), at: 0)
        #expect(state.messages.count == 202 && self.ids(state).first == "first" && self.ids(state).last == "new")
    }

    @Test func idsAreShownInGroups() {
        #expect(ChatState.grouped("abcdefghij").hasPrefix("abcd efgh ijaa aaaa "))
        var state = self.state()
        #expect(state.run(.verifyID, at: 0) == [.id])
        let me = IdentityView(person: "mmmmnnnn", device: DeviceID(hash: .zero), name: "Bob")
        _ = state.answered(.id, .success(.identity(me)), at: 0)
        guard case .lines(let lines)? = state.notes.last?.content else { return #expect(Bool(false)) }
        #expect(lines.contains(ChatState.grouped("mmmmnnnn")) && lines.contains(ChatState.grouped(Door.anna)))
    }

    @Test func transfersAreFollowed() {
        var state = self.state(transfers: [Door.offer("offerone")])
        _ = state.hear(Door.event(.transfer(Door.offer("offerone", .active, have: 0))), at: 1_000)
        _ = state.hear(Door.event(.transfer(Door.offer("offerone", .active, have: 500_000))), at: 2_000)
        #expect(state.rates["offerone"]?.rate == 500_000)
        _ = state.hear(Door.event(.transfer(Door.offer("offerone", .complete, have: 1_000_000))), at: 3_000)
        #expect(state.rates["offerone"] == nil && state.notes.count == 1, "its message is out of sight")
        let other = Door.offer("x", .active) { $0.person = Door.zoe }
        #expect(state.hear(Door.event(.transfer(other)), at: 0).isEmpty && state.transfers.count == 1)
        #expect(state.run(.transfer(.pause, id: nil), at: 0).isEmpty && state.notice == "There is nothing to pause.")
    }
}

extension ChatStateTests {
    @Test func whatOfAnOfferDoesNotGoIsNamed() {
        var state = self.state()
        let sent = Door.sent("aaaa") {
            $0.notSent = [OmissionView(path: "photos/link", reason: "is a link")]
            $0.notSentCount = 3
        }
        _ = state.answered(.offer(["photos"]), .success(.offered(.queued([sent]))), at: 0)
        #expect(state.notes.map(\.content) == [.warning("not sent: photos/link and 2 more")])
        _ = state.answered(.offer(["plans.pdf"]), .success(.offered(.queued([Door.sent("bbbb")]))), at: 0)
        #expect(state.notes.count == 1)
    }
}

@Suite struct OutboxTests {
    @Test func aMessageThatIsToldBeforeItsAnswerIsNotSentTwice() {
        var outbox = Outbox()
        outbox.add("x\u{7}", replyTo: nil)
        _ = outbox.takeReady()
        outbox.know("new", text: "x")
        #expect(outbox.reconcile([("new", "x")]) == ["new"] && outbox.items.isEmpty)
        outbox.add("x", replyTo: nil)
        _ = outbox.takeReady()
        #expect(outbox.reconcile([("new", "x")]).isEmpty && outbox.items.count == 1, "that was the one before")
    }

    @Test func sameTextsAreToldApart() {
        var outbox = Outbox()
        outbox.know("old", text: "x")
        for _ in 0..<3 { outbox.add("x", replyTo: nil) }
        #expect(outbox.takeReady(most: 2).map(\.number) == [1, 2] && outbox.takeReady(most: 2).isEmpty)
        #expect(outbox.reconcile([("old", "x"), ("new", "x")]) == ["new"], "one of two was taken")
        #expect(outbox.items.map(\.number) == [2, 3] && outbox.takeReady().map(\.number) == [2, 3])
    }
}
