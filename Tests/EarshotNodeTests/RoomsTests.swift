import EarshotControl
import EarshotModel
import Foundation
import Testing

/// Three whole nodes in one room, spoken to through the door.
@Suite(.timeLimit(.minutes(5))) struct RoomsTests {
    typealias Running = TwoNodesTests.Running

    /// Anna knows both; Bob and Cleo do not know each other.
    private func trio() async throws -> (Running, Running, Running) {
        let (anna, bob) = try await TwoNodesTests().friends()
        let cleo = try await Running("Cleo")
        _ = try await anna.ask(Methods.AddPeer("127.0.0.1:\(cleo.port)"))
        _ = await anna.event { $0["event"]?.string == "peer" && $0["peer"]?["name"]?.string == "Cleo" }
        _ = await cleo.event { $0["event"]?.string == "peer" }
        _ = try await anna.ask(Methods.Accept("cleo"))
        _ = try await cleo.ask(Methods.Accept("anna"))
        _ = try await bob.ask(Methods.AddPeer("127.0.0.1:\(cleo.port)"))
        _ = await bob.event { $0["event"]?.string == "peer" && $0["peer"]?["name"]?.string == "Cleo" }
        return (anna, bob, cleo)
    }

    private func room(_ running: Running, _ matches: (JSON) -> Bool) async -> JSON? {
        await running.event { $0["event"]?.string == "room" && $0["room"].map(matches) ?? false }?["room"]
    }

    private func refusal(_ running: Running, _ method: some Method) async -> DoorError? {
        do {
            _ = try await running.ask(method)
            return nil
        } catch { return error as? DoorError }
    }

    private func texts(_ running: Running) async throws -> [String] {
        try await running.ask(Methods.History(who: "#ops", limit: 50)).array?.compactMap { $0["text"]?.string } ?? []
    }

    /// A room of Anna's in which all three have joined, as all three know.
    private func ops() async throws -> (Running, Running, Running) {
        let (anna, bob, cleo) = try await self.trio()
        _ = try await anna.ask(Methods.CreateRoom("ops"))
        _ = try await anna.ask(Methods.InviteToRoom(room: "ops", who: ["bob", "cleo"]))
        for other in [bob, cleo] {
            let invitation = await self.room(other) { $0["standing"]?.string == "invited" }
            #expect(invitation?["inviterName"]?.string == "Anna")
            _ = try await other.ask(Methods.JoinRoom("#ops"))
        }
        for one in [anna, bob, cleo] { _ = await self.room(one) { $0["joinedCount"]?.integer == 3 } }
        return (anna, bob, cleo)
    }

    private func stop(_ all: Running...) async {
        for one in all { await one.stop() }
    }

    @Test func whatIsSaidInARoomComesToAllAndIsCounted() async throws {
        let (anna, bob, cleo) = try await self.ops()
        let sent = try await bob.ask(Methods.Send(to: ["#ops"], text: "lunch, @Anna?"))
        #expect(sent.array?.first?["toName"]?.string == "#ops" && sent.array?.first?["to"] == nil)
        for other in [anna, cleo] {
            let heard = await other.event { $0["event"]?.string == "message" && $0["message"]?["room"] != nil }
            #expect(heard?["message"]?["text"]?.string == "lunch, @Anna?")
            #expect(heard?["message"]?["fromName"]?.string == "Bob" && heard?["message"]?["roomName"]?.string == "#ops")
        }
        let inbox = try await anna.ask(Methods.Inbox())
        let waiting = inbox["conversations"]?.array?.first { $0["name"]?.string == "#ops" }
        #expect(waiting?["unread"]?.integer == 1 && waiting?["mentions"]?.integer == 1)
        _ = try await anna.ask(Methods.MarkRead("#ops"))
        _ = await bob.event {
            $0["message"]?["receipts"]?["delivered"]?.integer == 2 && $0["message"]?["receipts"]?["read"]?.integer == 1
        }
        let id = try #require(sent.array?.first?["id"]?.string)
        let receipts = try await bob.ask(Methods.ReceiptsOf(id)).array ?? []
        #expect(Set(receipts.compactMap { $0["name"]?.string }) == ["Anna", "Cleo"])
        #expect(receipts.filter { $0["readAt"] != nil }.map { $0["name"]?.string } == ["Anna"])
        await self.stop(anna, bob, cleo)
    }

    @Test func allOfARoomOrSomeOfItAreWaitedFor() async throws {
        let (anna, bob, cleo) = try await self.ops()
        let all = try await anna.ask(Methods.Send(to: ["#ops"], text: "to all", wait: .deliveredToAll, timeout: 30_000))
        #expect(all.array?.first?["deliveredTo"]?.integer == 2 && all.array?.first?["recipients"]?.integer == 2)
        for one in [bob, cleo] { #expect(try await self.texts(one).contains("to all")) }
        let three = await self.refusal(anna, Methods.Send(to: ["#ops"], text: "never", wait: .deliveredTo(3)))
        #expect(three?.kind == .badParameters)
        #expect(three?.message == "In #ops are 2 others who joined: delivered=3 would never come.")
        await cleo.stop()
        let two = try await anna.ask(Methods.Send(to: ["#ops"], text: "to two", wait: .deliveredTo(2), timeout: 1_500))
        #expect(two.array?.first?["deliveredTo"]?.integer == 1 && two.array?.first?["state"]?.string == "delivered")
        let device = try await anna.ask(Methods.Send(to: ["bob"], text: "hi", wait: .deliveredToAll, timeout: 30_000))
        #expect(device.array?.first?["deliveredTo"]?.integer == 1 && device.array?.first?["recipients"]?.integer == 1)
        let devices = await self.refusal(anna, Methods.Send(to: ["bob"], text: "never", wait: .deliveredTo(2)))
        #expect(devices?.message == "Bob has 1 device: delivered=2 would never come.")
        #expect(try await self.texts(bob).contains("never") == false)
        await self.stop(anna, bob)
    }

    @Test func transfersOfARoomAreListed() async throws {
        let (anna, bob, cleo) = try await self.ops()
        let (path, _) = try self.file(anna, "x")
        _ = try await anna.ask(Methods.OpenOffer(to: ["#ops"], path: path, name: "room.txt"))
        _ = try await anna.ask(Methods.OpenOffer(to: ["bob"], path: path, name: "bob.txt"))
        func names(_ method: Methods.Transfers) async throws -> [String] {
            try await anna.ask(method).array?.compactMap { $0["name"]?.string } ?? []
        }
        #expect(try await names(.init(who: "#ops")) == ["room.txt", "room.txt"])
        #expect(Set(try await names(.init(who: "bob"))) == ["room.txt", "bob.txt"])
        #expect(try await names(.init(who: "#ops", from: "bob")).isEmpty, "Bob offers nothing")
        let unknown = await self.refusal(anna, Methods.Transfers(who: "#elsewhere"))
        #expect(unknown?.kind == .unknownName)
        await self.stop(anna, bob, cleo)
    }

    @Test func whoIsTakenOutGetsNothingMore() async throws {
        let (anna, bob, cleo) = try await self.ops()
        _ = try await anna.ask(Methods.RemoveFromRoom(room: "ops", who: "cleo"))
        _ = await self.room(cleo) { $0["standing"]?.string == "removed" }
        _ = await self.room(bob) { $0["memberCount"]?.integer == 2 }
        _ = try await anna.ask(Methods.Send(to: ["#ops"], text: "without Cleo", wait: .delivered, timeout: 20_000))
        _ = await bob.event { $0["message"]?["text"]?.string == "without Cleo" }
        // What comes in the talk of two came after it.
        _ = try await anna.ask(Methods.Send(to: ["cleo"], text: "sorry", wait: .delivered, timeout: 20_000))
        #expect(try await self.texts(cleo).isEmpty)
        let refused = await self.refusal(cleo, Methods.Send(to: ["#ops"], text: "hello?"))
        #expect(refused?.kind == .refused && refused?.message == "You were taken out of #ops.")
        await self.stop(anna, bob, cleo)
    }

    @Test func whatARoomDoesNotAllowIsSaidAndChangesNothing() async throws {
        let (anna, bob, cleo) = try await self.ops()
        let before = try await anna.ask(Methods.RoomInfo("ops"))
        let refusals: [(Running, any Method, String)] = [
            (bob, Methods.RemoveFromRoom(room: "ops", who: "cleo"), "Only the owner of #ops, Anna, may do that."),
            (bob, Methods.RenameRoom(room: "ops", name: "mine"), "Only the owner of #ops, Anna, may do that."),
            (bob, Methods.JoinRoom("ops"), "You are already in #ops."),
            (bob, Methods.DeclineRoom("ops"), "There is no invitation to #ops to decline."),
            (anna, Methods.InviteToRoom(room: "ops", who: ["bob"]), "Bob is already in #ops."),
            (anna, Methods.TransferRoom(room: "ops", who: "anna"), "#ops is yours already."),
            (anna, Methods.CreateRoom("OPS"), "You are in a room #OPS already"),
            (anna, Methods.LeaveRoom("ops"), "#ops is yours. While others are in it"),
            (anna, Methods.RemoveFromRoom(room: "ops", who: "anna"), "#ops is yours. While others are in it"),
            (anna, Methods.SetWriter(room: "ops", who: "bob"), "Everybody in #ops may write."),
            (anna, Methods.RenameRoom(room: "ops", name: " "), "A room needs a name"),
            (anna, Methods.RenameRoom(room: "ops", name: String(repeating: "x", count: 65)), "A room's name has at"),
            (anna, Methods.SetTopic(room: "ops", topic: String(repeating: "x", count: 1_025)), "A room's name has"),
            (anna, Methods.Send(to: ["bob", "#nowhere"], text: "to neither"), "There is no room #nowhere here."),
        ]
        for (one, method, sentence) in refusals {
            let refused = await self.refusal(one, method)
            #expect(refused?.message.hasPrefix(sentence) == true, "\(refused?.message ?? "done"): \(method)")
        }
        #expect(try await anna.ask(Methods.RoomInfo("ops")) == before)
        let told = try await anna.ask(Methods.History(who: "bob")).array ?? []
        #expect(!told.contains { $0["text"]?.string == "to neither" }, "a message to two goes to both or to neither")
        await self.stop(anna, bob, cleo)
    }

    /// It is kept for others; here nothing tells of it.
    @Test func whatABlockedPersonSaysInARoomIsNowhere() async throws {
        let (anna, bob, cleo) = try await self.ops()
        _ = try await bob.ask(Methods.Send(to: ["#ops"], text: "a plan, @Cleo", ask: true))
        _ = await cleo.event { $0["message"]?["text"]?.string == "a plan, @Cleo" }
        #expect(try await cleo.ask(Methods.Inbox())["conversations"]?.array?.first?["mentions"]?.integer == 1)
        _ = try await cleo.ask(Methods.Block("bob"))
        #expect(try await self.texts(cleo).isEmpty)
        #expect(try await cleo.ask(Methods.Search(query: "plan")).array?.isEmpty == true)
        #expect(try await cleo.ask(Methods.Inbox())["conversations"]?.array?.isEmpty == true)
        #expect(try await cleo.ask(Methods.RoomInfo("ops"))["unread"]?.integer == 0)
        _ = try await cleo.ask(Methods.Unblock("bob"))
        #expect(try await self.texts(cleo) == ["a plan, @Cleo"])
        await self.stop(anna, bob, cleo)
    }

    @Test func whatIsSaidInAnEmptyRoomWaitsForNobody() async throws {
        let anna = try await Running("Anna")
        _ = try await anna.ask(Methods.CreateRoom("ops"))
        let sent = try await anna.ask(Methods.Send(to: ["#ops"], text: "a note", wait: .delivered, timeout: 60_000))
        #expect(sent.array?.first?["state"]?.string == "delivered")
        let kept = try await anna.ask(Methods.History(who: "#ops")).array?.first
        #expect(kept?["state"]?.string == "delivered" && kept?["waitsFor"] == nil)
        #expect(try await anna.ask(Methods.Status())["queued"]?.integer == 0)
        await anna.stop()
    }

    @Test func anInvitationIsNoUnreadMessageAsWell() async throws {
        let (anna, bob) = try await TwoNodesTests().friends()
        _ = try await anna.ask(Methods.CreateRoom("ops"))
        _ = try await anna.ask(Methods.InviteToRoom(room: "ops", who: ["bob"]))
        _ = await self.room(bob) { $0["standing"]?.string == "invited" }
        _ = await bob.event { $0["message"]?["invitation"] != nil }
        let inbox = try await bob.ask(Methods.Inbox())
        #expect(inbox["conversations"]?.array?.isEmpty == true && inbox["invitations"]?.array?.count == 1)
        let contact = try await bob.ask(Methods.Contacts()).array?.first
        #expect(contact?["unread"]?.integer == 0)
        await anna.stop()
        await bob.stop()
    }

    private func file(_ running: Running, _ bytes: String) throws -> (path: AbsolutePath, folder: String) {
        let path = running.state + "/spool/in.test"
        try Data(bytes.utf8).write(to: URL(fileURLWithPath: path))
        return (try AbsolutePath(path), running.state + "/../\(UUID().uuidString)")
    }

    /// Each member has a transfer of what one of them is still writing, and a rule may name the room.
    @Test func whatIsStillWrittenGoesToARoomAndARuleTakesItThere() async throws {
        let (anna, bob, cleo) = try await self.ops()
        let (path, folder) = try self.file(anna, "all of it")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let rules = try await bob.ask(Methods.AddRule(from: "#ops", folder: try AbsolutePath(folder)))
        let rule = rules.array?.first
        #expect(rule?["name"]?.string == "#ops" && rule?["room"] != nil && rule?["from"] == nil)
        let sent = try await anna.ask(Methods.OpenOffer(to: ["#ops"], path: path, name: "log.txt"))
        let (share, message) = (sent.array?.first?["share"]?.string, sent.array?.first?["id"]?.string)
        #expect(sent.array?.first?["transfers"]?.array?.count == 2, "one for each of the others")
        _ = await bob.event {
            $0["transfer"]?["state"]?.string == "waiting" || $0["transfer"]?["have"]?.integer ?? 0 > 0
        }
        _ = await cleo.event { $0["event"]?.string == "offer" && $0["transfer"]?["roomName"]?.string == "#ops" }
        _ = try await anna.ask(Methods.GrowOffer(share: try #require(share), size: 9, open: false))
        _ = await bob.event { $0["transfer"]?["state"]?.string == "complete" }
        #expect(FileManager.default.contents(atPath: folder + "/log.txt") == Data("all of it".utf8))
        let ours = await anna.event {
            $0["transfer"]?["state"]?.string == "complete" && $0["transfer"]?["peer"]?.string == "Bob"
        }
        #expect(ours?["transfer"]?["message"]?.string == message && ours?["transfer"]?["room"] != nil)
        await self.stop(anna, bob, cleo)
    }

    @Test func nobodyWouldReadWhatIsWrittenIntoAnEmptyRoom() async throws {
        let anna = try await Running("Anna")
        _ = try await anna.ask(Methods.CreateRoom("ops"))
        let (path, _) = try self.file(anna, "x")
        let refused = await self.refusal(anna, Methods.OpenOffer(to: ["#ops"], path: path, name: "log.txt"))
        #expect(refused?.kind == .refused && refused?.message == "You are alone in #ops: nobody would read it.")
        await anna.stop()
    }

    @Test func anOpenRoomIsFoundAndMayBeJoined() async throws {
        let (anna, bob) = try await TwoNodesTests().friends()
        _ = try await anna.ask(Methods.CreateRoom("dev", open: true))
        var listed: [JSON] = []
        while listed.isEmpty {
            listed = try await bob.ask(Methods.ListRooms()).array?.filter { $0["standing"]?.string == "open" } ?? []
        }
        #expect(listed.first?["name"]?.string == "dev" && listed.first?["memberCount"]?.integer == 1)
        let outside = await self.refusal(bob, Methods.Send(to: ["#dev"], text: "hi"))
        #expect(outside?.message == "You are not in #dev, which is open: `earshot room join '#dev'`.")
        _ = try await bob.ask(Methods.JoinRoom("dev"))
        _ = await self.room(anna) { $0["joinedCount"]?.integer == 2 }
        _ = try await bob.ask(Methods.Send(to: ["#dev"], text: "hi", wait: .delivered, timeout: 20_000))
        _ = await anna.event { $0["message"]?["text"]?.string == "hi" }
        await anna.stop()
        await bob.stop()
    }

    @Test func theLobbyIsJoinedAndLeftByASetting() async throws {
        let anna = try await Running("Anna")
        _ = try await anna.ask(Methods.SetSetting(key: "rooms.lobby", value: "on"))
        _ = await self.room(anna) { $0["name"]?.string == "lobby" && $0["standing"]?.string == "joined" }
        #expect(try await anna.ask(Methods.ListRooms()).array?.count == 1)
        _ = try await anna.ask(Methods.SetSetting(key: "rooms.lobby", value: "off"))
        _ = await self.room(anna) { $0["standing"]?.string == "left" }
        #expect(try await anna.ask(Methods.ListRooms()).array?.isEmpty == true)
        await anna.stop()
    }
}
