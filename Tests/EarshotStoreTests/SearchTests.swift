import EarshotModel
import EarshotStore
import EarshotTesting
import EarshotWire
import Testing

/// What is found, and what a query may hold.
@Suite struct SearchTests {
    let samples: Samples
    init() throws { self.samples = try Samples() }

    func store(_ texts: [String]) throws -> Store {
        let store = try Store.inMemory(reader: Envelope.kept)
        let envelopes = self.samples.chain(texts.map { .text(.init($0)) })
        try store.commit(
            envelopes.map {
                .envelope(
                    $0.envelope, Content(of: $0.envelope), author: self.samples.anna.person,
                    arrived: .init(milliseconds: 1_700_000_000_000))
            }, me: self.samples.anna.person)
        return store
    }

    @Test(arguments: [
        ("我们明天去北京吃烤鸭", "北京"), ("我们明天去北京吃烤鸭", "京"), ("我们明天去北京吃烤鸭", "明天 烤鸭"), ("東京タワーで会いましょう", "タワー"),
        ("東京タワーで会いましょう", "会い"), ("東京タワーで会いましょう", "東京タワーで会いましょう"), ("서울대학교에서", "대학교"), ("วันนี้อากาศดีมาก", "อากาศ"),
        ("I write C++ and C#", "C++"), ("I write C++ and C#", "c#"), ("C++,", "C++"), ("see C++11", "c++"),
        ("on .NET 9", ".NET"), ("a + b = c", "+"),
        ("a party 🎉 tonight", "🎉"), ("family 👨‍👩‍👧 here", "👨‍👩‍👧"), ("ok 👍🏽", "👍"), ("I ❤️ it", "❤"), ("I ❤ it", "❤️"),
        ("go 🇩🇪🇩🇪", "🇩🇪"), ("x😀🎉", "🎉"),
        ("new 🫩 face", "🫩"), ("Grüße aus Köln", "gruße KOLN"), ("Ελλάδα και φως", "ΦΩΣ"), ("Ёлка", "елка"),
        ("naïve cafe\u{301}", "café"), ("नमस्ते दुनिया", "दुनिया"),
        ("don’t do it", "don't"), ("see foo.bar(x)", "foo.bar"), ("snake_case_name", "case"), ("50% off", "50%"),
        ("costs $5", "$5"), ("path /etc/hosts", "/etc/ho"),
        ("https://example.org/a?b=c", "example.org"), ("hello, world!", "hello, wor"), ("ＡＢＣ１２３", "abc1"),
        ("か\u{3099}っこう", "がっこう"), (":-) fine", ":-)"), ("!!!", "!!!"),
        ("a\u{0}b zero", "zero"), ("سلام دنیا", "دنیا"), ("שלום עולם", "שלום"), ("x", "x"),
        ("mail anna@example.org", "anna@"), ("\"quoted\" words", "\"quoted\""),
    ])
    func isFound(text: String, query: String) throws {
        let store = try self.store(["nothing of it", text])
        #expect(try store.search(query, limit: 5).map(\.text) == [text.filter { $0 != "\0" }])
        #expect(Store.finds(query, in: text) && !Store.finds(query, in: "nothing of it"))
    }

    @Test(arguments: [
        ("C and Java", "C++"), ("我们明天去北京", "京北"), ("hello world", "hello moon"), ("🎉", "😀"), ("foo bar", "foo.bar"),
        ("plain", "' OR 1=1 --"),
        ("a AND b", "a NOT b"), ("word", "wor* OR"), ("text", "text:word"), ("", "x"),
    ])
    func isNotFound(text: String, query: String) throws {
        #expect(try self.store([text]).search(query, limit: 5).isEmpty)
        #expect(!Store.finds(query, in: text))
    }

    @Test func aQueryIsNeverSyntax() throws {
        let store = try self.store(["something"])
        var random = SeededRandom(seed: 9)
        let pieces = [
            "\"", "'", "*", "(", ")", ":", "^", "-", "+", "NEAR(", "AND", "OR", "NOT", "{", "}", "\u{0}", "\u{301}",
            "\u{FE0F}", "\u{200D}", "京", "x", " ", "\u{FFFF}", "\u{10FFFF}",
        ]
        for _ in 0..<400 {
            let query = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                pieces[Int.random(in: 0..<pieces.count, using: &random)]
            }.joined()
            _ = try store.search(query, limit: 5)
        }
        #expect(try store.search(String(repeating: "a ", count: 50_000), limit: 5).isEmpty)
        #expect(try store.search(String(repeating: "\u{301}", count: 50_000), limit: 5).isEmpty)
    }

    /// 126,000 scalars, in which characters and scalars are not the same number: an edit and a deletion take out what
    /// was put in.
    @Test func longTextOfEveryKindIsEditedAndDeletedAfterItWasIndexed() throws {
        let texts = [
            String(repeating: "नमस्ते दुनिया ", count: 9_000), String(repeating: "e\u{301}\u{302}", count: 60_000),
            String(repeating: "\u{301}", count: 70_000),
            String(repeating: "👨‍👩‍👧‍👦", count: 20_000), String(repeating: "a\u{0}b ", count: 40_000),
            String(repeating: "\r\n", count: 60_000),
            String(repeating: "北京", count: 40_000), String(repeating: "🇩🇪", count: 40_000),
            String(repeating: "x ", count: 5 << 20),
        ]
        for text in texts {
            let store = try Store.inMemory(reader: Envelope.kept)
            let parts = try #require(Content.parts(of: text))
            let first = self.samples.chain([.text(.init(parts[0], parts: UInt32(parts.count)))])[0].envelope.id
            var contents: [Content] = parts.enumerated().map { index, part in
                .text(.init(part, part: UInt32(index), parts: UInt32(parts.count), first: index == 0 ? nil : first))
            }
            contents += [.edit(target: first, text: "short now"), .delete(target: first), .text(.init("the next one"))]
            let facts = self.samples.chain(contents).map {
                Fact.envelope(
                    $0.envelope, Content(of: $0.envelope), author: self.samples.anna.person,
                    arrived: .init(milliseconds: 1_700_000_000_000))
            }
            try store.commit(Array(facts.prefix(parts.count)), me: self.samples.bob.person)
            while try store.index(atMost: 100) {}
            #expect(try store.history(self.samples.conversation, limit: 1).first?.text == text.filter { $0 != "\0" })
            try store.commit([facts[parts.count]], me: self.samples.bob.person)
            #expect(try store.search("short", limit: 1).count == 1)
            try store.commit([facts[parts.count + 1]], me: self.samples.bob.person)
            #expect(try store.search("short", limit: 1).isEmpty)
            try store.commit([facts[parts.count + 2]], me: self.samples.bob.person)
            #expect(try store.search("next one", limit: 1).count == 1)
            #expect(store.isIndexWhole() && store.fault() == nil)
        }
    }
}
