import EarshotTerminal
import Testing

@Suite struct SlashCommandTests {
    func read(_ line: String) -> Result<(command: SlashCommand?, text: String), SlashCommand.Problem> {
        do throws(SlashCommand.Problem) { return .success(try SlashCommand.reading(line)) } catch {
            return .failure(error)
        }
    }
    func command(_ line: String) -> SlashCommand? { try? self.read(line).get().command }
    func problem(_ line: String) -> String? {
        guard case .failure(let problem) = self.read(line) else { return nil }
        return problem.message
    }

    @Test func commandsAreRead() {
        #expect(self.command("/accept") == .accept(id: nil, folder: nil))
        #expect(self.command("/accept k3v7") == .accept(id: "k3v7", folder: nil))
        #expect(self.command("/accept k3v7 ~/my\\ inbox") == .accept(id: "k3v7", folder: "~/my inbox"))
        #expect(self.command("/accept ~/inbox") == .accept(id: nil, folder: "~/inbox"))
        #expect(self.command(#"/file "a b.txt" c\ d 'e"f'"#) == .file(["a b.txt", "c d", "e\"f"]))
        #expect(self.command("/reply abcd  two  spaces") == .reply(id: "abcd", "two  spaces"))
        #expect(self.command("/edit abcd one\ntwo") == .edit(id: "abcd", "one\ntwo"))
        #expect(self.command("/react abcd 👍") == .react(id: "abcd", "👍"))
        #expect(
            self.command("/verify-id") == .verifyID && self.command("/HELP") == .help(nil)
                && self.command("/help file") == .help("file"))
        #expect(self.command("/cancel") == .transfer(.cancel, id: nil))
    }

    @Test func textsThatBeginWithASlashAreSent() throws {
        #expect(try SlashCommand.reading("//etc/passwd").text == "/etc/passwd")
        #expect(try SlashCommand.reading(" /etc/passwd").text == "/etc/passwd")
        #expect(try SlashCommand.reading("  indented").text == "  indented")
        #expect(try SlashCommand.reading("hello").command == nil)
    }

    @Test func whatIsWrongIsSaid() {
        #expect(self.problem("/fiel x")?.contains("Did you mean /file?") == true)
        #expect(self.problem("/acept")?.contains("/accept") == true)
        #expect(self.problem("/nonsense")?.contains("There is no command /nonsense.") == true)
        #expect(self.problem("/nonsense")?.contains("Did you mean") == false)
        #expect(self.problem("/edit abcd") == "Try: /edit ID TEXT")
        #expect(self.problem("/file") == "Try: /file PATH…")
        #expect(
            self.problem("/quit\nand more") != nil && self.problem("/block x") != nil, "pasted lines are never commands"
        )
        #expect(self.problem("/") != nil && self.problem("/delete a b") != nil)
    }

    @Test func wordsSurviveQuoting() {
        for word in ["plain", "two words", "it's", "a\"b", "back\\slash", "tab\there", "日本 語"] {
            #expect(TypedWords.split(TypedWords.quoted(word)) == [word])
        }
        #expect(TypedWords.split("  a   'b c'  ").count == 2 && TypedWords.split("''") == [""])
    }
}

@Suite struct FlowTests {
    @Test func rowsAreNeverWiderThanTheWindow() {
        let texts = [
            "hello", "one two three four", "https://example.org/" + String(repeating: "x", count: 90),
            String(repeating: "漢字", count: 30),
            "a\tb\tc", "    indented text that is long", "👩‍👧👩‍👧👩‍👧 family", "trailing   ", "", "\n\n", "e\u{301}e\u{301} नि",
            "wide漢at漢edge漢",
        ]
        for text in texts {
            for columns in 1...60 {
                for row in Flow.rows(text, columns: columns) { #expect(Width.of(row) <= columns, "\(columns): \(row)") }
            }
        }
    }

    @Test func wordsStayWholeAndSpacesStay() {
        #expect(Flow.rows("one two three", columns: 8) == ["one two", "three"])
        #expect(Flow.rows("one two", columns: 7) == ["one two"])
        #expect(Flow.rows("    code", columns: 20) == ["    code"])
        #expect(Flow.rows("a\tb", columns: 20) == ["a   b"])
        #expect(
            Flow.rows("see https://a.example/bcdefgh", columns: 12) == ["see", "https://a.ex", "ample/bcdefg", "h"])
        #expect(Flow.rows("a\n\nb", columns: 5) == ["a", "", "b"])
        #expect(Flow.rows("漢字", columns: 3) == ["漢", "字"])
        #expect(Flow.rows("漢", columns: 1) == ["…"])
    }

    @Test func whatMattersMostIsKept() {
        let parts = [("Anna", 0), ("not here: what you write waits", 2), ("blocked", 1)]
        #expect(Flow.join(parts, columns: 80) == "Anna · not here: what you write waits · blocked")
        #expect(Flow.join(parts, columns: 20) == "Anna · blocked")
        #expect(Flow.join(parts, columns: 4) == "Anna" && Flow.join(parts, columns: 3) == "An…")
    }
}
