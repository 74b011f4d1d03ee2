import EarshotModel
import EarshotRules
import EarshotTesting
import EarshotWire
import Testing

/// Nothing is taken that was not agreed to: rules and people judge by the whole listing, and what comes is what was
/// seen.
@Suite struct AgreementTests {
    private static func contact(_ trust: Trust = .accepted) -> Contact {
        Contact(person: PersonID(hash: .zero), trust: trust)
    }

    private static func offer(
        _ name: String, _ size: UInt64 = 10, folder: Bool = false, tops: UInt32 = 1, files: UInt64 = 1,
        open: Bool = false
    ) -> FileOffer {
        FileOffer(key: [], name: name, isFolder: folder, tops: tops, files: files, size: size, isOpen: open)
    }

    /// What a listing of these paths holds; a path that ends with a slash is a folder.
    private static func contents(_ paths: String...) throws -> Contents { Contents(of: try self.tree(paths)) }

    private static func tree(_ paths: [String]) throws -> SafeTree {
        try SafeTree(
            Listing(
                paths.map { path in
                    let isFolder = path.hasSuffix("/")
                    return .init(
                        kind: isFolder ? .folder : .file, path: path.split(separator: "/").map(String.init),
                        size: isFolder ? 0 : 1,
                        modified: FileTime(milliseconds: 1))
                }))
    }

    // MARK: rules

    private static let talk = ConversationID(hash: .zero)

    @Test func aRuleThatNamesARoomTakesWhatIsOfferedThere() {
        let (ops, dev) = (RoomID(hash: .zero), RoomID(hash: Derive.talk(RoomID(hash: .zero)).hash))
        let rule = AcceptanceRule(room: ops.description)
        func takes(_ room: RoomID, _ trust: Trust = .accepted) -> Bool {
            rule.takes(Self.offer("a.pdf"), nil, from: Self.contact(trust), in: Derive.talk(room), agreed: 0)
        }
        #expect(takes(ops) && !takes(dev), "another room is another matter")
        #expect(!takes(ops, .new) && !takes(ops, .conflict), "a stranger's files are taken in no room")
        #expect(
            !rule.takes(Self.offer("a.pdf"), nil, from: Self.contact(), in: Self.talk, agreed: 0),
            "nor in a talk of two")
        let broken = AcceptanceRule(room: "nonsense")
        #expect(!broken.takes(Self.offer("a.pdf"), nil, from: Self.contact(), in: Self.talk, agreed: 0))
    }

    @Test func rulesOfAcceptance() {
        let contact = Self.contact()
        let any = AcceptanceRule()
        func takes(_ rule: AcceptanceRule, _ offer: FileOffer, agreed: UInt64 = 0) -> Bool {
            rule.takes(offer, nil, from: contact, in: Self.talk, agreed: agreed)
        }
        #expect(takes(any, Self.offer("a.pdf")) && takes(any, Self.offer("a.pdf", open: true)))
        #expect(
            !takes(any, Self.offer("a.exe")) && !takes(any, Self.offer("a.pdf.sh"))
                && !takes(any, Self.offer("a.sh", open: true)))
        for trust in Trust.allCases where trust != .accepted && trust != .verified {
            #expect(
                !any.takes(Self.offer("a.pdf"), nil, from: Self.contact(trust), in: Self.talk, agreed: 0), "\(trust)")
        }
        #expect(!takes(AcceptanceRule(verified: true), Self.offer("a.pdf")))
        #expect(
            AcceptanceRule(verified: true).takes(
                Self.offer("a.pdf"), nil, from: Self.contact(.verified), in: Self.talk, agreed: 0))
        #expect(!takes(AcceptanceRule(from: "someone else"), Self.offer("a.pdf")))
        let small = AcceptanceRule(most: 10)
        #expect(
            takes(small, Self.offer("a")) && !takes(small, Self.offer("a", 11))
                && !takes(small, Self.offer("a", 0, open: true)))
        let typed = AcceptanceRule(types: ["PDF", "image/*", "sh", ".odt"])
        for name in ["a.pdf", "a.JPG", "a.sh", "a.odt"] { #expect(takes(typed, Self.offer(name)), "\(name)") }
        for name in ["a.svg", "a.txt", "pdf", "a", "a."] { #expect(!takes(typed, Self.offer(name)), "\(name)") }
        let quota = AcceptanceRule(quota: 100)
        #expect(
            takes(quota, Self.offer("a"), agreed: 90) && !takes(quota, Self.offer("a"), agreed: 91)
                && !takes(quota, Self.offer("a"), agreed: .max))
    }

    @Test func ofSeveralThingsNoRuleTakesWhatItHasNotSeen() throws {
        let (contact, any) = (Self.contact(), AcceptanceRule())
        let unseen = [
            Self.offer("trip", folder: true), Self.offer("a.txt", tops: 2, files: 2), Self.offer("a.txt", files: 2),
            Self.offer("a.txt", files: 0),
        ]
        for offer in unseen { #expect(!any.takes(offer, nil, from: contact, in: Self.talk, agreed: 0)) }
        let offer = Self.offer("old.txt", tops: 3, files: 3)
        func takes(_ rule: AcceptanceRule, _ paths: String...) throws -> Bool {
            rule.takes(offer, Contents(of: try Self.tree(paths)), from: contact, in: Self.talk, agreed: 0)
        }
        #expect(try takes(any, "old.txt", "b/c.pdf", "d"))
        #expect(try !takes(any, "old.txt", "photo.pdf.exe", "run.sh"))
        #expect(try !takes(any, "trip/", "trip/a/b/c/deep/run.sh"))
        #expect(try !takes(any, "trip/", "trip/tool.app/", "trip/tool.app/readme.txt"), "a folder can be a program")
        let typed = AcceptanceRule(types: ["txt", "image/*", "sh"])
        #expect(try takes(typed, "old.txt", "a/b.png", "a/run.sh"))
        #expect(
            try !takes(typed, "old.txt", "a/b.pdf") && !takes(typed, "old.txt", "a/noending")
                && !takes(typed, "old.txt", "photo.pdf.exe"))
        #expect(
            try takes(AcceptanceRule(types: ["txt", "exe"]), "old.txt", "photo.pdf.exe"), "where its ending is named")
        // Too many kinds to keep count of are not all named.
        let many = Contents(of: try Self.tree((0...300).map { "x/a.e\($0)" }))
        #expect(
            many.endings == nil && !typed.takes(offer, many, from: contact, in: Self.talk, agreed: 0)
                && any.takes(offer, many, from: contact, in: Self.talk, agreed: 0))
    }

    @Test func contentsNameWhatIsToBeLookedAtTwice() throws {
        let contents = try Self.contents(
            "trip/", "trip/readme.TXT", "trip/run.sh", "trip/a/photo.pdf.exe", "trip/noending", "trip/b/setup.EXE")
        #expect(contents.programs == 3 && contents.disguised == 1 && contents.suspicion == .disguised)
        #expect(
            contents.examples == ["trip/a/photo.pdf.exe", "trip/run.sh", "trip/b/setup.EXE"], "the disguised ones first"
        )
        #expect(contents.endings == ["", "exe", "sh", "txt"])
        let many = try Contents(of: Self.tree((0..<5_000).map { "d/\($0).sh" }))
        #expect(many.programs == 5_000 && many.examples.count == Contents.mostExamples)
        #expect(try Self.contents("a/b") != Self.contents("a/c"), "another listing, another hash")
    }

    @Test func aListingThatIsNotWhatWasOfferedIsRefused() throws {
        func contradicts(_ offer: FileOffer, _ paths: String...) throws -> Bool {
            let tree = try Self.tree(paths)
            return offer.contradicts(tree.listing, tree) != nil
        }
        let one = Self.offer("a.txt", 1)
        #expect(try !contradicts(one, "a.txt"))
        #expect(
            try contradicts(one, "a.txt.sh") && contradicts(one, "run.sh") && contradicts(one, "a.txt/run.sh")
                && contradicts(one, "a.txt", "b.txt"))
        #expect(
            try contradicts(one, "d/", "a.txt") && contradicts(one, "a.txt", "d/"),
            "also folders are not hidden beside it")
        #expect(
            try contradicts(Self.offer("a.txt", 2), "a.txt") && contradicts(Self.offer("a.txt", 1, files: 2), "a.txt"))
        let folder = Self.offer("trip", 2, folder: true, files: 2)
        #expect(try !contradicts(folder, "trip/", "trip/a", "trip/b") && !contradicts(folder, "trip/a", "trip/b"))
        #expect(try contradicts(folder, "trip/", "trip/a", "b") && contradicts(folder, "other/a", "other/b"))
        #expect(
            try !contradicts(Self.offer("a", 2, tops: 2, files: 2), "a", "b")
                && contradicts(Self.offer("b", 2, tops: 2, files: 2), "a", "b"))
        let open = Self.offer("log", 0, open: true)
        let tree = try SafeTree(
            Listing([.init(kind: .file, path: ["log"], size: 0, modified: FileTime(milliseconds: 1))]))
        #expect(open.contradicts(tree.listing, tree) == nil)
    }

    // MARK: offers and looks

    private static func share(_ number: UInt8, _ offer: (name: String, size: UInt64, folder: Bool)) -> (
        FileOffer, Share
    ) {
        let key = [UInt8](repeating: number, count: 32)
        return (
            FileOffer(
                key: key, name: offer.name, isFolder: offer.folder, files: offer.folder ? 3 : 1, size: offer.size),
            Share(
                id: Derive.share(key: key), key: key, roots: [.init(name: offer.name, path: "/nowhere")], listing: 30,
                size: offer.size, isOpen: false)
        )
    }

    private func offer(
        _ lan: inout SimulatedLAN, _ number: UInt8, _ name: String, size: UInt64 = 20_000, folder: Bool = false,
        from: Int = 0, to: Int = 1
    ) -> EnvelopeID? {
        let (offer, share) = Self.share(number, (name, size, folder))
        let person = lan.hosts[to].identity.person
        var id: EnvelopeID?
        lan.ask(from) { engine, now in
            guard let (said, effects) = try? engine.offer(offer, share, to: [person], at: now) else { return [] }
            id = said.first?.id
            return effects
        }
        return id
    }

    /// Anna and Bob, who has these rules.
    private func lan(_ rules: [AcceptanceRule], seed: UInt64 = 1, weather: SimulatedLAN.Weather = .fair) throws
        -> SimulatedLAN
    {
        var lan = try SimulatedLAN(names: ["Anna", "Bob"], seed: seed, weather: weather)
        lan.downloads = "/there"
        lan.introduceAll()
        lan.run(for: 5_000)
        lan.ask(1) { engine, _ in engine.set(rules: rules) }
        return lan
    }

    private func state(_ lan: SimulatedLAN, _ host: Int = 1) -> [Transfer.State] {
        lan.hosts[host].disk.snapshot.transfers.map(\.state)
    }

    @Test func aRuleSaysYesInTheRoundOfTheOffer() throws {
        for seed in 0..<2 as Range<UInt64> {
            var lan = try self.lan([AcceptanceRule()], seed: seed)
            let id = try #require(self.offer(&lan, 1, "a.txt"))
            // No moment at which the offer is on disk without the answer.
            var isSeen = false
            for _ in 0..<3_000 where lan.hosts[1].disk.finished.isEmpty {
                lan.run(for: 1)
                let isStored = lan.hosts[1].disk.stored.contains { $0.id == id }
                isSeen = isSeen || isStored
                if isStored, lan.hosts[1].disk.finished.isEmpty { #expect(self.state(lan) == [.accepted]) }
            }
            #expect(isSeen && lan.hosts[1].disk.finished == [id: [.complete]] && lan.looks == 0)
        }
    }

    @Test func aFolderIsLookedAtBeforeARuleDecides() throws {
        var lan = try self.lan([AcceptanceRule()])
        let good = try #require(self.offer(&lan, 1, "trip", folder: true))
        lan.run(for: 20_000)
        #expect(lan.hosts[1].disk.finished == [good: [.complete]] && lan.looks == 1)
        lan.contents[Self.share(2, ("bad", 0, true)).1.id] = Contents(
            hash: [1], endings: ["sh"], programs: 1, disguised: 0, examples: ["bad/run.sh"])
        let bad = try #require(self.offer(&lan, 2, "bad", folder: true))
        lan.run(for: 60_000)
        #expect(
            self.state(lan) == [.offered] && lan.hosts[1].engine?.transfer(bad)?.contents?.programs == 1
                && lan.looks == 2)
        #expect(lan.hosts[1].disk.snapshot.transfers.first?.have == 0, "nothing of it has come")
        // It waits for the person, who knows what is in it.
        lan.ask(1) { engine, now in ((try? engine.accept(bad, into: "/there", at: now)) ?? []) + engine.settle(at: now)
        }
        lan.run(for: 20_000)
        #expect(lan.hosts[1].disk.finished[bad] == [.complete])
    }

    /// Whoever has to be called for the bytes is called for a look, too.
    @Test func alsoTheOtherWayRound() throws {
        for (from, to) in [(0, 1), (1, 0)] {
            var lan = try SimulatedLAN(names: ["Anna", "Bob"], seed: 3)
            lan.introduceAll()
            lan.run(for: 5_000)
            let id = try #require(self.offer(&lan, 1, "trip", folder: true, from: from, to: to))
            lan.run(for: 30_000)
            #expect(lan.looks == 1 && lan.hosts[to].engine?.transfer(id)?.contents != nil, "from \(from)")
            #expect(lan.hosts[from].engine?.transfer(id)?.state == .offered, "to the other end nothing has happened")
        }
    }

    @Test func aYesBeforeItWasSeenIsNoYesToPrograms() throws {
        var lan = try self.lan([])
        let share = Self.share(1, ("bad", 0, true)).1.id
        let contents = Contents(hash: [1], endings: ["exe"], programs: 1, disguised: 1, examples: ["bad/photo.pdf.exe"])
        let id = try #require(self.offer(&lan, 1, "bad", folder: true))
        lan.run(for: 10)
        while lan.hosts[1].engine?.transfer(id) == nil { lan.run(for: 1) }
        lan.ask(1) { engine, now in (try? engine.accept(id, into: "/there", at: now)) ?? [] }
        // As the one who fetches finds out, before anything is written.
        lan.ask(1) { engine, now in engine.handle(.bulk(.ended(id, .unexpected(contents))), at: now) }
        let held = try #require(lan.hosts[1].engine?.transfer(id))
        #expect(
            held.state == .offered && held.contents == contents && held.folder == nil && held.agreed == nil
                && held.reason != nil)
        #expect(lan.hosts[1].disk.snapshot.transfers.first == held)
        lan.contents[share] = contents
        lan.ask(1) { engine, now in ((try? engine.accept(id, into: "/there", at: now)) ?? []) + engine.settle(at: now) }
        lan.run(for: 30_000)
        #expect(lan.hosts[1].disk.finished[id] == [.complete], "a second yes counts")
    }

    @Test func quotasCountWhatWasAgreedTo() throws {
        var lan = try self.lan([AcceptanceRule(quota: 50_000)])
        lan.stepBytes = 1
        let ids = (1...4).compactMap { self.offer(&lan, UInt8($0), "\($0).txt", size: 20_000) }
        lan.run(for: 3_000)
        #expect(
            self.state(lan).filter { $0 == .accepted }.count == 2
                && self.state(lan).filter { $0 == .offered }.count == 2, "two at once count both")
        lan.stepBytes = 20_000
        lan.run(for: 30_000)
        #expect(lan.hosts[1].disk.finished.count == 2 && self.state(lan) == [.offered, .offered])
        _ = ids
    }

    /// Whatever crashes, and whenever: what a rule says yes to comes once.
    @Test func inAnyWeatherARuleTakesEachOnce() throws {
        for seed in 0..<40 as Range<UInt64> {
            var lan = try self.lan([AcceptanceRule()], seed: seed, weather: .storm)
            lan.weather.breaking = 30
            var ids: [EnvelopeID] = []
            for round in 0..<4 {
                if let id = self.offer(&lan, UInt8(round + 1), "\(round)", folder: round % 2 == 1) { ids.append(id) }
                lan.run(for: 2_000)
            }
            for one in 0..<2 { lan.sight(one, 1 - one) }
            lan.run(for: 1_200_000)
            let isRuleKept = lan.hosts[1].disk.snapshot.settings["files.rules"] != nil
            for id in ids where isRuleKept && lan.hosts[0].disk.stored.contains(where: { $0.id == id }) {
                #expect(
                    lan.hosts[1].disk.finished[id] == [.complete],
                    "seed \(seed): \(String(describing: lan.hosts[1].engine?.transfer(id)))")
            }
        }
    }

    @Test func whoIsBlockedMeanwhileIsNotTakenFrom() throws {
        var lan = try self.lan([AcceptanceRule()])
        lan.stepBytes = 1
        let id = try #require(self.offer(&lan, 1, "trip", folder: true))
        lan.run(for: 2_000)
        let anna = lan.hosts[0].identity.person
        lan.ask(1) { engine, _ in engine.block(anna) }
        lan.run(for: 60_000)
        #expect(lan.hosts[1].disk.finished == [id: [.declined]])
    }

    // MARK: saying yes again

    @Test func whatFailedCanBeAcceptedElsewhere() throws {
        var lan = try self.lan([])
        let id = try #require(self.offer(&lan, 1, "a.txt"))
        lan.run(for: 3_000)
        var discarded: [Effect] = []
        lan.ask(1) { engine, now in
            var effects = (try? engine.accept(id, into: "/full", at: now)) ?? []
            effects += engine.handle(.bulk(.came(id, have: 7)), at: now)
            return effects + engine.handle(.bulk(.ended(id, .unwritable(.noFolder))), at: now)
        }
        #expect(lan.hosts[1].disk.finished[id] == [.failed])
        var failed = Transfer(
            id: id, share: Derive.share(key: [UInt8](repeating: 1, count: 32)),
            conversation: Derive.conversation(lan.hosts[0].identity.person, lan.hosts[1].identity.person),
            person: lan.hosts[0].identity.person, device: lan.hosts[0].identity.device, isIncoming: true,
            offer: Self.share(1, ("a.txt", 20_000, false)).0,
            at: lan.moment.wall, state: .failed)
        (failed.folder, failed.have, failed.listing, failed.length) = ("/full", 7, 30, 20_030)
        let transfer = failed
        lan.ask(1) { engine, now in
            let effects = (try? engine.accept(failed: transfer, into: "/elsewhere", at: now)) ?? []
            discarded = effects.filter { $0 == .bulk(.discard(transfer)) }
            return effects + engine.settle(at: now)
        }
        #expect(discarded.count == 1, "what lies in the other folder goes")
        #expect(
            lan.hosts[1].engine?.transfer(id)?.have == 0 && lan.hosts[1].engine?.transfer(id)?.folder == "/elsewhere")
        lan.run(for: 30_000)
        #expect(lan.hosts[1].disk.finished[id] == [.failed, .complete])
    }

    @Test func anotherFolderIsNotTakenForTheSame() throws {
        var lan = try self.lan([])
        let id = try #require(self.offer(&lan, 1, "a.txt"))
        lan.run(for: 3_000)
        lan.ask(1) { engine, now in
            var effects = (try? engine.accept(id, into: "/one", at: now)) ?? []
            effects += (try? engine.accept(id, into: "/two", at: now)) ?? []
            #expect(engine.transfer(id)?.folder == "/two", "nothing has come yet")
            effects += engine.handle(.bulk(.came(id, have: 7)), at: now)
            effects += engine.handle(.bulk(.began(id, listing: 5, length: 20_005, have: 7)), at: now)
            #expect(throws: Engine.TransferRefusal.elsewhere("/two")) { try engine.accept(id, into: "/three", at: now) }
            #expect(throws: Never.self) { try engine.accept(id, into: "/three", isNamed: false, at: now) }
            #expect(engine.transfer(id)?.folder == "/two")
            return effects
        }
    }
}
