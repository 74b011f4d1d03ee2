/// How the text of a message looks by the signs in it, after XEP-0393 (Message Styling): `*strong*`, `_emphasis_`,
/// `~strike~`, `` `code` ``, blocks of code between lines of three backticks, and quotes behind `>`. Links are found
/// too. The text itself is never changed, and nothing of it is executed or rendered as anything but text.
///
/// It takes time in proportion to the text, whatever is in it.
package struct Styling {
    /// From so many spans on no other begins: the rest of the text is plain.
    package static let most = 1_024
    /// Quotes in quotes; any `>` behind so many is text.
    package static let deepest = 16

    /// What is to look otherwise, by where it begins, and what holds something before what it holds. Of two spans one
    /// lies in the other, or they have nothing in common.
    package static func spans(of text: String) -> [StyledSpan] {
        guard self.mayHaveAny(text) else { return [] }
        var styling = Styling(scalars: Array(text.unicodeScalars))
        styling.read()
        return styling.spans
    }

    /// Most texts have no sign at all.
    private static func mayHaveAny(_ text: String) -> Bool {
        text.utf8.contains { byte in
            switch byte {
            case UInt8(ascii: "*"), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "`"), UInt8(ascii: ">"),
                UInt8(ascii: ":"):
                true
            default: false
            }
        }
    }

    private let scalars: [Unicode.Scalar]
    private var spans: [StyledSpan] = []
    /// Where in `spans` the quotes stand that are open, the outer first.
    private var quotes: [Int] = []
    /// The block of code that is open, and in how many quotes.
    private var block: (span: Int, depth: Int)?

    private init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

    private var isFull: Bool { self.spans.count >= Self.most }

    // MARK: blocks

    private mutating func read() {
        var (start, end) = (0, 0)
        while start < self.scalars.count {
            end = self.scalars[start...].firstIndex(of: "\n") ?? self.scalars.count
            self.line(start, end)
            start = end + 1
        }
        self.close(to: 0, at: end)
    }

    private mutating func line(_ start: Int, _ end: Int) {
        if let block, self.continueBlock(block, start, end) { return }
        var (marks, at) = self.quoteMarks(start, end, most: Self.deepest)
        if self.isFull { (marks, at) = (Array(marks.prefix(self.quotes.count)), start) }
        self.close(to: marks.count, at: max(0, start - 1))
        guard !self.isFull else { return }
        for (depth, mark) in marks.enumerated() {
            if depth == self.quotes.count {
                self.quotes.append(self.spans.count)
                self.spans.append(StyledSpan(.quote, mark, end))
            }
            self.spans.append(StyledSpan(.mark, mark, mark + 1))
        }
        if self.isFence(at, end, alone: false) {
            self.block = (self.spans.count, marks.count)
            self.spans.append(StyledSpan(.block, at, end))
            self.spans.append(StyledSpan(.mark, at, end))
        } else {
            var line = StyledLine(self.scalars, at, end, room: Self.most - self.spans.count)
            self.spans += line.read()
        }
    }

    /// Where the `>` at the beginning of a line stand, and where what they quote begins. Spaces behind each are not
    /// part of that.
    private func quoteMarks(_ start: Int, _ end: Int, most: Int) -> (marks: [Int], at: Int) {
        var marks: [Int] = []
        var at = start
        while at < end, marks.count < most, self.scalars[at] == ">" {
            marks.append(at)
            at += 1
            while at < end, self.scalars[at].properties.isWhitespace { at += 1 }
        }
        return (marks, at)
    }

    /// Whether a line belongs to the block of code that is open. One that is quoted less deeply ends it.
    private mutating func continueBlock(_ block: (span: Int, depth: Int), _ start: Int, _ end: Int) -> Bool {
        let (marks, at) = self.quoteMarks(start, end, most: block.depth)
        guard marks.count == block.depth else { return false }
        if !self.isFull { self.spans += marks.map { StyledSpan(.mark, $0, $0 + 1) } }
        if self.isFence(at, end, alone: true) {
            self.spans.append(StyledSpan(.mark, at, end))
            self.spans[block.span].to = end
            self.block = nil
        }
        return true
    }

    private func isFence(_ at: Int, _ end: Int, alone: Bool) -> Bool {
        guard end - at >= 3, self.scalars[at..<at + 3].allSatisfy({ $0 == "`" }) else { return false }
        return !alone || end - at == 3
    }

    /// Ends all quotes but so many, and the block of code that is in one of them.
    private mutating func close(to depth: Int, at end: Int) {
        if let block {
            self.spans[block.span].to = end
            self.block = nil
        }
        while self.quotes.count > depth, let quote = self.quotes.popLast() { self.spans[quote].to = end }
    }
}
