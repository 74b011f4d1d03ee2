import EarshotConfig
import EarshotControl
import EarshotNode
import Synchronization
import Testing

/// A node and its settings: what files and the door say, and what counts of it.
@Suite(.timeLimit(.minutes(5))) struct SettingsTests {
    /// Files that a test writes.
    final class Files: Sendable {
        private let texts: Mutex<[String: String]>
        private let variables: [String: String]

        init(_ user: String, policy: String = "", variables: [String: String] = [:]) {
            let alone = "port = 0\ndiscovery = \"none\"\ninterfaces = [\"lo\"]\n"
            self.texts = Mutex(["/s.toml": alone, "/u.toml": user, "/p.toml": policy])
            self.variables = variables
        }

        func write(_ user: String) { self.texts.withLock { $0["/u.toml"] = user } }

        func layers() throws(ConfigFaults) -> Layers {
            let texts = self.texts.withLock { $0 }
            return try Layers(
                ConfigPaths(system: "/s.toml", user: "/u.toml", policy: "/p.toml"), environment: self.variables
            ) { texts[$0] }
        }

        func node(state: String? = nil) async throws -> TwoNodesTests.Running {
            try await TwoNodesTests.Running("settings", state: state) { path in
                Configuration(state: path, try self.layers()) { () throws(ConfigFaults) in try self.layers() }
            }
        }
    }

    @Test func whatTheDoorSetsStaysUntilItIsTakenBack() async throws {
        let files = Files("files.rate = \"20M\"\ncontacts.accept = \"lan\"")
        let node = try await files.node()
        #expect(try await node.ask(Methods.GetSettings())["files.rate"]?.string == "20000000")
        #expect(try await node.ask(Methods.Status())["accept"]?.string == "lan")
        _ = try await node.ask(Methods.SetSetting(key: "files.rate", value: "0"))
        _ = try await node.ask(Methods.SetSetting(key: "contacts.accept", value: "ask"))
        await node.stop()
        let again = try await files.node(state: node.state)
        #expect(try await again.ask(Methods.GetSettings())["files.rate"]?.string == "0")
        #expect(try await again.ask(Methods.Status())["accept"]?.string == "ask")
        let back = try await again.ask(Methods.SetSetting(key: "contacts.accept", value: ""))
        #expect(back["contacts.accept"]?.string == "lan")
        #expect(try await again.ask(Methods.Status())["accept"]?.string == "lan")
        await again.stop()
    }

    @Test(
        arguments: [
            ("contacts.accept", "lan", "contacts.accept is locked by /p.toml (line 1)."),
            (
                "files.rate", "1",
                "files.rate was given by EARSHOT_FILES_RATE when earshotd started, and stays until it ends."
            ),
            (
                "files.rate.peer", "fast",
                "files.rate.peer is bytes a second, as 20M, or 0 for no limit, not \"fast\"."
            ), ("port", "1", "port counts from the next start on: set it with `earshot config edit`."),
            ("files.rat", "1", "There is no setting files.rat."),
        ]) func whatIsRefused(key: String, value: String, why: String) async throws
    {
        let node = try await Files(
            "", policy: "contacts.accept = \"ask\"", variables: ["EARSHOT_FILES_RATE": "5M"]
        ).node()
        do {
            _ = try await node.ask(Methods.SetSetting(key: key, value: value))
            Issue.record("\(key) was changed")
        } catch let error as DoorError { #expect(error.message == why) }
        #expect(try await node.ask(Methods.GetSettings())["files.rate"]?.string == "5000000")
        await node.stop()
    }

    @Test func readingAgainChangesWhatCanBeChangedAndNothingByHalves() async throws {
        let files = Files("files.rate = 1")
        let node = try await files.node()
        files.write("files.rate = 2\nport = 5000")
        let changes = try await node.ask(Methods.ReloadSettings())["changes"]?.array?.compactMap(\.string)
        #expect(
            changes == ["port is 5000 (/u.toml:2) from the next start on.", "files.rate is 2 (/u.toml:1) now."])
        files.write("files.rate = 3\nport = \"many\"")
        do {
            _ = try await node.ask(Methods.ReloadSettings())
            Issue.record("a broken file was taken")
        } catch let error as DoorError {
            #expect(error.message == "/u.toml:2:1: port is a number from 0 to 65535, not \"many\".")
        }
        let settings = try await node.ask(Methods.ListSettings()).array ?? []
        let byKey = Dictionary(settings.map { ($0["key"]?.string ?? "", $0) }, uniquingKeysWith: { $1 })
        #expect(byKey["files.rate"]?["value"]?.string == "2")
        #expect(byKey["port"]?["value"]?.string == "0")
        #expect(byKey["port"]?["next"]?.string == "5000")
        #expect(byKey["state"]?["value"]?.string == node.state)
        await node.stop()
    }

    /// A file names us as long as nobody does so by hand.
    @Test func whatAFileCallsUs() async throws {
        let files = Files("name = \"Anna\"")
        let node = try await files.node()
        #expect(try await node.ask(Methods.GetName())["name"]?.string == "Anna")
        await node.stop()
        files.write("name = \"Anne\"")
        let again = try await files.node(state: node.state)
        #expect(try await again.ask(Methods.GetName())["name"]?.string == "Anne")
        _ = try await again.ask(Methods.SetName("Bob"))
        await again.stop()
        let third = try await files.node(state: node.state)
        #expect(try await third.ask(Methods.GetName())["name"]?.string == "Bob")
        await third.stop()
    }
}
