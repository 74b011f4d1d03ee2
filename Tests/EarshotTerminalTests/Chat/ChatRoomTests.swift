import EarshotControl
import EarshotModel
import EarshotTerminal
import Testing

/// A conversation in a room.
@Suite struct ChatRoomTests {
    private static let id = RoomID(operations: ConversationID(hash: Door.anna.hash))
    private static let bob: PersonID = "bobbobbobbob"

    private static func member(
        _ person: PersonID, _ name: String, online: Bool = true, _ standing: RoomStanding = .joined
    ) -> RoomMemberView {
        RoomMemberView(person: person, name: name, trust: .accepted, online: online, standing: standing)
    }

    private static func room(_ change: (inout RoomView) -> Void = { _ in }) -> RoomView {
        var view = RoomView(
            id: self.id, name: "ops", standing: .joined, memberCount: 3, open: false, announce: false, history: .all,
            ownerInvites: false, may: [.write])
        var me = self.member("me", "Bert")
        (me.me, me.owner) = (true, true)
        view.members = [me, self.member(Door.anna, "Anna"), self.member(self.bob, "Bob", online: false)]
        view.topic = "on call: Anna"
        change(&view)
        return view
    }

    private static func said(
        _ id: EnvelopeID, _ text: String, mine: Bool = false, _ change: (inout MessageView) -> Void = { _ in }
    ) -> MessageView {
        Door.message(id, text, mine: mine) {
            ($0.room, $0.roomName, $0.to, $0.toName) = (self.id, "#ops", nil, "#ops")
            change(&$0)
        }
    }

    private func window(_ state: ChatState, columns: Int = 60) -> [String] {
        Screen(
            state, columns: columns, rows: 12, style: Style(hasColour: false, isUnicode: true),
            zone: .fixed(minutesEast: 0)
        ).draw().lines
    }

    @Test func theTitleNamesTheRoomWhoIsHereAndTheTopic() {
        let lines = self.window(ChatState(room: Self.room(), history: []))
        #expect(lines[0] == " #ops · 2 of 3 here · on call: Anna" + String(repeating: " ", count: 25))
        let narrow = self.window(ChatState(room: Self.room(), history: []), columns: 20)
        #expect(narrow[0].hasPrefix(" #ops") && narrow.allSatisfy { Width.of($0) <= 20 })
    }

    @Test func onlyWhatIsSaidInTheRoomIsHeard() {
        var state = ChatState(room: Self.room(), history: [])
        _ = state.hear(Door.event(Door.message("aaaa", "between us")), at: 0)
        #expect(state.messages.isEmpty)
        _ = state.hear(Door.event(Self.said("bbbb", "to all")), at: 0)
        #expect(state.messages.map(\.text) == ["to all"])
        var two = ChatState(peer: Door.peer(), history: [])
        _ = two.hear(Door.event(Self.said("bbbb", "to all")), at: 0)
        #expect(two.messages.isEmpty, "nor does it stand in the talk of two with its author")
    }

    @Test func whatWasSaidHasItsAuthorItsCountsAndItsPin() {
        let mine = Self.said("bbbbbb", "lunch?", mine: true) {
            ($0.state, $0.receipts) = (.delivered, ReceiptCounts(members: 5, delivered: 3, read: 2))
        }
        let asks = Self.said("cccccc", "power cut") { $0.asks = true }
        let imitated = Self.said("dddddd", "hi") { ($0.looksLike, $0.looksLikePerson) = ("Bob", Self.bob) }
        let room = Self.room { $0.pins = ["cccccc"] }
        let lines = self.window(ChatState(room: room, history: [mine, asks, imitated]), columns: 90)
        #expect(lines.contains { $0.contains("lunch?  ✓ 3 of 5 have it, 2 read bbbbbb") })
        #expect(lines.contains { $0.contains("Anna  power cut (please acknowledge)  pinned cccccc") })
        #expect(lines.contains { $0.contains("⚠ not Bob") })
    }

    @Test func whoComesAndGoesIsOneLine() {
        var state = ChatState(room: Self.room(), history: [])
        let changed = Self.room {
            $0.members?.removeLast()
            $0.members?.append(Self.member("cleo", "Cleo"))
            $0.members?.append(Self.member("dora", "Dora", .invited))
            $0.topic = "quiet"
        }
        _ = state.hear(Door.event(.room(changed)), at: 0)
        #expect(
            state.notes.map(\.content) == [.lines(["Cleo joined · Dora invited · Bob left · topic: quiet"])])
        _ = state.hear(Door.event(.room(changed)), at: 0)
        #expect(state.notes.count == 1, "what has not changed is not told")
        var left = Self.room()
        left.standing = .removed
        _ = state.hear(Door.event(.room(left)), at: 0)
        #expect(state.notes.last?.content == .warning("You were taken out of #ops."))
    }

    @Test func presenceCountsAndSaysNothing() {
        var state = ChatState(room: Self.room(), history: [])
        #expect(state.attendance == "2 of 3 here")
        let bob = PersonView(person: Self.bob, name: "Bob", trust: .accepted, online: true)
        _ = state.hear(Door.event(.presence(bob, online: true)), at: 0)
        #expect(state.attendance == "3 of 3 here" && state.notes.isEmpty)
    }

    @Test func roomsHaveCommandsOfTheirOwn() throws {
        var state = ChatState(room: Self.room(), history: [Self.said("aaaaaa", "x") { $0.asks = true }])
        func run(_ line: String) throws -> [Ask] {
            try SlashCommand.reading(line).command.map { state.run($0, at: 0) } ?? []
        }
        #expect(try run("/topic  on  call") == [.topic("on call")] && run("/topic -") == [.topic("")])
        #expect(try run("/topic").isEmpty && state.notice == "on call: Anna")
        #expect(try run("/invite cleo 'Anna Berg'") == [.invite(["cleo", "Anna Berg"])])
        #expect(try run("/pin aaaa") == [.pin(id: "aaaaaa", true)] && run("/unpin aaaa") == [.pin(id: "aaaaaa", false)])
        #expect(try run("/ack aaaa") == [.acknowledge(id: "aaaaaa")])
        #expect(try run("/ack zzzz").isEmpty && state.notice?.contains("no message zzzz") == true)
        #expect(try run("/block").isEmpty && state.notice?.contains("one person") == true && state.question == nil)
        #expect(try run("/rename crew") == [.rename("crew")] && run("/members").isEmpty)
        #expect(try run("/verify").isEmpty && state.notice?.contains("one person") == true)
        #expect(try run("/remove 'Anna Berg'").isEmpty && state.asking?.contains("Take Anna Berg out of #ops?") == true)
        #expect(state.confirm(at: 0) == [.remove("Anna Berg")])
        #expect(try run("/leave").isEmpty && state.asking?.contains("Leave #ops?") == true)
        #expect(state.confirm(at: 0) == [.leaveRoom])
        var two = ChatState(peer: Door.peer(), history: [])
        #expect(two.run(.leave, at: 0).isEmpty && two.question == nil && two.notice?.contains("for rooms") == true)
        for line in ["/invite", "/pin", "/ack", "/rename", "/remove", "/remove a b", "/verify maybe"] {
            #expect(throws: SlashCommand.Problem.self) { try SlashCommand.reading(line) }
        }
    }

    @Test func severalMayTypeAtOnce() {
        var state = ChatState(room: Self.room(), history: [])
        func typing(_ person: PersonID, _ name: String, _ on: Bool = true, in room: RoomView? = Self.room()) {
            let peer = PersonView(person: person, name: name, trust: .accepted, online: true)
            _ = state.hear(Door.event(.typing(peer, on: on, room: room)), at: 0)
        }
        typing(Self.bob, "Bob", in: nil)
        #expect(state.typing == nil, "what they type elsewhere is not told here")
        typing(Self.bob, "Bob")
        #expect(state.typing == "Bob is typing")
        typing(Door.anna, "Anna")
        #expect(state.typing == "Anna and Bob are typing")
        typing("cleocleocleo", "Cleo")
        #expect(state.typing == "Anna, Bob and Cleo are typing")
        #expect(self.window(state).contains { $0.contains("Anna, Bob and Cleo are typing…") })
        typing(Self.bob, "Bob", false)
        _ = state.hear(Door.event(Self.said("bbbb", "there")), at: 0)
        #expect(state.typing == "Cleo is typing", "what was said is not typed any more")
        _ = state.tick(at: 12_000)
        #expect(state.typing == nil && state.wakeAt == nil)
    }

    @Test func whoWasTakenOutDidNotLeave() {
        var state = ChatState(room: Self.room(), history: [])
        let changed = Self.room {
            var (anna, bob) = (Self.member(Door.anna, "Anna", .left), Self.member(Self.bob, "Bob", .removed))
            (anna.online, bob.online) = (false, false)
            ($0.members, $0.former) = ([], [anna, bob])
        }
        _ = state.hear(Door.event(.room(changed)), at: 0)
        guard case .lines(let lines)? = state.notes.last?.content else { return #expect(Bool(false)) }
        #expect(lines.first?.contains("Anna left") == true && lines.first?.contains("Bob taken out") == true)
    }

    @Test func ownOffersShowHowFarEachMemberIs() {
        let offer = Self.said("aaaaaa", "", mine: true) {
            $0.file = FileView(name: "plan.pdf", count: 1)
            $0.file?.size = 100
        }
        var state = ChatState(room: Self.room(), history: [offer])
        func hear(_ id: EnvelopeID, _ peer: String, _ standing: TransferState, room: RoomID? = Self.id) {
            var file = FileView(name: "plan.pdf", count: 1)
            file.size = 100
            var view = TransferView(
                id: id, direction: .out, person: Self.bob, peer: peer, state: standing, file: file, have: 50,
                at: Timestamp(milliseconds: 0))
            (view.room, view.message) = (room, "aaaaaa")
            _ = state.hear(Door.event(.transfer(view)), at: 0)
        }
        hear("bbbbbb", "Bob", .active)
        hear("cccccc", "Cleo", .complete)
        hear("dddddd", "Dora", .offered)
        hear("eeeeee", "Emil", .complete, room: nil)
        let text = self.window(state, columns: 80).joined(separator: "\n")
        #expect(text.contains("Bob ") && text.contains("50 %"))
        #expect(text.contains("waiting for an answer: Dora · complete: Cleo"))
        #expect(!text.contains("Emil"), "what is between two stands there")
    }

    @Test func tabCompletesMembers() {
        var screen = Screen(
            ChatState(room: Self.room(), history: []), columns: 60, rows: 12,
            style: Style(hasColour: false, isUnicode: true), zone: .fixed(minutesEast: 0))
        for key in [Key.text("hi @an"), .tab] { _ = screen.update(.key(key), at: 0) }
        #expect(screen.editor.text == "hi @Anna ")
        for key in [Key.text("@zo"), .tab] { _ = screen.update(.key(key), at: 0) }
        #expect(screen.editor.text == "hi @Anna @zo")
    }

    @Test func throughAPipeTheAuthorStandsBeforeTheText() {
        var pipe = ChatPipe(place: .room(Self.id), name: "#ops", json: false, startedAt: "2026-11-21T10:00:00.000Z")
        #expect(pipe.hear(Door.event(Self.said("aaaa", "hello"))) == [.write("Anna: hello\n"), .ask(.markRead)])
        #expect(pipe.hear(Door.event(Door.message("bbbb", "between us"))).isEmpty)
        #expect(pipe.read("here") == [.ask(.send(number: 1, "here", replyTo: nil))])
    }
}
