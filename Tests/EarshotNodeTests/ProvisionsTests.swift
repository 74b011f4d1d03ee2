import EarshotConfig
import EarshotControl
import EarshotNode
import Synchronization
import Testing

/// People whom a file of this machine names.
@Suite(.timeLimit(.minutes(5))) struct ProvisionsTests {
    typealias Running = TwoNodesTests.Running

    /// The file of people of a node that a test runs.
    private final class People: Sendable {
        private let text = Mutex("")

        func write(_ text: String) { self.text.withLock { $0 = text } }

        private func layers() throws(ConfigFaults) -> Layers {
            let people = self.text.withLock { $0 }
            let texts = [
                "/s.toml": "port = 0\ndiscovery = \"none\"\ninterfaces = [\"lo\"]\nname = \"Anna\"\n",
                "/people.toml": people,
            ]
            return try Layers(ConfigPaths(system: "/s.toml", user: nil, policy: "/p.toml")) { texts[$0] }
        }

        func node(state: String? = nil) async throws -> Running {
            try await Running("Anna", state: state) { path in
                Configuration(state: path, try self.layers()) { () throws(ConfigFaults) in try self.layers() }
            }
        }
    }

    /// What stands in the file for a node.
    private func entry(_ node: Running, _ more: String = "", byID: Bool = false) async throws -> String {
        let id = try await node.ask(Methods.Identity())
        let key = try #require((byID ? id["uri"] : id["fingerprint"])?.string)
        return "[[person]]\nname = \"Robert\"\n\(byID ? "id" : "fingerprint") = \"\(key)\"\n\(more)\n"
    }

    private func meet(_ anna: Running, _ bob: Running) async throws -> String {
        _ = try await anna.ask(Methods.AddPeer("127.0.0.1:\(bob.port)"))
        _ = await anna.event { $0["event"]?.string == "presence" }
        _ = await bob.event { $0["event"]?.string == "presence" }
        return try #require(try await bob.ask(Methods.Identity())["person"]?.string)
    }

    @Test(arguments: [false, true]) func whoIsNamedIsAVerifiedContactWhenTheyAreMet(byID: Bool) async throws {
        let (people, bob) = (People(), try await Running("Bob"))
        people.write(try await self.entry(bob, "may = [\"write\", \"files up to 1M\"]", byID: byID))
        let anna = try await people.node()
        let id = try await self.meet(anna, bob)
        _ = await anna.event { $0["event"]?.string == "contact" && $0["peer"]?["trust"]?.string == "verified" }
        let person = try await anna.ask(Methods.Resolve(id))
        #expect(person["trust"]?.string == "verified" && person["name"]?.string == "Robert")
        #expect(person["namedBy"]?.string == "/people.toml:1")
        let rules = try await anna.ask(Methods.Rules()).array ?? []
        #expect(rules.map { $0["most"]?.integer } == [1_000_000] && rules.first?["from"]?.string == id)
        await #expect(throws: DoorError.self) { try await anna.ask(Methods.RemoveRule(number: 1)) }
        // What they write comes without anybody's saying yes.
        let mine = try #require(try await anna.ask(Methods.Identity())["person"]?.string)
        _ = try await bob.ask(Methods.Accept(mine))
        let sent = try await bob.ask(Methods.Send(to: [mine], text: "hello", wait: .delivered, timeout: 20_000))
        #expect(sent.array?.first?["state"]?.string == "delivered")
        await anna.stop()
        // Taken out while it does not run.
        people.write("")
        let again = try await people.node(state: anna.state)
        let after = try await again.ask(Methods.Contacts()).array ?? []
        #expect(!after.contains { $0["person"]?.string == id }, "a stranger again")
        #expect(try await again.ask(Methods.Rules()).array?.isEmpty == true)
        await again.stop()
        await bob.stop()
    }

    @Test func whoIsHereBecomesAContactWhenTheFileIsReadAndAStrangerWhenTheyAreTakenOut() async throws {
        let (people, bob) = (People(), try await Running("Bob"))
        let anna = try await people.node()
        let id = try await self.meet(anna, bob)
        #expect(try await anna.ask(Methods.Resolve(id))["trust"]?.string == "new")
        people.write(try await self.entry(bob, "verified = false"))
        let changes = try await anna.ask(Methods.ReloadSettings())["changes"]?.array ?? []
        #expect(changes.map(\.string) == ["Robert (\(id.prefix(8))) is a contact, as /people.toml:1 says."])
        #expect(try await anna.ask(Methods.Resolve(id))["trust"]?.string == "accepted")
        #expect(try await anna.ask(Methods.ReloadSettings())["changes"]?.array?.isEmpty == true, "nothing is new")
        people.write("[[person]]\nnmae = 1")
        await #expect(throws: DoorError.self) { try await anna.ask(Methods.ReloadSettings()) }
        #expect(try await anna.ask(Methods.Resolve(id))["trust"]?.string == "accepted", "nothing by halves")
        people.write("")
        let gone = try await anna.ask(Methods.ReloadSettings())["changes"]?.array?.first?.string
        #expect(gone?.contains("is not in people.toml any more, and a stranger again") ?? false, "\(gone ?? "")")
        #expect(try await anna.ask(Methods.Contacts()).array?.isEmpty == true)
        await anna.stop()
        await bob.stop()
    }

    @Test func whatAPersonDecidedByHandStays() async throws {
        let (people, bob) = (People(), try await Running("Bob"))
        let anna = try await people.node()
        let id = try await self.meet(anna, bob)
        _ = try await anna.ask(Methods.Accept(id))
        people.write(try await self.entry(bob))
        _ = try await anna.ask(Methods.ReloadSettings())
        #expect(try await anna.ask(Methods.Resolve(id))["trust"]?.string == "verified")
        _ = try await anna.ask(Methods.Unverify(id))
        _ = try await anna.ask(Methods.Rename(who: id, petname: "Bobby"))
        _ = try await anna.ask(Methods.ReloadSettings())
        let person = try await anna.ask(Methods.Resolve(id))
        #expect(person["trust"]?.string == "accepted" && person["name"]?.string == "Bobby")
        people.write("")
        _ = try await anna.ask(Methods.ReloadSettings())
        #expect(try await anna.ask(Methods.Resolve(id))["trust"]?.string == "accepted", "accepted before the file")
        _ = try await anna.ask(Methods.Block(id))
        people.write(try await self.entry(bob))
        let changes = try await anna.ask(Methods.ReloadSettings())["changes"]?.array?.first?.string
        #expect(changes?.contains("is blocked and stays so") ?? false)
        #expect(try await anna.ask(Methods.Resolve(id))["trust"]?.string == "blocked")
        await anna.stop()
        await bob.stop()
    }

    @Test func whoIsNamedIsInTheRoomsOfTheFileAndComesInByThemselves() async throws {
        let (people, theirs) = (People(), People())
        let (bob, anna) = (try await theirs.node(), try await people.node())
        let mine = try #require(try await anna.ask(Methods.Identity())["uri"]?.string)
        theirs.write("[[person]]\nname = \"Board\"\nid = \"\(mine)\"\nmay = [\"write\", \"invite\"]")
        _ = try await bob.ask(Methods.ReloadSettings())
        people.write(try await self.entry(bob, "rooms = [\"ops\", \"lost\"]\n[[room]]\nname = \"ops\""))
        let changes = try await anna.ask(Methods.ReloadSettings())["changes"]?.array ?? []
        #expect(changes.map(\.string) == ["#ops is there now, as /people.toml:5 says."])
        let id = try await self.meet(anna, bob)
        _ = await anna.event { $0["event"]?.string == "room" && $0["room"]?["joinedCount"]?.integer == 2 }
        _ = await bob.event { $0["event"]?.string == "room" && $0["room"]?["joinedCount"]?.integer == 2 }
        let sent = try await bob.ask(Methods.Send(to: ["#ops"], text: "here", wait: .delivered, timeout: 20_000))
        #expect(sent.array?.first?["state"]?.string == "delivered")
        let checks = try await anna.ask(Methods.Doctor()).array ?? []
        #expect(checks.contains { ($0["detail"]?.string ?? "").contains("not here, or several times: #lost") })
        // Who is out by somebody's hand is not invited again; who is in no line any more is out.
        people.write(try await self.entry(bob))
        let gone = try await anna.ask(Methods.ReloadSettings())["changes"]?.array ?? []
        #expect(
            gone.map(\.string) == [
                "Robert (\(id.prefix(8))) was taken out of #ops, in which people.toml has them no more."
            ])
        _ = await bob.event { $0["event"]?.string == "room" && $0["room"]?["standing"]?.string == "removed" }
        people.write(try await self.entry(bob, "rooms = [\"ops\"]\n[[room]]\nname = \"ops\""))
        _ = try await anna.ask(Methods.ReloadSettings())
        _ = await bob.event { $0["event"]?.string == "room" && $0["room"]?["standing"]?.string == "joined" }
        _ = try await anna.ask(Methods.RemoveFromRoom(room: "ops", who: id))
        _ = await bob.event { $0["event"]?.string == "room" && $0["room"]?["standing"]?.string == "removed" }
        let after = try await anna.ask(Methods.ReloadSettings())["changes"]?.array ?? []
        #expect(after.isEmpty, "\(after)")
        await anna.stop()
        await bob.stop()
    }
}
