import EarshotModel
import EarshotTerminal
import Testing

@Suite struct ArgumentsTests {
    private static let common: [CommandTree.Option] = [
        .init(["--state"], takesValue: true), .init(["--json"]), .init(["-q", "--quiet"]), .init(["-h", "--help"]),
    ]
    private static let send = CommandTree(
        "send",
        options: [
            .init(["-f", "--file"], takesValue: true, takesMany: true), .init(["--wait"], takesValue: true),
            .init(["--text"], takesValue: true),
        ] + common,
        positionals: [.init("words", repeats: true)])
    private static let add = CommandTree("add", options: common, positionals: [.init("address")])
    private static let tree = CommandTree(
        "earshot", options: [.init(["-h", "--help"]), .init(["--version"])],
        subcommands: [
            send, .init("peers", options: [.init(["-w", "--watch"])] + common),
            .init(
                "peer", options: [.init(["-h", "--help"])],
                subcommands: [add, .init("remove"), .init("list", options: [.init(["--open"])] + common)],
                usual: "list"),
            .init(
                "profile", options: common,
                subcommands: [.init("show", options: common, positionals: [.init("who")]), .init("set")],
                usual: "show"),
            .init("daemon", passesOn: true), .init("_complete", isShown: false),
        ])

    @Test func aNameGoesToTheCommandThatIsMeantWhereNoneIsNamed() throws {
        let words = try self.prepared("profile", "anna")
        #expect(words.starts(with: ["profile", "show"]) && words.last == "anna")
        #expect(try self.prepared("profile", "set") == ["profile", "set"])
        #expect(throws: UsageError.self) { try self.prepared("profile", "sett") }
    }

    private func prepared(_ line: String...) throws(UsageError) -> [String] { try Arguments.prepare(line, Self.tree) }

    @Test(arguments: [
        "-hello", "- milk", "-5", "-3 °C", "--- a/file", "-- milk", "-ü", "-->", "-q?", "-ja", "--Hallo Welt",
    ])
    func whatCannotBeAnOptionIsText(text: String) throws {
        #expect(try self.prepared("send", "emil", text) == ["send", "--", "emil", text])
        #expect(
            try self.prepared("send", "emil", text, "--wait", "read", "-q") == [
                "send", "--wait", "read", "-q", "--", "emil", text,
            ])
        #expect(
            try self.prepared("send", text, "-f", "a", "b", "--json") == ["send", "-f", "a", "b", "--json", "--", text])
    }

    @Test(arguments: ["--hello", "-x", "-json", "-wait", "-fnote.txt", "--jsn"]) func whatCouldBeOneIsExplained(
        text: String
    ) {
        do {
            _ = try self.prepared("send", "emil", text)
            Issue.record("\(text) was taken for something")
        } catch {
            #expect(error.message.contains("-- \(text)") && error.path == ["send"], "\(error.message)")
        }
        #expect(throws: Never.self) { try self.prepared("send", "emil", "--", text) }
    }

    @Test func whatIsMeantIsAsked() {
        func message(_ words: String...) -> String {
            do throws(UsageError) { return try Arguments.prepare(words, Self.tree).joined(separator: " ") } catch {
                return error.message
            }
        }
        #expect(message("send", "emil", "hi", "--jsn").contains("Did you mean --json?"))
        #expect(message("send", "emil", "hi", "-json").contains("Did you mean --json?"))
        #expect(message("sned", "emil").contains("Did you mean send?"))
        #expect(message("pers").contains("Did you mean peers?"))
        #expect(message("peer", "ad", "x").contains("Did you mean add?"))
        #expect(message("peer", "zzzz").contains("Use add or remove or list."))
        #expect(message("help", "sned").contains("Did you mean send?") && message("help", "send") == "help send")
        #expect(message("xyzzy").hasSuffix("There is no command xyzzy."))
        #expect(
            message("peers", "-hello").contains("has no option -hello")
                && !message("peers", "-hello").contains("-- -hello"), "it takes no text")
        #expect(!message("_complet").contains("_complete"), "what is hidden is not proposed")
    }

    @Test func theRestIsLeftAsItIs() throws {
        for words in [
            [], ["--help"], ["send", "emil", "hi"], ["send", "emil", "-"],
            ["send", "-f", "-", "--as", "x"].filter { $0 != "--as" && $0 != "x" },
            ["send", "emil", "--wait=read", "hi"], ["peers", "-wq"], ["send", "--", "emil", "--json"],
            ["help", "send"], ["daemon", "--nonsense", "-x"],
        ] { #expect(try Arguments.prepare(words, Self.tree) == words) }
    }

    @Test func optionsMayComeFirst() throws {
        #expect(try self.prepared("--state", "/a", "peers") == ["peers", "--state", "/a"])
        #expect(
            try self.prepared("--state=/a", "--json", "send", "emil", "- hi") == [
                "send", "--state=/a", "--json", "--", "emil", "- hi",
            ])
        #expect(try self.prepared("--state", "/a", "peer", "add", "h:1") == ["peer", "add", "h:1", "--state", "/a"])
        #expect(try self.prepared("-q", "send", "emil", "--", "-x") == ["send", "-q", "emil", "--", "-x"])
    }

    @Test func optionsMayStandBeforeTheCommandOfAGroupOrWhereNoneIsNamed() throws {
        #expect(try self.prepared("peer") == ["peer"], "the parser knows which is meant")
        #expect(try self.prepared("peer", "--state", "/a") == ["peer", "list", "--state", "/a"])
        #expect(try self.prepared("--state", "/a", "peer") == ["peer", "list", "--state", "/a"])
        #expect(try self.prepared("peer", "--open", "-q") == ["peer", "list", "--open", "-q"])
        #expect(try self.prepared("--open", "peer") == ["peer", "list", "--open"])
        #expect(try self.prepared("peer", "--state", "/a", "add", "h:1") == ["peer", "add", "h:1", "--state", "/a"])
        #expect(
            try self.prepared("-q", "profile", "--json", "--state=/a", "anna") == [
                "profile", "show", "--json", "--state=/a", "anna", "-q",
            ])
        #expect(try self.prepared("peer", "--state", "/a", "--help") == ["peer", "--help"])
        #expect(try self.prepared("--state", "/a", "peer", "-h") == ["peer", "--help"])
        #expect(try self.prepared("help", "--state", "/a", "send") == ["help", "send"])
        for words in [["peer", "--state", "/a", "ad", "x"], ["peer", "--opne"], ["--state", "/a"], ["-q"]] {
            #expect(throws: UsageError.self) { try Arguments.prepare(words, Self.tree) }
        }
    }

    @Test func aValueMayBeginWithADash() throws {
        #expect(try self.prepared("send", "emil", "--text", "- milk") == ["send", "--text=- milk", "--", "emil"])
    }

    @Test(
        arguments: [
            ("hitsory", ["history"]), ("chta", ["chat"]), ("re", ["react", "read", "recv"]), ("", []), ("zzz", []),
        ] as [(String, [String])])
    func slipsAreFound(word: String, found: [String]) {
        #expect(Nearest.to(word, among: ["chat", "history", "react", "read", "recv", "send", "status"]) == found)
    }
}
