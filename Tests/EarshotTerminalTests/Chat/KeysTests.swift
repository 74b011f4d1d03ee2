import EarshotTerminal
import Testing

@Suite struct KeysTests {
    @Test func sequencesAreKeys() {
        var keys = Keys()
        let all = keys.read(
            Array(
                "\u{1B}[A\u{1B}OB\u{1B}[1;5D\u{1B}[1;3C\u{1B}b\u{1B}f\u{1B}d\u{1B}\u{7F}\u{1B}[3~\u{1B}[3;5~\u{1B}[H\u{1B}[4~\u{1B}[5~\u{1B}\r\t\u{1A}"
                    .utf8))
        #expect(
            all == [
                .up, .down, .wordLeft, .wordRight, .wordLeft, .wordRight, .killWordAhead, .killWord, .delete,
                .killWordAhead, .home, .end,
                .pageUp, .newline, .tab, .suspend,
            ])
        #expect(
            keys.read(Array("\u{1B}[99;7z\u{1B}[Ix".utf8)) == [.focus(true), .text("x")],
            "what is not known means nothing")
    }

    @Test func anythingMayComeInPieces() {
        let whole = Array("a🍰\u{1B}[200~x\r\ny\tz\u{1B}[201~\u{1B}[Ab".utf8)
        var expected = Keys()
        #expect(expected.read(whole) == [.text("a🍰"), .paste("x\ny\tz"), .up, .text("b")])
        for cut in 1..<whole.count {
            var keys = Keys()
            let pieces = keys.read(whole[..<cut]) + keys.read(whole[cut...])
            let text = pieces.map { key in
                switch key {
                case .text(let text), .paste(let text): text
                case .up: "↑"
                default: "?"
                }
            }.joined()
            #expect(text == "a🍰x\ny\tz↑b", "cut at \(cut)")
        }
    }

    @Test func whatStaysUnfinishedIsSettled() {
        var keys = Keys()
        #expect(keys.read([0x1B]).isEmpty && keys.isWaiting)
        #expect(keys.settle() == [.escape] && !keys.isWaiting)
        #expect(keys.read([0xF0, 0x9F]).isEmpty && keys.settle() == [.undecodable])
        #expect(keys.read([0xE9, 0x20, 0x61]) == [.undecodable], "Latin-1 is no UTF-8")
        #expect(keys.read(Array("\u{1B}[200~never ended".utf8)).isEmpty && keys.settle() == [.paste("never ended")])
        #expect(keys.read(Array("q".utf8)) == [.text("q")])
    }

    @Test func aPasteIsOnePieceWithoutControlsAndNotWithoutBounds() {
        var keys = Keys()
        #expect(
            keys.read(Array("\u{1B}[200~rm -rf /\r\u{1B}[31mred\u{7}\u{1B}[201~".utf8)) == [.paste("rm -rf /\n[31mred")]
        )
        var large = Array("\u{1B}[200~".utf8)
        #expect(keys.read(large).isEmpty)
        large = [UInt8](repeating: 0x61, count: 1 << 20)
        for _ in 0..<20 { #expect(keys.read(large).isEmpty) }
        #expect(keys.read(Array("\u{1B}[201~x".utf8)) == [.tooLong, .text("x")])
    }
}

@Suite struct EditorTests {
    func editor(_ keys: Key...) -> Editor {
        var editor = Editor()
        for key in keys { _ = editor.press(key) }
        return editor
    }

    @Test func wordsAndLinesAreKilledAndBroughtBack() {
        #expect(
            self.editor(.text("hello world"), .killWord, .text("there"), .home, .text("well "), .end, .text("!")).text
                == "well hello there!")
        #expect(self.editor(.text("one two"), .wordLeft, .killToEnd).text == "one ")
        #expect(self.editor(.text("one two"), .wordLeft, .killToStart).text == "two")
        #expect(self.editor(.text("one two"), .killWord, .home, .yank).text == "twoone ")
        #expect(self.editor(.text("one two"), .home, .killWordAhead).text == " two")
        #expect(self.editor(.text("a"), .left, .left, .backspace, .right, .right, .delete, .text("b")).text == "ab")
        #expect(self.editor(.killWord, .killToEnd, .killToStart, .yank, .wordLeft, .wordRight, .up, .down).text == "")
    }

    @Test func whatLooksLikeOneCharacterIsOne() {
        #expect(self.editor(.text("e"), .text("\u{301}"), .backspace).text == "", "a mark joins its letter")
        #expect(self.editor(.text("👩"), .text("\u{200D}"), .text("👧"), .backspace).text == "")
        #expect(self.editor(.text("a👍🏽b"), .left, .backspace).text == "ab")
        #expect(self.editor(.text("नि"), .backspace).text == "")
    }

    @Test func linesOfADraftAreWalkedAndThenTheHistory() {
        var editor = Editor()
        for text in ["first", "second"] {
            editor.insert(text)
            _ = editor.take()
        }
        _ = editor.press(.paste("one\ntwo\tx"))
        _ = editor.press(.up)
        #expect(editor.cursor == 3 && editor.text == "one\ntwo\tx")
        _ = editor.press(.up)
        #expect(editor.text == "second")
        _ = editor.press(.up)
        _ = editor.press(.up)
        #expect(editor.text == "first")
        _ = editor.press(.down)
        _ = editor.press(.down)
        #expect(editor.text == "one\ntwo\tx", "what was being written is not lost")
    }
}
