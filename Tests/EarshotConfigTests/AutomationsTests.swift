import EarshotConfig
import EarshotControl
import Foundation
import Testing

/// Tables of what a node does by itself.
@Suite struct AutomationsTests {
    private static func read(_ text: String) throws(ConfigFaults) -> Automations {
        try LayersTests.layers(["/u.toml": text]).automations
    }

    @Test func aHook() throws {
        let text = """
            port = 1
            [[hook]]
            on = ["message", "offer"]
            from = "anna"
            room = "#ops"
            verified = true
            prefix = "!"
            word = "deploy"
            exec = ["python3", "x.py"]
            timeout = "500ms"
            max_parallel = 3
            [[hook]]
            name = "post"
            on = "message"
            url = "http://127.0.0.1:8080/a?b=c"
            secret = "0123456789abcdef"
            [files]
            rate = 5
            """
        let read = try Self.read(text)
        let filter = EventFilter(
            [.message, .offer], from: "anna", room: "ops", isVerified: true, prefix: "!", word: "deploy")
        let target = try #require(
            WebTarget("http://127.0.0.1:8080/a?b=c", secret: WebTarget.Secret("0123456789abcdef")))
        #expect(
            read.hooks == [
                Hook("hook1", filter, .run(Hook.Command(["python3", "x.py"])), timeout: 500, parallel: 3),
                Hook("post", EventFilter([.message]), .post(target)),
            ])
        #expect(!"\(read)".contains("0123456789abcdef"), "a secret is not printed")
        #expect(target.authority == "127.0.0.1:8080" && target.path == "/a?b=c")
    }

    @Test func aWayInAndAnAnnouncement() throws {
        let read = try Self.read(
            """
            [[webhook]]
            name = "ci"
            to = "#ops"
            secret = "0123456789abcdef"
            [[announce]]
            at = "09:05"
            days = ["mon", "Fri"]
            to = "anna"
            text = "stand-up"
            catch_up = true
            """)
        #expect(read.webhooks == [Webhook("ci", to: "#ops", secret: WebTarget.Secret("0123456789abcdef"))])
        let wanted = Announcement(
            "announce1", minute: 545, weekdays: [0, 4], to: "anna", text: "stand-up", catchesUp: true)
        #expect(read.announcements == [wanted] && wanted.at == "09:05")
    }

    @Test(
        arguments: [
            ("[[hook]]\non = \"mesage\"\nexec = \"a\"", "/u.toml:2:1: on is an event or a list of them"),
            ("[[hook]]\nexec = \"a\"", "/u.toml:1:1: [[hook]] needs on"),
            ("[[hook]]\non = \"message\"\nexec = \"a\"\nurl = \"http://x\"", "/u.toml:4:1: A hook has exec or url"),
            (
                "[[hook]]\non = \"message\"\nexec = \"a\"\ntimout = 3",
                "/u.toml:4:1: [[hook]] knows no timout. Did you mean timeout?"
            ),
            ("[[hook]]\non = \"message\"\nexec = \"a\"\ntimeout = \"2h\"", "/u.toml:4:1: timeout is a span"),
            ("[[hook]]\non = \"message\"\nexec = \"a\"\nmax_parallel = 17", "/u.toml:4:1: max_parallel is a number"),
            ("[[hook]]\non = \"message\"\nexec = [\"a\", \"b\"]\nshell = true", "/u.toml:3:1: With shell, exec is one"),
            ("[[hook]]\non = \"message\"\nurl = \"https://x\"", "/u.toml:3:1: url speaks http:// only"),
            ("[[hook]]\non = \"message\"\nurl = \"http://a b\"", "/u.toml:3:1: url is an address"),
            ("[[hook]]\non = \"message\"\non = \"offer\"\nexec = \"a\"", "/u.toml:3:1: on is set a second time."),
            ("[[hook]]\non = \"message\"\nexec = \"a\"\nname = \"a/b\"", "/u.toml:4:1: name is letters"),
            ("[[webhook]]\nto = \"a\"\nsecret = \"0123456789abcdef\"", "/u.toml:1:1: [[webhook]] needs name"),
            ("[[webhook]]\nname = \"a\"\nto = \"a\"\nsecret = \"short\"", "/u.toml:1:1: A secret is a text of 16"),
            ("[[webhook]]\nname = \"a\"\nto = \"a\"", "/u.toml:1:1: [[webhook]] needs secret"),
            ("[[announce]]\nat = \"24:00\"\nto = \"a\"\ntext = \"b\"", "/u.toml:2:1: at is a time of the day"),
            ("[[announce]]\nat = \"9:00\"\nto = \"a\"\ntext = \"b\"", "/u.toml:2:1: at is a time of the day"),
            ("[[announce]]\nat = \"09:00\"\ndays = [\"monday\"]\nto = \"a\"\ntext = \"b\"", "/u.toml:3:1: days is a"),
        ]) func whatIsWrongIsSaidWithItsPlace(text: String, fault: String)
    {
        #expect {
            try Self.read(text)
        } throws: { error in
            guard let faults = error as? ConfigFaults, let first = faults.faults.first else { return false }
            return first.text.hasPrefix(fault)
        }
    }

    @Test func twoOfOneNameAreAFault() {
        let hook = "[[hook]]\nname = \"a\"\non = \"message\"\nexec = \"x\"\n"
        #expect(throws: ConfigFaults.self) { try Self.read(hook + hook) }
        #expect(throws: ConfigFaults.self) {
            try LayersTests.layers(["/u.toml": hook, "/s.toml": hook])
        }
        #expect(throws: ConfigFaults.self) { try LayersTests.layers(["/p.toml": hook]) }
    }

    /// Each is told apart in the log and by `doctor`, whatever others are called.
    @Test func whatHasNoNameGivesWayToWhatHasOne() throws {
        let (bare, named) = ("[[hook]]\non = \"message\"\nexec = \"x\"\n", "name = \"hook1\"\n")
        #expect(try Self.read(bare + bare).hooks.map(\.name) == ["hook1", "hook2"])
        #expect(try Self.read(bare + bare + named).hooks.map(\.name) == ["hook1-2", "hook1"])
        let both = try LayersTests.layers(["/s.toml": bare + bare, "/u.toml": bare + bare + named]).automations
        #expect(both.hooks.count == 4 && Set(both.hooks.map(\.name)).count == 4, "\(both.hooks.map(\.name))")
        let announce = "[[announce]]\nat = \"09:00\"\nto = \"a\"\ntext = \"b\"\n"
        let twice = try LayersTests.layers(["/s.toml": announce, "/u.toml": announce]).automations
        #expect(Set(twice.announcements.map(\.name)).count == 2)
    }

    /// The snippets of docs/Hooks.md, as a person would copy them.
    @Test func whatTheDocumentShowsIsRead() throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("hooks-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["chart", "ci"] {
            try "0123456789abcdef\n".write(
                to: folder.appendingPathComponent("\(name).secret"), atomically: true, encoding: .utf8)
        }
        let document = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/Hooks.md")
        let pieces = try String(contentsOf: document, encoding: .utf8).components(separatedBy: "```")
        let blocks = pieces.enumerated().filter { !$0.offset.isMultiple(of: 2) }.map(\.element)
        let toml = blocks.filter { $0.hasPrefix("toml\n") }.map { String($0.dropFirst("toml\n".count)) }
        #expect(toml.count == 5)
        let text = toml.joined().replacingOccurrences(of: "~/.config/earshot", with: folder.path)
        let layers = try LayersTests.layers(["/u.toml": text])
        let read = layers.automations
        #expect(read.hooks.map(\.name) == ["echo", "chart"] && read.webhooks.map(\.name) == ["ci"])
        #expect(read.announcements.map(\.name) == ["stand-up"] && layers.config()[\.metricsEnabled])
        // Each alone, too.
        for one in toml {
            _ = try LayersTests.layers([
                "/u.toml": one.replacingOccurrences(of: "~/.config/earshot", with: folder.path)
            ])
        }
    }

    @Test func addressesOfHooks() {
        let none = WebTarget.Secret("")
        #expect(WebTarget("http://host", secret: none)?.path == "/")
        #expect(WebTarget("http://[::1]:81/x", secret: none)?.authority == "[::1]:81")
        #expect(WebTarget("http://host?x", secret: none)?.path == "/?x")
        let wrong = [
            "", "http://", "http://a:0/", "http://a:b/", "http://u:p@h/", "ftp://a", "http://a/\r\nX: y", "//a",
        ]
        for bad in wrong {
            #expect(WebTarget(bad, secret: none) == nil, "\(bad)")
        }
    }
}
