import EarshotControl
import Testing

@Suite struct TypedPathTests {
    private static let paths = TypedPath(
        home: "/home/anna", here: "/work/here", homeOf: { $0 == "bob" ? "/home/bob" : nil })

    @Test(arguments: [
        ("/a/b", "/a/b"), ("/a//b/./c/", "/a/b/c"), ("/", "/"), ("//", "/"), ("a.txt", "/work/here/a.txt"),
        ("./a", "/work/here/a"), (".", "/work/here"),
        ("in box/", "/work/here/in box"), ("../up", "/work/here/../up"), ("~", "/home/anna"), ("~/", "/home/anna"),
        ("~/in/box", "/home/anna/in/box"),
        ("~//box", "/home/anna/box"), ("~bob", "/home/bob"), ("~bob/x", "/home/bob/x"), ("./~", "/work/here/~"),
        ("./~x", "/work/here/~x"), ("a~", "/work/here/a~"),
        ("a/~/b", "/work/here/a/~/b"), ("-", "/work/here/-"), ("-f", "/work/here/-f"), ("...", "/work/here/..."),
        ("🎁", "/work/here/🎁"),
    ])
    func oneMeaningForEachSpelling(typed: String, whole: String) throws {
        #expect(try Self.paths.absolute(typed) == whole)
    }

    @Test func whatMeansNothingIsRefused() {
        for typed in ["", "~nobody", "~nobody/x", "a\0b", "~\0", String(repeating: "x/", count: 3_000)] {
            let error = #expect(throws: DoorError.self) { try Self.paths.absolute(typed) }
            #expect(error?.kind == .badParameters, "\(typed)")
        }
    }

    @Test func withoutHomeOrHereTheWholePathStillWorks() throws {
        for home in [nil, "", "relative"] {
            let lost = TypedPath(home: home, here: nil)
            #expect(throws: DoorError.self) { try lost.absolute("~") }
            #expect(throws: DoorError.self) { try lost.absolute("a") }
            #expect(try lost.absolute("/a/../b") == "/a/../b")
        }
    }

    /// Whatever is typed, it is refused, or whole and stable: made whole again it stays as it is.
    @Test func whatIsWholeStaysAsItIs() throws {
        var random = SystemRandomNumberGenerator()
        let pieces = ["~", "/", ".", "..", "a", "bob", " ", "é", "\u{301}", "-", "\\", "\n", "🎁"]
        for _ in 0..<3_000 {
            let typed = (0..<Int.random(in: 0...8, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }.joined()
            guard let whole = try? Self.paths.absolute(typed) else { continue }
            #expect(whole.hasPrefix("/") && !whole.contains("//"))
            #expect(try Self.paths.absolute(whole) == whole)
        }
    }
}
