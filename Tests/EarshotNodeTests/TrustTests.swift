import EarshotControl
import EarshotModel
import EarshotNode
import Foundation
import Testing

/// Who is who, between two whole nodes (Protocol.md 18).
@Suite(.timeLimit(.minutes(5))) struct TrustTests {
    typealias Running = TwoNodesTests.Running

    private func comparing(_ node: Running) async throws -> JSON {
        let event = await node.event { $0["verification"]?["state"]?.string == "comparing" }
        return try #require(event?["verification"])
    }

    private func trust(_ node: Running, _ who: String) async throws -> String? {
        try await node.ask(Methods.Resolve(who))["trust"]?.string
    }

    private func refusal(_ node: Running, _ method: some Method) async -> DoorError? {
        do {
            _ = try await node.ask(method)
            return nil
        } catch { return error as? DoorError }
    }

    @Test func bothSeeTheSameAndAreVerifiedWhenBothSaySo() async throws {
        let (anna, bob) = try await TwoNodesTests().friends()
        #expect(try await bob.ask(Methods.StartVerification("anna"))["state"]?.string == "waiting")
        let asked = await anna.event { $0["event"]?.string == "verification" }
        #expect(asked?["verification"]?["state"]?.string == "asked" && asked?["peer"]?["name"]?.string == "Bob")
        #expect(try await anna.ask(Methods.ListVerifications()).array?.first?["state"]?.string == "asked")
        _ = try await anna.ask(Methods.StartVerification("bob"))
        let (mine, theirs) = (try await self.comparing(anna), try await self.comparing(bob))
        #expect(mine["numbers"]?.string?.count == 14 && mine["numbers"] == theirs["numbers"])
        #expect(
            mine["emoji"]?.array?.count == 7 && mine["emoji"] == theirs["emoji"] && mine["names"] == theirs["names"])
        #expect(try await anna.ask(Methods.AnswerVerification(who: "bob", same: true))["answered"]?.bool == true)
        #expect(try await self.trust(anna, "bob") == "accepted", "one yes is not enough")
        #expect(try await bob.ask(Methods.AnswerVerification(who: "anna", same: true))["state"]?.string == "verified")
        _ = await anna.event { $0["verification"]?["state"]?.string == "verified" }
        #expect(try await self.trust(anna, "bob") == "verified")
        #expect(try await self.trust(bob, "anna") == "verified")
        let sent = try await anna.ask(Methods.Send(to: ["bob"], text: "hello"))
        #expect(sent.array?.first?["trust"]?.string == "verified")
        _ = try await anna.ask(Methods.Unverify("bob"))
        #expect(try await self.trust(anna, "bob") == "accepted")
        #expect(await self.refusal(anna, Methods.Unverify("bob"))?.kind == .refused)
        await anna.stop()
        await bob.stop()
    }

    @Test func aNoChangesNothingAndBothAreTold() async throws {
        let (anna, bob) = try await TwoNodesTests().friends()
        _ = try await anna.ask(Methods.StartVerification("bob"))
        #expect(await self.refusal(anna, Methods.StartVerification("bob"))?.kind == .refused)
        _ = try await bob.ask(Methods.StartVerification("anna"))
        _ = try await self.comparing(anna)
        _ = try await self.comparing(bob)
        #expect(try await anna.ask(Methods.AnswerVerification(who: "bob", same: false))["state"]?.string == "noMatch")
        _ = await bob.event { $0["verification"]?["state"]?.string == "noMatch" }
        #expect(try await self.trust(anna, "bob") == "accepted")
        #expect(try await self.trust(bob, "anna") == "accepted")
        #expect(await self.refusal(bob, Methods.AnswerVerification(who: "anna", same: true))?.kind == .refused)
        #expect(await self.refusal(bob, Methods.StopVerification("anna"))?.kind == .refused)
        await anna.stop()
        await bob.stop()
    }

    @Test func whoIsGoneComparesNoLonger() async throws {
        let (anna, bob) = try await TwoNodesTests().friends()
        try {
            // The connection ends with the client.
            _ = try ControlClient(path: anna.state + "/earshot.sock").ask(Methods.StartVerification("bob"))
        }()
        _ = await bob.event { $0["verification"]?["state"]?.string == "asked" }
        _ = await bob.event { $0["verification"]?["state"]?.string == "withdrawn" }
        #expect(try await bob.ask(Methods.ListVerifications()).array?.isEmpty == true)
        await anna.stop()
        await bob.stop()
    }

    @Test func fingerprintsAndCodesAreCompared() async throws {
        let (anna, bob) = try await TwoNodesTests().friends()
        let id = try await bob.ask(Methods.Identity())
        let fingerprint = try #require(id["fingerprint"]?.string)
        #expect(try await anna.ask(Methods.Resolve("bob"))["fingerprint"]?.string == fingerprint)
        let wrong = String(fingerprint.reversed())
        for check in [
            Methods.CheckKey(who: "bob", fingerprint: wrong),
            Methods.CheckKey(who: "bob", uri: try await anna.ask(Methods.Identity())["uri"]?.string),
        ] {
            #expect(await self.refusal(anna, check)?.kind == .untrusted)
        }
        for check in [
            Methods.CheckKey(who: "bob", fingerprint: "12345"), Methods.CheckKey(who: "bob", uri: "https://bob"),
            Methods.CheckKey(who: "bob"),
        ] {
            #expect(await self.refusal(anna, check)?.kind == .badParameters)
        }
        #expect(try await self.trust(anna, "bob") == "accepted")
        let typed = fingerprint.replacingOccurrences(of: " ", with: "-")
        _ = try await anna.ask(Methods.CheckKey(who: "bob", fingerprint: typed))
        #expect(try await self.trust(anna, "bob") == "verified")
        _ = try await anna.ask(Methods.Block("bob"))
        #expect(try await anna.ask(Methods.Unblock("bob"))["trust"]?.string == "new")
        _ = try await anna.ask(Methods.CheckKey(who: "bob", uri: id["uri"]?.string))
        #expect(try await self.trust(anna, "bob") == "verified", "a stranger is accepted by it")
        await anna.stop()
        await bob.stop()
    }

    @Test func aCodeMakesStrangersVerifiedContacts() async throws {
        let (anna, bob) = (try await Running("Anna"), try await Running("Bob"))
        _ = try await anna.ask(Methods.AddPeer("127.0.0.1:\(bob.port)"))
        _ = await anna.event { $0["event"]?.string == "peer" && $0["peer"]?["name"]?.string == "Bob" }
        _ = await bob.event { $0["event"]?.string == "peer" }
        #expect(await self.refusal(bob, Methods.Join(code: "12345678"))?.kind == .badParameters)
        #expect(await self.refusal(bob, Methods.Join(code: "482019337"))?.kind == .unreachable)
        #expect(await self.refusal(anna, Methods.CancelInvitation())?.kind == .refused)
        let invitation = try await anna.ask(Methods.CreateInvitation())
        let code = try #require(invitation["code"]?.string)
        #expect(code.count == 11 && invitation["triesLeft"]?.integer == 3)
        let wrong = code.hasPrefix("1") ? "2" + code.dropFirst() : "1" + code.dropFirst()
        #expect(await self.refusal(bob, Methods.Join(code: wrong))?.kind == .untrusted)
        let failed = await anna.event { $0["event"]?.string == "invitation" }
        #expect(failed?["invitation"]?.string == "failed" && failed?["triesLeft"]?.integer == 2)
        #expect(failed?["peer"]?["name"]?.string == "Bob")
        #expect(try await self.trust(bob, "anna") == "new")
        let joined = try await bob.ask(Methods.Join(code: code, from: "anna"))
        #expect(joined["name"]?.string == "Anna" && joined["trust"]?.string == "verified")
        _ = await anna.event { $0["invitation"]?.string == "joined" }
        #expect(try await self.trust(anna, "bob") == "verified")
        #expect(try await anna.ask(Methods.ListInvitations()).array?.isEmpty == true)
        #expect(await self.refusal(bob, Methods.Join(code: code))?.kind == .unreachable, "it is good once")
        let sent = try await bob.ask(Methods.Send(to: ["anna"], text: "hello", wait: .delivered, timeout: 20_000))
        #expect(sent.array?.first?["state"]?.string == "delivered")
        await anna.stop()
        await bob.stop()
    }

    @Test func aWindowIsOpenForSeveralEachByACodeOfTheirOwn() async throws {
        let (anna, bob) = (try await Running("Anna"), try await Running("Bob"))
        for count in [Int64(0), 101] {
            #expect(await self.refusal(anna, Methods.CreateInvitation(count: count))?.kind == .badParameters)
        }
        _ = try await anna.ask(Methods.AddPeer("127.0.0.1:\(bob.port)"))
        _ = await bob.event { $0["event"]?.string == "peer" }
        let first = try await anna.ask(Methods.CreateInvitation(lifetime: 60_000, count: 2))
        #expect(first["joinsLeft"]?.integer == 2 && first["wrongTries"]?.integer == 0)
        let code = try #require(first["code"]?.string)
        _ = try await bob.ask(Methods.Join(code: code, from: "anna"))
        let second = try #require(try await anna.ask(Methods.ListInvitations()).array?.first)
        #expect(second["joinsLeft"]?.integer == 1 && second["code"]?.string != code)
        #expect(second["expires"] == first["expires"], "the window is the same")
        #expect(await self.refusal(bob, Methods.Join(code: code, from: "anna"))?.kind == .untrusted)
        #expect(try await anna.ask(Methods.ListInvitations()).array?.first?["wrongTries"]?.integer == 1)
        _ = try await anna.ask(Methods.CancelInvitation())
        #expect(try await anna.ask(Methods.ListInvitations()).array?.isEmpty == true)
        await anna.stop()
        await bob.stop()
    }

    @Test func whoTakesAnothersNameIsSentNothing() async throws {
        let (anna, bob) = try await TwoNodesTests().friends()
        let carol = try await Running("Carol")
        _ = try await anna.ask(Methods.AddPeer("127.0.0.1:\(carol.port)"))
        _ = await anna.event { $0["event"]?.string == "peer" && $0["peer"]?["name"]?.string == "Carol" }
        _ = try await anna.ask(Methods.Accept("carol"))
        let id = try #require(try await carol.ask(Methods.Identity())["person"]?.string)
        _ = try await carol.ask(Methods.SetName("Вob"))
        let warned = await anna.event { $0["event"]?.string == "warning" }
        #expect(warned?["warning"]?.string == "nameTaken" && warned?["peer"]?["person"]?.string == id)
        let person = try await anna.ask(Methods.Resolve(id))
        #expect(person["trust"]?.string == "conflict" && person["conflict"]?.string == "name")
        for method in [Methods.Send(to: [id], text: "a secret"), Methods.Send(to: ["bob", id], text: "a secret")] {
            let refusal = await self.refusal(anna, method)
            #expect(refusal?.kind == .untrusted && refusal?.message.contains("earshot trust") ?? false)
        }
        #expect(try await anna.ask(Methods.History(who: "bob")).array?.isEmpty == true, "to none of them")
        let doctor = try await anna.ask(Methods.Doctor()).array ?? []
        #expect(doctor.contains { $0["check"]?.string == "contact" && $0["ok"]?.bool == false })
        // What they say still comes.
        _ = try await carol.ask(Methods.Accept("anna"))
        _ = try await carol.ask(Methods.Send(to: ["anna"], text: "hello", wait: .delivered, timeout: 20_000))
        let heard = try await anna.ask(Methods.History(who: id)).array?.last
        #expect(heard?["text"]?.string == "hello" && heard?["trust"]?.string == "conflict")
        // It outlives a restart, and a name of our own settles it.
        let state = anna.state
        await anna.stop()
        let again = try await Running("Anna", state: state)
        #expect(try await again.ask(Methods.Resolve(id))["conflict"]?.string == "name")
        #expect(try await again.ask(Methods.Rename(who: id, petname: "Carol W."))["trust"]?.string == "accepted")
        _ = try await again.ask(Methods.Send(to: [id], text: "not a secret"))
        #expect(await self.refusal(again, Methods.TrustPerson(id))?.kind == .refused)
        await again.stop()
        await bob.stop()
        await carol.stop()
    }
}
