import EarshotControl
import EarshotModel
import Testing

@Suite struct TextInputTests {
    @Test(arguments: [
        ("hello\n", "hello"), ("hello\r\n", "hello"), ("a\r\nb\r\n", "a\nb"), ("a\rb", "a\nb"), ("a\n\n", "a\n"),
        ("  milk \t x", "  milk \t x"),
        ("a\u{2028}b\u{85}c", "a\nb\nc"), ("", ""), ("\r\n", ""), ("👩‍👧\n", "👩‍👧"), ("नमस्ते", "नमस्ते"),
    ]) func oneKindOfLineEnd(raw: String, text: String) throws {
        #expect(try TextInput.text(raw.utf8) == text)
    }

    @Test(
        arguments: [
            ([0xFF], 1, 1, 0xFF), ([0x61, 0x0A, 0x62, 0xC3, 0x28], 4, 2, 0xC3),
            (Array("é".utf8) + [0xE2, 0x82], 3, 1, 0xE2),
            ([0x61, 0xED, 0xA0, 0x80], 2, 1, 0xED), ([0xC0, 0x80], 1, 1, 0xC0), ([0xF0, 0x9F, 0x8D], 1, 1, 0xF0),
        ] as [([UInt8], Int, Int, UInt8)]) func whatIsNotUTF8IsFoundAndNeverReplaced(
            bytes: [UInt8], at: Int, line: Int, byte: UInt8
        )
    {
        #expect(throws: TextInput.Failure.notUTF8(byte: byte, at: at, line: line)) { try TextInput.text(bytes) }
    }

    @Test func oneLimitForEveryWayIn() throws {
        let longest = [UInt8](repeating: 0x0A, count: TextInput.longest)
        #expect(try TextInput.text(longest).utf8.count == TextInput.longest - 1)
        #expect(
            JSON.string(String(decoding: longest, as: UTF8.self)).line.utf8.count < ControlLine.longest - 1_000,
            "it fits through the door")
        #expect(throws: TextInput.Failure.tooLong) { try TextInput.text(longest + [0x61]) }
        var lines = TextLines()
        lines.feed(longest.map { _ in 0x61 })
        #expect(try lines.next() == nil)
        #expect(lines.isHungry)
        lines.feed([0x61, 0x61])
        #expect(!lines.isHungry)
        #expect(throws: TextInput.Failure.tooLong) { try lines.next() }
        lines.feed(Array("rest of it\nanother\n".utf8))
        #expect(try lines.next() == "another" && lines.isHungry, "the line behind it is read as any other")
    }

    @Test func linesComeHoweverTheyAreCut() throws {
        let bytes = Array("one\r\n\n  two ü\nlast".utf8)
        for cut in 0...bytes.count {
            var lines = TextLines()
            var found: [String] = []
            for part in [bytes[..<cut], bytes[cut...]] {
                lines.feed(part)
                while let line = try lines.next() { found.append(line) }
            }
            lines.end()
            while let line = try lines.next() { found.append(line) }
            #expect(found == ["one", "", "  two ü", "last"], "\(cut)")
        }
        var bad = TextLines()
        bad.feed([0x61, 0x0A, 0x62, 0xFF, 0x0A, 0x63, 0x0A])
        #expect(try bad.next() == "a")
        #expect(throws: TextInput.Failure.notUTF8(byte: 0xFF, at: 2, line: 2)) { try bad.next() }
        #expect(try bad.next() == "c", "the line after it is another")
    }

    @Test(arguments: [
        "", " ", "\n\t", "\u{1}\u{2}", "\u{1B}", "\u{200B}\u{202E}", "\u{200D}", "\u{3164}", "\u{AD}", "\u{E0041}",
        "\u{FE0F}",
    ])
    func whatCannotBeSeenIsBlank(text: String) {
        #expect(SafeText.isBlank(text) && SafeText.name(text).isEmpty)
    }

    @Test(arguments: ["a", "-", "👍", "❤️", "漢", "\u{1}x", "\u{301}"]) func whatCanBeSeenIsNot(text: String) {
        #expect(!SafeText.isBlank(text))
    }
}
