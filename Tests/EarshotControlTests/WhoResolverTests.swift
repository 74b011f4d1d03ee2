import EarshotControl
import EarshotText
import Testing

/// Whom a word means, and what happens where it is not clear.
@Suite struct WhoResolverTests {
    typealias Candidate = WhoResolver.Candidate

    private func kind(_ resolver: WhoResolver, _ word: String) -> DoorError.Kind? { self.error(resolver, word)?.kind }

    private func error(_ resolver: WhoResolver, _ word: String) -> DoorError? {
        do throws(DoorError) {
            _ = try resolver.resolve(word)
            return nil
        } catch { return error }
    }

    @Test func aWordFindsOnePersonOrSaysWhoItCouldBe() throws {
        let people = WhoResolver([
            Candidate(person: "aaaabbbb", devices: ["dddd1111"], name: "Anna", isContact: true),
            Candidate(person: "aaaacccc", name: "Bob", isContact: false),
            Candidate(person: "ccccdddd", name: "bob", isContact: false),
            Candidate(person: "eeeeffff", name: "ANNA", isContact: false),
        ])
        #expect(try people.resolve("anna") == "aaaabbbb", "a contact comes before a stranger of that name")
        #expect(try people.resolve("eeee") == "eeeeffff")
        #expect(try people.resolve("dddd1") == "aaaabbbb" && people.resolve("earshot:dddd1111") == "aaaabbbb")
        for (word, kind) in [
            ("bob", DoorError.Kind.ambiguousName), ("aaaa", .ambiguousName), ("zoe", .unknownName),
            ("aaa", .unknownName), ("", .unknownName),
            (" \u{202E}", .unknownName),
        ] {
            #expect(self.kind(people, word) == kind, "\(word)")
        }
    }

    @Test func theBeginningOfANameIsEnoughWhereItIsClear() throws {
        let anna = Candidate(person: "ppppaaaa", name: "Anna Maria", isContact: true)
        let andrea = Candidate(person: "ppppbbbb", name: "Andrea", isContact: true)
        let andy = Candidate(person: "ppppcccc", name: "Andy", isContact: false)
        let annabel = Candidate(person: "ppppdddd", name: "Annabel", isContact: false)
        let li = Candidate(person: "ppppeeee", name: "李明", isContact: true)
        let people = WhoResolver([annabel, andy, andrea, anna, li])
        #expect(try people.resolve("ann") == anna.person, "a contact before a stranger")
        #expect(try people.resolve("andy") == andy.person && people.resolve("李") == li.person)
        let unclear = try #require(self.error(people, "an"))
        #expect(unclear.kind == .ambiguousName)
        #expect(
            unclear.candidates == [
                "Anna Maria (ppppaaaa)", "Andrea (ppppbbbb)", "Andy (ppppcccc)", "Annabel (ppppdddd)",
            ], "contacts first")
        #expect(self.kind(WhoResolver([anna]), "a") == .ambiguousName, "one letter says nothing")
    }

    @Test func aStrangerNeverMakesAContactUnclear() throws {
        let bob = Candidate(person: "lq5oi7yvaaaabbbb", devices: ["7ctgsdrtaaaabbbb"], name: "Bob", isContact: true)
        let imitator = Candidate(person: "bobaaaaabbbbcccc", name: "BOB", isContact: false)
        let renamed = Candidate(person: "qqqqaaaabbbbcccc", petname: "The other one", name: "Bob", isContact: false)
        let people = WhoResolver([imitator, renamed, bob])
        #expect(try people.resolve("bob") == bob.person)
        #expect(try people.resolve("the other one") == renamed.person && people.resolve("the") == renamed.person)
        let anna = Candidate(person: "ddddaaaabbbbcccc", name: "Anna", isContact: true)
        let ground = Candidate(person: "annaaaaabbbbcccc", name: "Mallory", isContact: false)
        #expect(
            try WhoResolver([anna, ground]).resolve("anna") == anna.person,
            "keys can be made until the id reads like a name")
    }

    @Test func ourOwnNamesForPeopleComeFirst() throws {
        let bob = Candidate(person: "lq5oi7yvaaaabbbb", petname: "Bob", name: "Robert", isContact: true)
        let carol = Candidate(person: "ccccaaaabbbbcccc", name: "Bob", isContact: true)
        #expect(
            try WhoResolver([carol, bob]).resolve("bob") == bob.person, "a contact who takes this name changes nothing")
        #expect(try WhoResolver([carol, bob]).resolve("robert") == bob.person)
        let both = [carol, Candidate(person: "ccccdaaabbbbcccc", name: "bob", isContact: true)]
        #expect(self.error(WhoResolver(both), "Bob")?.candidates == ["Bob (ccccaaaa)", "bob (ccccdaaa)"])
    }

    @Test func whoTakesTheNameOfAnothersIdIsNotThem() throws {
        let bob = Candidate(person: "lq5oi7yvaaaabbbb", devices: ["7ctgsdrtaaaabbbb"], name: "Bob", isContact: true)
        let eve = Candidate(person: "zzzzzzzzaaaabbbb", name: "lq5oi7yv", isContact: false)
        let resolver = WhoResolver([bob, eve])
        #expect(throws: DoorError.self) { try resolver.resolve("lq5oi7yv") }
        #expect(try resolver.resolve("lq5oi7yva") == bob.person)
        #expect(try resolver.resolve("bob") == bob.person && resolver.resolve("zzzz") == eve.person)
        #expect(
            try WhoResolver([bob, Candidate(person: "zzzz", name: bob.person, isContact: false)]).resolve(bob.person)
                == bob.person)
    }

    @Test func nothingIsLeftOutWithoutSayingSo() throws {
        let many = (0..<150).map { Candidate(person: "p\(1_000 + $0)xxxxxxxx", name: "Bob", isContact: false) }
        let error = try #require(self.error(WhoResolver(many), "bob"))
        #expect(error.candidates.count == 100 && error.more == 50 && error.json["data"]?["more"] == 50)
        #expect(Set(error.candidates).count == 100, "ids are long enough to be told apart")
        #expect(DoorError(error.json) == error)
        let nobody = try #require(self.error(WhoResolver(many), "zoe"))
        #expect(nobody.kind == .unknownName && nobody.candidates.count + nobody.more == 150)
    }

    @Test func oneselfIsNobodyToWriteTo() {
        let me = Candidate(person: "mmmmaaaabbbb", name: "Anna", isContact: true)
        let people = WhoResolver([], me: me)
        for word in ["anna", "mmmm", "mmmmaaaabbbb"] { #expect(self.kind(people, word) == .badParameters, "\(word)") }
    }
}

@Suite struct IDPrefixTests {
    private func error(_ typed: String) -> DoorError? {
        do throws(DoorError) {
            _ = try IDPrefix(typed, of: .message)
            return nil
        } catch { return error }
    }

    @Test func anIdHasFourCharactersAtLeast() throws {
        for typed in ["", "c", "abc", " ab "] { #expect(self.error(typed)?.kind == .badParameters, "\(typed)") }
        for typed in ["ab18", "lunch?", String(repeating: "a", count: 53)] {
            #expect(self.error(typed)?.kind == .unknownName, "\(typed)")
        }
        #expect(try IDPrefix(" ABC2 ", of: .transfer).text == "abc2")
    }

    @Test func severalAreListedWithHowTheyBegin() throws {
        let prefix = try IDPrefix("abcd", of: .message)
        func found(_ id: String) -> IDPrefix.Found { .init(id: id, words: "about \(id)") }
        #expect(try prefix.only(of: ["abcdefgh"], found) == "abcdefgh")
        do throws(DoorError) {
            _ = try prefix.only(of: ["abcdefgh2", "abcdefgh3"], found)
            Issue.record("one of two was taken")
        } catch {
            #expect(
                error.kind == .ambiguousName
                    && error.candidates == ["abcdefgh2  about abcdefgh2", "abcdefgh3  about abcdefgh3"])
        }
        #expect(throws: DoorError.self) { try prefix.only(of: [], found) }
    }
}
