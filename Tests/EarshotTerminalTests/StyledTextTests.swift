import EarshotControl
import EarshotModel
import EarshotTerminal
import Testing

/// Styled words on a terminal.
@Suite struct StyledTextTests {
    private func message(_ text: String, _ spans: [StyledSpan]) -> MessageView {
        Door.message("abcdefghij", text) { $0.spans = spans.map(MessageView.Span.init) }
    }

    private func lines(_ text: String, columns: Int? = 80, _ style: Style) -> [String] {
        Printout(style: style, minutesEast: 0).message(self.message(text, Styling.spans(of: text)), columns: columns)
    }

    private let colours = Style(hasColour: true, isUnicode: true)

    @Test func marksStayAndAreDimmed() {
        let line = self.lines("some *tea* now", self.colours)[0]
        #expect(line.contains("some \u{1B}[2m*\u{1B}[0m\u{1B}[1mtea\u{1B}[0m\u{1B}[2m*\u{1B}[0m now"))
    }

    @Test func withoutColourAndInAPipeTheTextIsAsItWasWritten() {
        let plain = Style(hasColour: false, isUnicode: true)
        #expect(self.lines("some *tea* https://x.example", plain)[0].contains("Anna  some *tea* https://x.example"))
        #expect(self.lines("*tea*", columns: nil, plain)[0].hasSuffix("Anna  *tea*  abcdef"))
    }

    @Test func rowsKeepTheirLooksWhereverTheTextIsBroken() {
        let text = "one *" + String(repeating: "tea ", count: 30) + "end* two"
        for columns in [20, 33, 60] {
            let rows = self.lines(text, columns: columns, self.colours)
            let bold = rows.joined().components(between: "\u{1B}[1m", and: "\u{1B}[0m").filter { $0 != "Anna" }
            #expect(
                bold.joined(separator: " ").split(separator: " ").joined(separator: " ") == String(
                    repeating: "tea ", count: 30) + "end")
        }
    }

    @Test func linksLeadWhereTheySay() {
        let style = Style(hasColour: false, isUnicode: true, hasLinks: true)
        let line = self.lines("see https://x.example/é now", style)[0]
        #expect(
            line.contains(
                "see \u{1B}]8;;https://x.example/%C3%A9\u{1B}\\https://x.example/é\u{1B}]8;;\u{1B}\\ now"))
    }

    /// A node that says nonsense harms nobody.
    @Test func spansThatDoNotFitTheTextAreNoHarm() {
        let spans = [StyledSpan(.strong, -5, 900), StyledSpan(.link, 3, 1), StyledSpan(.mark, 70, 90)]
        let view = self.message("tea", spans)
        let lines = Printout(style: self.colours, minutesEast: 0).message(view, columns: 80)
        #expect(lines[0].contains("\u{1B}[1mtea\u{1B}[0m"))
    }
}

extension String {
    fileprivate func components(between start: String, and end: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let from = rest.firstRange(of: start) {
            rest = rest[from.upperBound...]
            guard let to = rest.firstRange(of: end) else { break }
            parts.append(String(rest[..<to.lowerBound]))
            rest = rest[to.upperBound...]
        }
        return parts
    }
}
