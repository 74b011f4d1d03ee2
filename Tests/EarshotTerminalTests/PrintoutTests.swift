import EarshotControl
import EarshotModel
import EarshotTerminal
import Testing

@Suite struct WidthTests {
    @Test func widthsAreThoseOfATerminal() {
        #expect(Width.of("añ") == 2 && Width.of("漢字") == 4 && Width.of("👩‍👧") == 2 && Width.of("e\u{301}") == 1)
        #expect(Width.wrap("one two three", 8) == ["one two", "three"])
        #expect(Width.fit("漢字漢字", 5) == "漢字 ")
    }

    @Test func spacesAndURLsStayWhole() {
        #expect(Width.wrap("    indented code here", 16) == ["    indented", "code here"])
        #expect(Width.wrap("a   b", 20) == ["a   b"] && Width.wrap("  ", 20) == [""])
        let url = "https://wiki.example/a/long/path?with=query"
        #expect(Width.wrap("see \(url) now", 20, breaksURLs: false) == ["see", url, "now"])
        #expect(Width.wrap("see \(url)", 20).allSatisfy { Width.of($0) <= 20 })
    }

    @Test(arguments: [
        ("Anna", "Anna"), ("Anna Berg", "'Anna Berg'"), ("O'Neill", "'O'\\''Neill'"), ("", "''"), ("Müller", "Müller"),
        ("$(x)", "'$(x)'"), ("~anna", "'~anna'"), ("a\"b", "'a\"b'"),
    ])
    func namesCanBePasted(name: String, word: String) {
        #expect(Quoting.shell(name) == word && Quoting.command("accept", name) == "earshot accept \(word)")
        #expect(Quoting.command("accept", "-h") == "earshot accept -- -h")
    }
}

/// Lists for people, whatever the window and whatever is in them.
@Suite struct ListingTests {
    let listing = Printout(style: Style(hasColour: false, isUnicode: true), minutesEast: 0)

    func message(_ text: String, _ change: (inout MessageView) -> Void = { _ in }) -> MessageView {
        Door.message("abcdefghij", text, at: "2026-01-01T10:31:00Z") {
            ($0.from, $0.fromName) = ("x", "Bob")
            change(&$0)
        }
    }

    @Test(arguments: [10, 20, 30, 50, 80, 200]) func nothingIsWiderThanTheWindow(columns: Int) {
        for text in [
            "hi", String(repeating: "日本語", count: 40), String(repeating: "word ", count: 60),
            String(repeating: "x", count: 300),
        ] {
            let answer = self.message(text) { ($0.replyTo, $0.replyText) = ("zzzzzzzz", text) }
            let lines = self.listing.message(answer, columns: columns)
            // The last carries the id behind the words, where they end.
            for line in lines.dropLast() { #expect(Width.of(line) <= max(columns, 16), "\(columns): \(line)") }
        }
    }

    @Test func whoAsksToTalkIsQuotedOnce() {
        func line(_ words: String?) -> String? {
            let peer = Door.peer(.requested) { $0.request = words }
            return self.listing.inbox(.init(conversations: [], requests: [peer], offers: [], invitations: [])).first
        }
        #expect(line("hello bob") == "Anna asks to talk: “hello bob”")
        #expect(line(nil) == "Anna asks to talk")
    }

    @Test func aPipeGetsWholeLines() {
        let url = "https://wiki.example/" + String(repeating: "x", count: 300)
        let line = self.listing.message(
            self.message("  \(url) " + String(repeating: "word ", count: 2_000)), columns: nil)
        #expect(line.count == 1 && line[0].contains("  \(url) word"), "neither wrapped nor shortened")
        #expect(self.listing.message(self.message("\u{1}"), columns: 80)[0].contains("(no visible characters)"))
    }

    @Test func aLineForProgramsHasItsVersion() {
        struct Line: Encodable { let line: Int }
        #expect(JSONLine.text(NameView(name: "Anna"), Line(line: 3)) == #"{"name":"Anna","line":3,"v":1}"# + "\n")
        #expect(JSONLine.text(SettingsView(["b": "2", "a": "1"])) == #"{"a":"1","b":"2","v":1}"# + "\n")
    }

    @Test func hitsStandUnderTheirConversation() {
        let mine = self.message("tea?") { ($0.mine, $0.to, $0.toName) = (true, "y", "Cleo") }
        let lines = self.listing.found(
            [self.message("tea"), mine, self.message("more tea")], words: ["tea"], columns: 80)
        #expect(
            lines.filter { $0.hasPrefix("With") } == ["With Bob  xaaaaaaa", "With Cleo  yaaaaaaa"] && lines.count == 6)
    }

    @Test func aRequestNamesItsAnswer() {
        let peer = Door.peer(.requested, online: false) {
            ($0.name, $0.person, $0.request) = ("Anna Berg", "lzxksnnjaaaa", "hello\nthere")
        }
        #expect(
            self.listing.peers([peer], columns: 100) == [
                "○ Anna Berg  requested  lzxksnnj  “hello there”  `earshot accept 'Anna Berg'`"
            ])
        let narrow = self.listing.peers([peer], columns: 40)
        #expect(
            narrow.count == 3 && narrow.allSatisfy { Width.of($0) <= 40 }
                && narrow[2] == "    `earshot accept 'Anna Berg'`")
        let event = self.listing.event(Door.event(.request(peer)), columns: 80)
        #expect(event[0].contains("Anna Berg would like to talk to you: “hello there”  `earshot accept 'Anna Berg'`"))
        let twin = Door.peer(.requested) { ($0.person, $0.looksLike) = ("zzzzyyyyaaaa", "Anna") }
        #expect(
            self.listing.peers([twin])[0].contains("`earshot accept zzzzyyyy`"),
            "the name alone would lead to someone else")
    }

    @Test func aRequestInTheHistoryWaitsForAnAnswer() {
        let asked = Door.message("lzxksnnjaaaa", "may I?") {
            ($0.fromName, $0.mine, $0.state) = ("Anna Berg", false, .requested)
        }
        let lines = self.listing.messages([asked], columns: 60)
        #expect(
            lines.contains { $0.contains("may I?") }
                && lines.last == "  waiting for your answer: `earshot accept 'Anna Berg'`")
    }

    @Test func aLongRequestIsCutWhereItCanBeSeen() {
        let peer = Door.peer(.requested) { $0.request = "see\n" + String(repeating: "x", count: 500) }
        let lines = self.listing.peers([peer], columns: 60)
        #expect(
            lines.joined().contains("…”") && lines.last == "    `earshot accept Anna`"
                && lines.allSatisfy { Width.of($0) <= 60 })
        #expect(self.listing.peers([peer])[0].contains("“see xxx"))
    }

    @Test func longTextIsShortenedAndWhatWasFoundIsShown() {
        let text = String(repeating: "noise ", count: 100_000) + "needle" + String(repeating: " noise", count: 100_000)
        #expect(self.listing.message(self.message(text), columns: 100).joined().contains("--json"))
        let found = self.listing.found(self.message(text), words: ["Needle"], columns: 100)
        #expect(found.joined().contains("needle") && found.count < 8)
    }
}
