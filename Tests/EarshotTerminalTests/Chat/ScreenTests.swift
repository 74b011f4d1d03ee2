import EarshotControl
import EarshotModel
import EarshotTerminal
import Testing

@Suite struct ScreenTests {
    let style = Style(hasColour: false, isUnicode: true)

    func screen(
        _ history: [MessageView] = [], peer: PersonView = Door.peer(), transfers: [TransferView] = [], unread: Int = 0,
        columns: Int = 40, rows: Int = 8, draft: String = ""
    ) -> Screen {
        let state = ChatState(peer: peer, history: history, transfers: transfers, unread: unread)
        return Screen(
            state, columns: columns, rows: rows, style: self.style, zone: .fixed(minutesEast: 0), draft: draft)
    }
    func type(_ text: String, _ screen: inout Screen, _ keys: Key..., at now: UInt64 = 0) -> [Ask] {
        let typed = text.isEmpty ? [] : screen.update(.key(.text(text)), at: now)
        return keys.reduce(typed) { $0 + screen.update(.key($1), at: now) }
    }
    func shown(_ screen: Screen) -> String { screen.draw().lines.joined(separator: "\n") }

    @Test func wordsTypedBecomeAMessageAndTicksAppear() {
        var screen = self.screen()
        #expect(self.type("hi", &screen) == [.typing(true)])
        #expect(self.type("", &screen, .enter) == [.send(number: 1, "hi", replyTo: nil)])
        #expect(self.shown(screen).contains("hi …"), "shown before the node has it")
        let sent = Reply.sent([Door.sent("abcdef12")])
        _ = screen.update(.answered(.send(number: 1, "hi", replyTo: nil), .success(sent)), at: 0)
        let mine = Door.message("abcdef12", "hi", mine: true)
        #expect(screen.update(.event(Door.event(mine)), at: 0) == [.newest(200)])
        #expect(screen.draw().lines[5] == "10:31 Bob  hi  ◷ abcdef")
        let there = Door.message("abcdef12", "hi", mine: true) { $0.state = .delivered }
        _ = screen.update(.event(Door.event(.receipt(there))), at: 0)
        #expect(screen.draw().lines[5] == "10:31 Bob  hi  ✓ abcdef")
        #expect(screen.update(.event(Door.event(Door.message("bbcdef12", "hello"))), at: 0) == [.markRead])
    }

    static let hard: [String] = [
        "hi", "hello wörd 🍰 👩‍👧 x", String(repeating: "漢字", count: 60),
        "https://example.org/" + String(repeating: "path/", count: 40),
        "a\tb\n\n    indented\n" + String(repeating: "w ", count: 90), "e\u{301}", "नमस्ते दुनिया नमस्ते दुनिया नमस्ते",
    ]

    /// Every kind of thing a window can hold.
    func full(columns: Int, rows: Int) -> Screen {
        var history: [MessageView] = []
        for (index, text) in Self.hard.enumerated() {
            history.append(
                Door.message("mine\(index)xxxxxx", text, mine: true, at: "2026-11-2\(index)T10:31:00.000Z") {
                    $0.state = .read
                })
            history.append(
                Door.message("anna\(index)xxxxxx", text) {
                    ($0.replyTo, $0.replyText) = ("zzzzzzzzzz", text)
                    $0.reactions = ["👍", "🎉"].map { .init(emoji: $0, from: Door.zoe) }
                })
        }
        let states: [TransferState] = [.offered, .active, .paused, .failed, .complete]
        let transfers = states.map { state in
            Door.offer("\(state.rawValue)xxxx", state, have: 400_000) {
                $0.warning = .disguised
                $0.reason = "no space left on the device"
                $0.files = ["/home/bob/Downloads/plans.pdf"]
            }
        }
        history += states.map { state in
            Door.message("\(state.rawValue)xxxx", "") {
                $0.file = Door.file("a very long name of a file 漢字漢字.pdf.exe", size: 1_000_000)
            }
        }
        let peer = Door.peer(.requested, online: false) {
            $0.request = "would you?"
            $0.requestedAt = "2026-11-21T10:30:00.000Z"
            $0.looksLike = "Änna"
            $0.name = "Anna 漢字 of the long name"
        }
        var screen = self.screen(history, peer: peer, transfers: transfers, unread: 3, columns: columns, rows: rows)
        let found = Reply.messages([Door.message("foundxxxx", Self.hard[3])])
        _ = screen.update(.answered(.search("x"), .success(found)), at: 0)
        let me = IdentityView(person: "abcdabcdabcdabcd", device: DeviceID(hash: .zero), name: "Bob")
        _ = screen.update(.answered(.id, .success(.identity(me))), at: 0)
        for line in ["/help", "/transfers", "/who"] { _ = self.type(line, &screen, .enter) }
        return screen
    }

    @Test(arguments: [1, 2, 5, 8, 10, 16, 20, 39, 40, 41, 79, 80, 200]) func nothingIsWiderThanTheWindow(columns: Int) {
        for rows in [1, 2, 4, 10, 24] {
            var screen = self.full(columns: columns, rows: rows)
            func check(_ what: String) {
                let picture = screen.draw()
                #expect(
                    picture.lines.count == rows && (0..<rows).contains(picture.row)
                        && (0..<columns).contains(picture.column), "\(what) \(columns)×\(rows)")
                for line in picture.lines { #expect(Width.of(line) <= columns, "\(what) \(columns)×\(rows): \(line)") }
            }
            check("as it is")
            for _ in 0..<6 {
                _ = screen.update(.key(.pageUp), at: 0)
                check("above")
            }
            for draft in Self.hard {
                _ = screen.update(.key(.paste(draft)), at: 0)
                check("draft")
                _ = screen.update(.key(.left), at: 0)
                check("draft, one back")
                _ = screen.update(.key(.home), at: 0)
                check("draft, its beginning")
            }
            _ = screen.update(.key(.interrupt), at: 0)
            check("a question")
            _ = screen.update(.lost([.offer(["x"])]), at: 0)
            check("without a node")
        }
    }

    @Test func everythingIsThereInANarrowWindow() {
        var screen = self.screen(
            [Door.message("abcdef12", "https://example.org/a/long/path/that/goes/on")], columns: 20, rows: 12)
        let body = screen.draw().lines.map { $0.trimmed }.joined()
        #expect(body.contains("https://example.org/a/long/path/that/goes/on") && body.contains("abcdef"))
        #expect(screen.draw().lines[0] == " Anna ◇ · here      ")
        _ = screen.update(.event(Door.event(.presence(Door.peer(online: false), online: false))), at: 0)
        #expect(screen.draw().lines[0] == " Anna ◇ · not here  ")
        #expect(self.shown(screen).contains(" /help\n") || self.shown(screen).contains("/help · Ctrl-D"))
    }

    @Test func theCursorStandsWhereTheNextLetterGoes() {
        var screen = self.screen(columns: 10, rows: 9)
        #expect(screen.draw().row == 8 && screen.draw().column == 2)
        _ = self.type("1234567", &screen)
        #expect(screen.draw().row == 8 && screen.draw().column == 9)
        _ = self.type("8", &screen)
        #expect(
            screen.draw().row == 8 && screen.draw().column == 2 && screen.draw().lines[7] == "› 12345678",
            "a full row goes on in the next")
        _ = self.type("漢", &screen, .home)
        #expect(screen.draw().row == 7 && screen.draw().column == 2)
    }

    @Test func newWordsBelowAreMarkedAndReadOnlyWhenSeen() {
        var screen = self.screen((0..<50).map { Door.message("m\($0)xxxxxx", "line \($0)") }, rows: 10)
        #expect(self.type("", &screen, .pageUp).isEmpty && !screen.isAtEnd)
        let before = screen.draw().lines[1..<8]
        for index in 0..<3 {
            #expect(
                !screen.update(.event(Door.event(Door.message("n\(index)xxxxxx", "new \(index)"))), at: 0).contains(
                    .markRead))
        }
        #expect(screen.draw().lines[1..<8] == before, "the window stays where it is")
        #expect(self.shown(screen).contains("↓ 3 new"))
        #expect(self.type("", &screen, .pageDown, .pageDown).contains(.markRead) && screen.isAtEnd)
        #expect(
            self.shown(screen).contains("new 2") && self.shown(screen).contains("── new ──")
                && !self.shown(screen).contains("3 new"))
        // A window that has not the keyboard is not read.
        #expect(!screen.update(.key(.focus(false)), at: 0).contains(.markRead))
        #expect(!screen.update(.event(Door.event(Door.message("zxxxxx", "x"))), at: 0).contains(.markRead))
        #expect(screen.update(.key(.focus(true)), at: 0) == [.markRead])
    }

    @Test func whoComesBackToMuchBeginsWithTheFirstNew() {
        var screen = self.screen((0..<50).map { Door.message("m\($0)xxxxxx", "line \($0)") }, unread: 20, rows: 10)
        #expect(screen.update(.time, at: 0).isEmpty, "what is below has not been read")
        #expect(screen.draw().lines[1] == "── new ──" && screen.draw().lines[2].contains("line 30"))
        #expect(self.shown(screen).contains("↓ 14 new"))
        var few = self.screen((0..<50).map { Door.message("m\($0)xxxxxx", "line \($0)") }, unread: 2, rows: 10)
        #expect(few.isAtEnd && few.update(.time, at: 0) == [.markRead])
    }

    @Test func olderPagesAreAskedForAtTheTop() {
        var screen = self.screen((0..<200).map { Door.message("m\($0)xxxxxx", "line \($0)") }, rows: 10)
        #expect(
            self.type("", &screen, .first) == [.older(than: "m0xxxxxx")]
                && screen.draw().lines.contains { $0.contains("line 0 ") })
        let older = Reply.messages([Door.message("oldxxxx", "the oldest")])
        _ = screen.update(.answered(.older(than: "m0xxxxxx"), .success(older)), at: 0)
        #expect(self.type("", &screen, .pageUp).isEmpty && self.shown(screen).contains("the oldest"))
        _ = self.type("", &screen, .escape)
        #expect(screen.isAtEnd && self.shown(screen).contains("line 199"))
    }

    @Test func daysStandBetweenMessages() {
        let screen = self.screen(
            [
                Door.message("aaaaaa", "x", at: "2026-11-20T23:50:00.000Z"),
                Door.message("bbbbbb", "y", at: "2026-11-21T00:10:00.000Z"),
            ], columns: 60)
        #expect(
            self.shown(screen).contains("── Friday 20 November 2026 ──")
                && self.shown(screen).contains("── Saturday 21 November 2026 ──"))
    }

    @Test func leavingWithADraftIsAsked() {
        var screen = self.screen()
        #expect(self.type("", &screen, .endOfInput) == [.leave])
        screen = self.screen(draft: "half a tho")
        #expect(
            screen.editor.text == "half a tho" && self.type("", &screen, .endOfInput).isEmpty
                && self.shown(screen).contains("Leave?"))
        #expect(
            self.type("ught", &screen) == [.typing(true)] && screen.editor.text == "half a thought"
                && !self.shown(screen).contains("Leave?"))
        #expect(self.type("", &screen, .interrupt, .endOfInput) == [.leave] && screen.unsent == "half a thought")
        #expect(self.type("", &screen, .suspend) == [.suspend] && self.type("", &screen, .redraw) == [.redraw])
    }

    @Test func whatIsOnItsWayIsWaitedForOnLeaving() {
        var screen = self.screen()
        let send = Ask.send(number: 1, "hi", replyTo: nil)
        #expect(
            self.type("hi", &screen, .enter, .endOfInput) == [.typing(true), send], "no question: it is on its way")
        let asks = screen.update(.answered(send, .success(.sent([Door.sent("aaaa")]))), at: 1)
        #expect(asks == [.leave] && screen.unsent == nil)
        screen = self.screen()
        #expect(!self.type("hi", &screen, .enter, .interrupt).contains(.leave) && screen.wakeAt == 3_000)
        #expect(screen.update(.time, at: 3_000) == [.leave])
        screen = self.screen()
        _ = self.type("hi", &screen, .enter, .endOfInput)
        let full = DoorError(.disk, "The disk is full.")
        #expect(screen.update(.answered(send, .failure(full)), at: 1).isEmpty && screen.editor.text == "hi")
        #expect(!self.type("", &screen, .endOfInput).contains(.leave) && screen.unsent == "hi")
    }

    @Test func aMessageTheNodeToldOfIsShownOnce() {
        var screen = self.screen(columns: 60)
        _ = self.type("hi", &screen, .enter)
        _ = screen.update(.event(Door.event(Door.message("aaaabbbb", "hi", mine: true))), at: 0)
        #expect(self.shown(screen).components(of: "hi").count == 1)
    }

    @Test func aNodeThatIsAwayIsWaitedForInSight() {
        var screen = self.screen()
        _ = screen.update(.lost([]), at: 0)
        #expect(self.shown(screen).contains("node restarting… waiting"))
        #expect(
            self.type("meanwhile", &screen, .enter).isEmpty && self.shown(screen).contains("meanwhile …")
                && screen.unsent == "meanwhile")
        _ = screen.update(.back, at: 5)
        #expect(
            screen.update(.answered(.newest(200), .success(.messages([]))), at: 6) == [
                .send(number: 1, "meanwhile", replyTo: nil)
            ])
        #expect(!self.shown(screen).contains("restarting"))
    }

    @Test func warningsStandUnderTheName() {
        let screen = self.screen(peer: Door.peer(.new) { $0.looksLike = "Änna" }, columns: 80)
        #expect(screen.draw().lines[1].contains("looks like your contact Änna, but is someone else"))
        #expect(self.shown(self.screen(peer: Door.peer(.conflict), columns: 80)).contains("nothing is sent"))
    }

    @Test func strangersWordsAreInTheWindow() {
        let peer = Door.peer(.requested) {
            ($0.request, $0.requestedAt) = ("hello, I am Anna", "2026-11-21T10:30:00.000Z")
        }
        let screen = self.screen(peer: peer, columns: 80)
        #expect(
            self.shown(screen).contains("10:30 Anna  hello, I am Anna")
                && self.shown(screen).contains("/accept accepts them"))
    }

    @Test func offersShowWhatIsToBeDoneAndHowFarTheyAre() {
        let message = Door.message("offerone", "") { $0.file = Door.file("plans.pdf", size: 1_000_000) }
        var screen = self.screen(
            [message], transfers: [Door.offer("offerone") { $0.warning = .program }], columns: 80, rows: 10)
        #expect(
            self.shown(screen).contains("offers plans.pdf (1.0 MB)") && self.shown(screen).contains("/accept offero")
                && self.shown(screen).contains("may run it"))
        _ = screen.update(.event(Door.event(.transfer(Door.offer("offerone", .active, have: 610_000)))), at: 0)
        #expect(self.shown(screen).contains("━━") && self.shown(screen).contains("61 %"))
        let failed = Door.offer("offerone", .failed) { $0.reason = "no space left" }
        _ = screen.update(.event(Door.event(.transfer(failed))), at: 0)
        #expect(self.shown(screen).contains("failed: no space left"))
    }

    @Test func aMistypedCommandCanBeMended() {
        var screen = self.screen()
        #expect(self.type("/fiel plans.pdf", &screen, .enter).isEmpty && screen.editor.text == "/fiel plans.pdf")
        #expect(self.shown(screen).replacing("\n ", with: " ").contains("Did you mean /file?"))
        #expect(
            self.type("", &screen, .killToStart) == []
                && self.type("//not a command", &screen, .enter) == [.send(number: 1, "/not a command", replyTo: nil)])
    }

    @Test func tabCompletes() {
        var screen = self.screen(
            [Door.message("aaaabbbb", "one", mine: true), Door.message("ccccdddd", "two", mine: true)],
            transfers: [Door.offer("offerone")], columns: 80)
        func completed(_ text: String, _ tabs: Int = 1) -> String {
            _ = screen.update(.key(.killToStart), at: 0)
            _ = self.type(text, &screen)
            for _ in 0..<tabs { _ = screen.update(.key(.tab), at: 0) }
            return screen.editor.text
        }
        #expect(completed("/fi") == "/file " && completed("/ver") == "/verify" && completed("/re") == "/re")
        #expect(completed("/accept off") == "/accept offerone " && completed("/help verify-") == "/help verify-id ")
        #expect(
            completed("/edit ") == "/edit ccccdd" && completed("/edit ", 2) == "/edit aaaabb"
                && completed("/edit aaaabb ") == "/edit aaaabb one")
        #expect(
            completed("well :cak") == "well 🍰" && completed("x :thumbsu") == "x 👍" && completed("nothing") == "nothing")
        #expect(
            completed("x :thu") == "x :thumbs" && completed("x :thu", 2) == "x 👎" && completed("x :thu", 3) == "x 👍")
        #expect(completed("/file ~/my\\ fi") == "/file ~/my\\ fi")
        _ = screen.update(.names(["~/my file.txt"], path: "~/my fi"), at: 0)
        #expect(screen.editor.text == "/file ~/my\\ file.txt ")
        _ = self.type("b", &screen, .tab)
        _ = screen.update(.names(["b1/", "b2/"], path: "b"), at: 0)
        #expect(screen.editor.text == "/file ~/my\\ file.txt b" && self.shown(screen).contains("b1/  b2/"))
    }

    @Test func helpIsReadFromItsBeginning() {
        var screen = self.screen([Door.message("aaaaaa", "x")], columns: 80, rows: 12)
        _ = self.type("/help", &screen, .enter)
        #expect(screen.draw().lines[1].hasPrefix("/accept [ID] [FOLDER]: ") && self.shown(screen).contains("↓ more"))
        _ = self.type("", &screen, .escape)
        _ = self.type("/help file", &screen, .enter)
        #expect(screen.isAtEnd && self.shown(screen).contains("/file PATH…: offer files and folders"))
    }

    @Test func whatIsBelowIsCounted() {
        let history = (0..<30).map { Door.message("m\($0)xxxxxx", "line \($0)") }
        var screen = self.screen(history, unread: 20, rows: 10)
        #expect(self.shown(screen).contains("↓ 14 new"))
        _ = self.type("", &screen, .pageDown)
        #expect(self.shown(screen).contains("↓ 9 new"))
    }

    @Test func whyOnesLastWordsWaitIsSaid() {
        let queued = Door.message("aaaaaa", "x", mine: true) {
            ($0.reason, $0.waitsFor) = ("Anna has not accepted you yet", .acceptance)
        }
        #expect(self.shown(self.screen([queued], columns: 80)).contains("Anna has not accepted you yet"))
        let onItsWay = Door.message("aaaaaa", "x", mine: true) {
            ($0.reason, $0.waitsFor) = ("on its way", .acknowledgement)
        }
        #expect(!self.shown(self.screen([onItsWay])).contains("on its way"))
        #expect(
            self.shown(self.screen(peer: Door.peer(.new), columns: 80)).contains(
                "Your first message asks Anna to talk to you."))
    }

    @Test func aTerminalWithASCIIGetsOurSignsInIt() {
        let state = ChatState(peer: Door.peer(), history: [Door.message("aaaaaa", "grüß …")])
        let ascii = Style(hasColour: false, isUnicode: false)
        var screen = Screen(state, columns: 60, rows: 8, style: ascii, zone: .fixed(minutesEast: 0), draft: "x")
        _ = screen.update(.key(.endOfInput), at: 0)
        let lines = screen.draw().lines
        #expect(lines[0].hasPrefix(" Anna ~ | here") && lines.contains { $0.contains("grüß ~") } && lines.last == "> x")
    }

    @Test func aNoticeDoesNotStandForEver() {
        var screen = self.screen(columns: 80)
        _ = self.type("/accept", &screen, .enter, at: 1_000)
        #expect(self.shown(screen).contains("Anna has no open offers.") && screen.wakeAt == 16_000)
        _ = screen.update(.time, at: 16_000)
        #expect(!self.shown(screen).contains("offers nothing") && screen.wakeAt == nil)
    }

    @Test func typingIsSaidNowAndThenAndTakenBack() {
        var screen = self.screen()
        #expect(
            self.type("a", &screen) == [.typing(true)] && self.type("b", &screen, at: 3_999).isEmpty
                && self.type("c", &screen, at: 4_000) == [.typing(true)])
        #expect(screen.wakeAt == 12_000 && screen.update(.time, at: 12_000) == [.typing(false)])
        _ = screen.update(.event(Door.event(.typing(Door.peer(), on: true))), at: 13_000)
        #expect(self.shown(screen).contains("Anna is typing…"))
        _ = screen.update(.time, at: 25_000)
        #expect(!self.shown(screen).contains("typing"))
        #expect(self.type("/who", &screen, at: 26_000).contains(.typing(false)) == false)
    }
}

extension String {
    fileprivate func components(of word: String) -> [Substring] {
        self.split(whereSeparator: \.isWhitespace).filter { $0 == word }
    }

    fileprivate var trimmed: String {
        self.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
    }
}
