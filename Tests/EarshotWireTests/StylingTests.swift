import EarshotModel
import EarshotTesting
import Testing

/// How a text looks by the signs in it. The rules are those of XEP-0393; the texts are ours.
@Suite struct StylingTests {
    /// A text with what is styled in it in brackets, the kind behind the opening one; marks are left out.
    private func shown(_ text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        var out = String.UnicodeScalarView()
        let spans = Styling.spans(of: text).filter { $0.kind != .mark }
        for at in 0...scalars.count {
            for _ in spans.filter({ $0.to == at }) { out.append("]") }
            for span in spans.filter({ $0.from == at }) {
                out.append(contentsOf: "[\(span.kind.rawValue):".unicodeScalars)
            }
            if at < scalars.count { out.append(scalars[at]) }
        }
        return String(out)
    }

    @Test(arguments: [
        ("*tea*", "[strong:*tea*]"), ("some *tea* now", "some [strong:*tea*] now"),
        ("*tea* and *milk*", "[strong:*tea*] and [strong:*milk*]"),
        ("_tea_ ~milk~ `x*y*z`", "[emphasis:_tea_] [strike:~milk~] [code:`x*y*z`]"),
        ("*hot tea*", "[strong:*hot tea*]"), ("tea\n*milk*", "tea\n[strong:*milk*]"),
        ("*日本* 👩‍👧 _é_", "[strong:*日本*] 👩‍👧 [emphasis:_é_]"),
    ]) func whatStandsBetweenTwoSignsIsStyled(text: String, shown: String) {
        #expect(self.shown(text) == shown)
    }

    @Test(arguments: [
        "2 * 3 * 4", "tea*", "*tea", "not tea* at all*", "* tea*", "*tea *", "*hot\ntea*", "a*tea*", "snake_case_name",
        "**", "****", "***", "**tea**", "* *", "`", "``", "~", "", "\n\n", "a:b", "www", "http://", "mailto:",
    ]) func whatDoesNotFitIsText(text: String) {
        #expect(Styling.spans(of: text).isEmpty)
    }

    /// A span ends at the first sign where it may; what follows is text.
    @Test(arguments: [
        ("*tea*milk*", "[strong:*tea*]milk*"), ("* tea *milk*", "* tea [strong:*milk*]"),
        ("*tea * milk*", "[strong:*tea * milk*]"), ("*one _two* three_", "[strong:*one _two*] three_"),
        ("_one *two* three_", "[emphasis:_one [strong:*two*] three_]"),
        ("*_~tea~_*", "[strong:*[emphasis:_[strike:~tea~]_]*]"), ("*`a* b`", "[strong:*`a*] b`"),
        ("`*tea*`", "[code:`*tea*`]"), ("*a _b_*", "[strong:*a [emphasis:_b_]*]"),
    ]) func spansAreReadFromTheLeft(text: String, shown: String) {
        #expect(self.shown(text) == shown)
    }

    @Test(arguments: [
        ("```\n*tea*\n```\nmilk", "[block:```\n*tea*\n```]\nmilk"),
        ("```swift\nlet x\n```", "[block:```swift\nlet x\n```]"),
        ("```\nno end *x*", "[block:```\nno end *x*]"), ("tea ```", "tea ```"),
        ("```\na ```\n```\n_b_", "[block:```\na ```\n```]\n[emphasis:_b_]"),
        ("> tea\n> *milk*\nnone", "[quote:> tea\n> [strong:*milk*]]\nnone"),
        (">> deep\n> less\nnot", "[quote:>[quote:> deep]\n> less]\nnot"), ("> > deep", "[quote:> [quote:> deep]]"),
        ("> ```\n> code\nout", "[quote:> [block:```\n> code]]\nout"),
        ("> a\n\n> b", "[quote:> a]\n\n[quote:> b]"), ("a > b", "a > b"), ("> a\n", "[quote:> a]\n"),
    ]) func blocks(text: String, shown: String) {
        #expect(self.shown(text) == shown)
    }

    @Test(arguments: [
        ("see https://wiki.example/a_b_c (x).", "see [link:https://wiki.example/a_b_c] (x)."),
        ("(https://wiki.example/T_(tea))", "([link:https://wiki.example/T_(tea)])"),
        ("HTTPS://wiki.example, then", "[link:HTTPS://wiki.example], then"),
        ("*https://wiki.example/*x*", "[strong:*[link:https://wiki.example/*x]*]"),
        ("`https://wiki.example`", "[code:`https://wiki.example`]"), ("xhttp://wiki.example", "xhttp://wiki.example"),
        ("_see https://wiki.example/a_", "[emphasis:_see [link:https://wiki.example/a]_]"),
        ("mailto:anna@wiki.example!", "[link:mailto:anna@wiki.example]!"),
        ("> https://wiki.example\n", "[quote:> [link:https://wiki.example]]\n"),
    ]) func links(text: String, shown: String) {
        #expect(self.shown(text) == shown)
    }

    @Test func theSignsAreTold() {
        let marks = Styling.spans(of: "> *tea*\n```\nx\n```").filter { $0.kind == .mark }
        #expect(marks.map { [$0.from, $0.to] } == [[0, 1], [2, 3], [6, 7], [8, 11], [14, 17]])
    }

    /// Whatever the text, spans lie in it and in each other, and are told in their order.
    @Test func spansAreAlwaysWellFormed() {
        var random = SeededRandom(seed: 393)
        let pieces = [
            "*", "_", "~", "`", "```", ">", " ", "\n", "a", "é", "e\u{301}", "👩‍👧", "https://x.y/", "(", ")", "\t", ".",
        ]
        for _ in 0..<4_000 {
            let text = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                pieces[Int.random(in: 0..<pieces.count, using: &random)]
            }.joined()
            self.check(text)
        }
    }

    private func check(_ text: String) {
        let spans = Styling.spans(of: text)
        let count = text.unicodeScalars.count
        var open: [StyledSpan] = []
        var before = 0
        for span in spans {
            #expect(span.from >= before && span.from < span.to && span.to <= count, "\(text.debugDescription)")
            before = span.from
            while let last = open.last, last.to <= span.from { open.removeLast() }
            if let last = open.last { #expect(span.to <= last.to, "\(text.debugDescription)") }
            open.append(span)
        }
    }

    /// 100 KB of whatever costs most are read in one go: twice as much takes about twice as many looks, and the number
    /// of spans is bounded.
    @Test(arguments: [
        "*", "* ", " *", "_*", "*a ", "`a` ", ">", "> ", ">\n", "> a\n", "> > ```\n", "```\n", "(", "http://",
        "https://x)",
    ])
    func hostileTextsAreBounded(piece: String) {
        let text = String(repeating: piece, count: 100_000 / piece.utf8.count)
        let spans = Styling.spans(of: text)
        #expect(spans.count <= Styling.most + 2 * Styling.deepest + 16)
        self.check(text)
    }
}
