import EarshotControl
import EarshotTerminal
import Testing

@Suite struct ScreenTests {
    let plain = Style(hasColour: false, isUnicode: true)
    var listing: Listing { Listing(style: self.plain, zone: .fixed(minutesEast: 0), now: LocalTime(1_795_257_060, secondsEast: 0)) }

    func message(_ id: String, _ text: String, mine: Bool, state: String = "received") -> JSON {
        [
            "id": .string(id), "text": .string(text), "mine": .bool(mine), "from": .string(mine ? "me" : "anna"), "to": .string(mine ? "anna" : "me"),
            "fromName": .string(mine ? "Bob" : "Anna"), "state": .string(state), "at": "2026-11-21T10:31:00.000Z",
        ]
    }

    @Test func wordsTypedBecomeAMessageAndTicksAppear() {
        var screen = Screen(who: "Anna", person: "anna", online: true, history: [])
        #expect(screen.press(.text("hi")) == [.typing(true)])
        #expect(screen.press(.enter) == [.send("hi", replyTo: nil)])
        _ = screen.hear(["event": "message", "message": self.message("abcdef12", "hi", mine: true, state: "queued")])
        #expect(screen.draw(columns: 40, rows: 8, listing: self.listing, style: self.plain).lines[5] == "10:31 Bob  hi  ◷ abcdef")
        _ = screen.hear(["event": "receipt", "message": self.message("abcdef12", "hi", mine: true, state: "delivered")])
        #expect(screen.draw(columns: 40, rows: 8, listing: self.listing, style: self.plain).lines[5] == "10:31 Bob  hi  ✓ abcdef")
        #expect(screen.hear(["event": "message", "message": self.message("bbcdef12", "hello", mine: false)]) == [.markRead])
        #expect(screen.hear(["event": "message", "message": ["id": "x", "from": "zoe", "to": "me"]]).isEmpty, "someone else's conversation")
    }

    @Test func thePictureFitsTheWindow() {
        var screen = Screen(who: "Anna", person: "anna", online: false, history: (0..<60).map { self.message("id\($0)xxxxxx", "line \($0) " + String(repeating: "wörd 🍰 ", count: 30), mine: $0.isMultiple(of: 2)) })
        _ = screen.press(.text(String(repeating: "漢字", count: 100)))
        for (columns, rows) in [(80, 24), (30, 10), (200, 60)] {
            let picture = screen.draw(columns: columns, rows: rows, listing: self.listing, style: self.plain)
            #expect(picture.lines.count == rows && picture.row < rows && picture.column <= columns)
            #expect(picture.lines.allSatisfy { Width.of($0) <= columns + 24 }, "\(columns)")
        }
    }

    @Test func keysEditTheDraft() {
        var screen = Screen(who: "Anna", person: "anna", online: true, history: [self.message("abcdef12", "x", mine: true)])
        var keys = Keys()
        func type(_ bytes: String) -> [Screen.Ask] { keys.read(Array(bytes.utf8)).flatMap { screen.press($0) } }
        _ = type("hello world\u{17}there\u{1}well \u{5}!")
        #expect(String(screen.draft) == "well hello there!")
        #expect(type("\r") == [.send("well hello there!", replyTo: nil)])
        _ = type("\u{1B}[A\u{1B}[D\u{7F}")
        #expect(String(screen.draft) == "well hello ther!")
        _ = type("\u{15}\u{1B}[200~a\r\nb\u{1B}[201~")
        #expect(String(screen.draft).hasPrefix("a\nb"), "pasted lines stay one message")
        _ = type("\u{5}\u{15}/react abc 👍")
        #expect(type("\r") == [.react(id: "abcdef12", "👍")])
        #expect(type("/nonsense\r").isEmpty)
        #expect(type("//not a command\r") == [.send("/not a command", replyTo: nil)])
        #expect(keys.read([0xF0, 0x9F]).isEmpty && keys.read([0x8D, 0xB0]) == [.text("🍰")], "half a character waits")
        #expect(type("\u{4}") == [.leave])
    }

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

    @Test(arguments: [("Anna", "Anna"), ("Anna Berg", "'Anna Berg'"), ("O'Neill", "'O'\\''Neill'"), ("", "''"), ("Müller", "Müller"), ("$(x)", "'$(x)'"), ("~anna", "'~anna'"), ("a\"b", "'a\"b'")])
    func namesCanBePasted(name: String, word: String) {
        #expect(Quoting.shell(name) == word && Quoting.command("accept", name) == "earshot accept \(word)")
        #expect(Quoting.command("accept", "-h") == "earshot accept -- -h")
    }
}

/// Lists for people, whatever the window and whatever is in them.
@Suite struct ListingTests {
    let listing = Listing(style: Style(hasColour: false, isUnicode: true), minutesEast: 0)

    func message(_ text: String, _ more: [String: JSON] = [:]) -> JSON {
        .object(["id": "abcdefghij", "from": "x", "fromName": "Bob", "text": .string(text), "at": "2026-01-01T10:31:00Z"].merging(more) { $1 })
    }

    @Test(arguments: [10, 20, 30, 50, 80, 200]) func nothingIsWiderThanTheWindow(columns: Int) {
        for text in ["hi", String(repeating: "日本語", count: 40), String(repeating: "word ", count: 60), String(repeating: "x", count: 300)] {
            let lines = self.listing.message(self.message(text, ["replyTo": "zzzzzzzz", "replyText": .string(text)]), columns: columns)
            // The last carries the id behind the words, where they end.
            for line in lines.dropLast() { #expect(Width.of(line) <= max(columns, 16), "\(columns): \(line)") }
        }
    }

    @Test func aPipeGetsWholeLines() {
        let url = "https://wiki.example/" + String(repeating: "x", count: 300)
        let line = self.listing.message(self.message("  \(url) " + String(repeating: "word ", count: 2_000)), columns: nil)
        #expect(line.count == 1 && line[0].contains("  \(url) word"), "neither wrapped nor shortened")
        #expect(self.listing.message(self.message("\u{1}"), columns: 80)[0].contains("(nothing that can be shown)"))
    }

    @Test func hitsStandUnderTheirConversation() {
        let mine = self.message("tea?", ["mine": true, "to": "y", "toName": "Cleo"])
        let lines = self.listing.found([self.message("tea"), mine, self.message("more tea")], words: ["tea"], columns: 80)
        #expect(lines.filter { $0.hasPrefix("With") } == ["With Bob  x", "With Cleo  y"] && lines.count == 6)
    }

    @Test func aRequestNamesItsAnswer() {
        let peer: JSON = ["name": "Anna Berg", "person": "lzxksnnjaaaa", "trust": "requested", "request": "hello\nthere"]
        #expect(self.listing.peers([peer], columns: 100) == ["○ Anna Berg  requested  lzxksnnj  “hello there”  `earshot accept 'Anna Berg'`"])
        let narrow = self.listing.peers([peer], columns: 40)
        #expect(narrow.count == 3 && narrow.allSatisfy { Width.of($0) <= 40 } && narrow[2] == "    `earshot accept 'Anna Berg'`")
        let event = self.listing.event(["event": "request", "peer": peer], columns: 80)
        #expect(event[0].contains("Anna Berg would like to talk to you: “hello there”  `earshot accept 'Anna Berg'`"))
        let twin: JSON = ["name": "Anna", "person": "zzzzyyyyaaaa", "trust": "requested", "looksLike": "Anna"]
        #expect(self.listing.peers([twin])[0].contains("`earshot accept zzzzyyyy`"), "the name alone would lead to someone else")
    }

    @Test func longTextIsShortenedAndWhatWasFoundIsShown() {
        let text = String(repeating: "noise ", count: 100_000) + "needle" + String(repeating: " noise", count: 100_000)
        #expect(self.listing.message(self.message(text), columns: 100).joined().contains("--json"))
        let found = self.listing.found(self.message(text), words: ["Needle"], columns: 100)
        #expect(found.joined().contains("needle") && found.count < 8)
    }
}
