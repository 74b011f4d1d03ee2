import EarshotConfig
import Testing

/// The reader of files, by values: what it takes, what it refuses and where.
@Suite struct TOMLReaderTests {
    @Test func everyValueComesWithItsPathAndPlace() throws {
        let text = """
            # A comment.
            name = "Anna"   # another
            port = 47_447
            hex = 0xFF
            half = 5e-1
            yes = true

            [files]
            "rate.peer" = '5M'
            folder.usual = "/a"
            list = [ "a", 2,  # with a comment
              [true], ]
            here = { a = 1, b.c = 'x' }
            """
        let entries = try TOMLReader.entries(text)
        #expect(
            entries.map(\.key) == [
                "name", "port", "hex", "half", "yes", "files.rate.peer", "files.folder.usual", "files.list",
                "files.here.a", "files.here.b.c",
            ])
        #expect(
            entries.map(\.value) == [
                .text("Anna"), .number(47_447), .number(255), .fraction(0.5), .truth(true), .text("5M"), .text("/a"),
                .list([.text("a"), .number(2), .list([.truth(true)])]), .number(1), .text("x"),
            ])
        #expect(entries.map(\.line) == [2, 3, 4, 5, 6, 9, 10, 11, 13, 13])
        #expect(entries.map(\.column) == [1, 1, 1, 1, 1, 1, 1, 1, 10, 17])
    }

    @Test(
        arguments: [
            (#""a\tb\u00e9\U0001F600\"\\""#, "a\tbé😀\"\\"), ("''", ""), (#"'C:\x'"#, #"C:\x"#),
            ("\"\"\"\nx\ny\"\"\"", "x\ny"), ("\"\"\"a \\\n\n   b\"\"\"", "a b"), ("'''\nit's ''x'''", "it's ''x"),
            ("\"\"\"\"\"two\"\"\"\"\"", "\"\"two\"\""), ("\"\"\"a\r\nb\"\"\"", "a\nb"),
        ]) func texts(written: String, text: String) throws
    {
        #expect(try TOMLReader.entries("x = \(written)\n").map(\.value) == [.text(text)])
    }

    @Test(
        arguments: [
            ("x = 1 y = 2", "1:7: There is something left at the end of this line."),
            ("x", "1:2: After a key there is a = and its value."),
            ("\n  x = yes", "2:7: yes is no value. Text stands in quotes: \"yes\"."),
            ("x = 2026-11-28", "1:5: 2026-11-28 is no value. Text stands in quotes: \"2026-11-28\"."),
            ("x = 012", "1:5: 012 is no value. Text stands in quotes: \"012\"."),
            (
                "x = 99999999999999999999",
                "1:5: 99999999999999999999 is no value. Text stands in quotes: \"99999999999999999999\"."
            ),
            ("x = \"a", "1:5: This text has no closing quote."),
            ("x = \"é\" \"\n", "1:9: There is something left at the end of this line."),
            ("x = \"a\nb\"", "1:5: This text has no closing quote on its line."),
            (#"x = "C:\dir""#, "1:8: There is no \\d. For a backslash write \\\\, or put the text in '…'."),
            (#"x = "\ud800""#, "1:6: That is no character."),
            ("x = \"a\u{0}b\"", "1:7: A control character cannot stand here."),
            ("[a", "1:3: A ] is missing here."), ("x = [1 2]", "1:8: In a list there is a , or the closing ] here."),
            ("x = {a = 1 b = 2}", "1:12: In a table there is a , or the closing } here."),
            ("= 1", "1:1: A key is missing here: letters, digits, - and _, or quoted."),
            ("x = 1\nx = 2", "2:1: x is set a second time."), ("[a]\n[a]", "2:1: [a] is opened a second time."),
            ("x = 1\nx.y = 2", "2:1: x has a value already, so there is nothing below it."),
            ("[a]\nx = 1\n[a.x]", "3:1: a.x is a value already, and no table."),
            ("x.y = 2\nx = 1", "2:1: x is a table already, and no value."),
            ("[a.b]\n[a]\nb.c = 1", "3:1: [a.b] is opened elsewhere."),
            ("a = {b = 1}\n[a]", "2:1: a is a value already, and no table."),
            ("a = {}\na.b = 1", "2:1: a has a value already, so there is nothing below it."),
        ]) func faultsHaveTheirPlace(text: String, fault: String) throws
    {
        do throws(ConfigFault) {
            let entries = try TOMLReader.entries(text)
            Issue.record("\(text) was taken as \(entries)")
        } catch { #expect("\(error.line ?? 0):\(error.column ?? 0): \(error.message)" == fault) }
    }

    @Test func depthIsBounded() {
        let brackets = String(repeating: "[", count: 100_000)
        #expect(throws: ConfigFault.self) { try TOMLReader.entries("x = \(brackets)") }
        #expect(throws: ConfigFault.self) { try TOMLReader.entries("x = " + String(repeating: "{a=", count: 100_000)) }
        #expect(throws: ConfigFault.self) {
            try TOMLReader.entries(String(repeating: "a.", count: 100_000) + "b = 1")
        }
    }

    /// Whatever stands in a file, it is read or refused; nothing else happens.
    @Test func anyBytesAreReadOrRefused() {
        var random = SystemRandomNumberGenerator()
        let parts =
            Array("[]{}=.,\"'\\#\n\r\t ab01_-+:eux\u{e9}\u{0}").map(String.init) + ["\"\"\"", "'''", "true", "[["]
        for _ in 0..<3_000 {
            let text = (0..<Int.random(in: 0..<40, using: &random)).map { _ in parts.randomElement() ?? "" }.joined()
            _ = try? TOMLReader.entries(text)
        }
    }
}
