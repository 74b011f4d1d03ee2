import EarshotModel
import EarshotRules
import EarshotTesting
import EarshotWire
import Testing

/// Two or more whole nodes, with time and chance in our hands.
@Suite struct LANTests {
    @Test func aWordIsDeliveredAndRead() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob"], seed: 1)
        lan.run(for: 1_000)
        let word = lan.say("hello", from: 0, to: 1)
        let id = try #require(word)
        lan.run(for: 1_000)
        let anna = lan.hosts[0].identity.person
        #expect(lan.hosts[1].engine?.contacts[anna]?.trust == .requested)
        #expect(lan.hosts[1].disk.stored.isEmpty, "nothing of a stranger's log is taken")
        lan.ask(1) { $0.accept(anna, at: $1) }
        lan.run(for: 1_000)
        #expect(lan.hosts[1].disk.stored.map(\.id) == [id])
        #expect(lan.hosts[0].disk.held[lan.hosts[1].identity.device]?.values.max() == 1)
        lan.ask(1) { $0.read(anna, at: $1) }
        lan.ask(1) { engine, now in engine.settle(at: now) }
        lan.run(for: 1_000)
        #expect(lan.hosts[0].disk.reads[lan.hosts[1].identity.person]?.values.max() == 1)
    }

    /// They accept somebody and then write: the request has the words, and not the greeting that went before.
    @Test(arguments: [true, false]) func firstWordsGoWithTheRequestWhicheverComesFirst(isGreeted: Bool) throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob"], seed: 1)
        lan.run(for: 1_000)
        let (anna, bob) = (lan.hosts[0].identity.person, lan.hosts[1].identity.person)
        func request() -> String? { lan.hosts[1].engine?.contacts[anna]?.request }
        lan.ask(0) { $0.accept(bob, at: $1) }
        if isGreeted {
            lan.run(for: 1_000)
            #expect(request() == "Anna would like to talk to you")
        }
        for word in ["hello Bob", "are you there?"] { _ = lan.say(word, from: 0, to: 1) }
        lan.run(for: 1_000)
        #expect(request() == "hello Bob")
        #expect(lan.hosts[1].engine?.contacts[anna]?.trust == .requested && lan.hosts[1].disk.stored.isEmpty)
    }

    /// As many as work on a floor see each other though nobody has accepted anybody.
    @Test func sixtyStrangersAllSeeEachOther() throws {
        var lan = try SimulatedLAN(names: (0..<60).map { "P\($0)" }, seed: 3)
        lan.run(for: 20_000)
        let persons = lan.hosts.map(\.identity.person)
        for host in lan.hosts {
            #expect(persons.count { host.engine?.isOnline($0) ?? false } == persons.count - 1)
        }
    }

    /// What was said to somebody who was not there goes with the request though one was restarted meanwhile.
    @Test func firstWordsOutlastARestart() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob"], seed: 1)
        lan.run(for: 1_000)
        let (anna, bob) = (lan.hosts[0].identity.person, lan.hosts[1].identity.person)
        lan.crash(1, downFor: 20_000)
        lan.run(for: 1_000)
        lan.ask(0) { $0.accept(bob, at: $1) }
        for word in ["hello Bob", "are you there?"] { _ = lan.say(word, from: 0, to: 1) }
        lan.run(for: 1_000)
        lan.crash(0, downFor: 1_000)
        lan.run(for: 40_000)
        #expect(lan.hosts[1].engine?.contacts[anna]?.request == "hello Bob")
    }

    @Test func twoPersonsCompareKeysAndAThirdJoinsByACode() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob", "Carol"], seed: 7)
        let persons = lan.hosts.map(\.identity.person)
        func trust(_ host: Int, _ other: Int) -> Trust? { lan.hosts[host].engine?.contacts[persons[other]]?.trust }
        func string(_ host: Int, _ other: Int) -> ShortString? {
            guard case .comparing(let string, _, _)? = lan.hosts[host].engine?.verificationStage(of: persons[other])
            else { return nil }
            return string
        }
        lan.run(for: 2_000)
        lan.ask(0) { (try? $0.startVerification(persons[1], at: $1)) ?? [] }
        lan.run(for: 1_000)
        #expect(lan.hosts[1].engine?.verificationStage(of: persons[0]) == nil, "a stranger's wish is not told")
        lan.ask(1) { (try? $0.startVerification(persons[0], at: $1)) ?? [] }
        lan.run(for: 1_000)
        #expect(string(0, 1) != nil && string(0, 1) == string(1, 0))
        for host in 0..<2 {
            lan.ask(host) { (try? $0.answerVerification(persons[1 - host], isSame: true, at: $1)) ?? [] }
            lan.run(for: 1_000)
        }
        #expect(trust(0, 1) == .verified && trust(1, 0) == .verified)

        var code: InviteCode?
        lan.ask(0) { engine, now in
            let (open, effects) = engine.invite(lifetime: 60_000, at: now)
            code = open?.code
            return effects
        }
        let invited = try #require(code)
        lan.ask(2) { $0.join(invited, from: nil, at: $1) }
        lan.run(for: 1_000)
        #expect(trust(0, 2) == .verified && trust(2, 0) == .verified && trust(1, 2) ?? .new == .new)
        #expect(lan.hosts[2].news.contains(.join(.joined(persons[0]))))
        #expect(lan.hosts[0].news.contains(.invitation(.joined(persons[2]))))
        lan.crash(2, downFor: 1_000)
        lan.run(for: 5_000)
        #expect(trust(2, 0) == .verified, "it is on disk")
    }

    /// Whatever the network does, somebody is verified only where both said yes.
    @Test(arguments: 1...20) func inAStormOneYesVerifiesNobody(_ seed: UInt64) throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob"], seed: seed, weather: .storm)
        let persons = lan.hosts.map(\.identity.person)
        lan.introduceAll()
        for _ in 0..<6 {
            for host in 0..<2 {
                lan.ask(host) { (try? $0.startVerification(persons[1 - host], at: $1)) ?? [] }
                lan.run(for: 3_000)
                lan.ask(0) { (try? $0.answerVerification(persons[1], isSame: true, at: $1)) ?? [] }
            }
        }
        lan.run(for: 60_000)
        for host in 0..<2 {
            #expect(lan.hosts[host].engine?.contacts[persons[1 - host]]?.trust != .verified)
        }
    }

    @Test func whoTrustsTheLANAcceptsWithoutAsking() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob"], seed: 2)
        lan.ask(1) { engine, _ in
            engine.use(policy: .lan)
            return []
        }
        lan.run(for: 1_000)
        _ = lan.say("hello", from: 0, to: 1)
        lan.run(for: 1_000)
        #expect(lan.hosts[1].disk.stored.count == 1)
    }

    @Test func wordsForTheAbsentWaitAndComeOnce() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob"], seed: 3)
        lan.introduceAll()
        lan.run(for: 1_000)
        lan.crash(1, downFor: 30_000)
        for number in 1...1_500 { _ = lan.say("word \(number)", from: 0, to: 1) }
        lan.run(for: 120_000)
        #expect(lan.hosts[1].disk.stored.count == 1_500)
        #expect(lan.hosts[1].disk.stored.map(\.seq) == Array(1...1_500))
        #expect(lan.hosts[1].disk.doubles == 0)
        #expect(lan.hosts[0].disk.held[lan.hosts[1].identity.device]?.values.max() == 1_500)
    }

    @Test func aBurstIsPulledNotPushed() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob"], seed: 4)
        lan.introduceAll()
        lan.run(for: 1_000)
        for number in 1...3_000 { _ = lan.say("word \(number)", from: 0, to: 1) }
        lan.run(for: 10_000)
        #expect(lan.hosts[1].disk.stored.count == 3_000)
        #expect(lan.steps < 7_000, "frames carry many, acknowledgements stand for many: \(lan.steps)")
    }

    @Test func withEveryDatagramLostEverythingArrives() throws {
        var weather = SimulatedLAN.Weather()
        weather.loss = 1_000
        var lan = try SimulatedLAN(names: ["Anna", "Bob"], seed: 5, weather: weather)
        lan.introduceAll()
        lan.run(for: 1_000)
        for number in 1...50 {
            _ = lan.say("a\(number)", from: 0, to: 1)
            _ = lan.say("b\(number)", from: 1, to: 0)
            lan.run(for: 60_000)
        }
        #expect(lan.hosts[0].disk.stored.count == 100 && lan.hosts[1].disk.stored.count == 100)
    }

    @Test func aDroppedBodyLeavesAStubAndTheChainGoesOn() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob"], seed: 6)
        lan.introduceAll()
        lan.run(for: 500)
        lan.crash(1, downFor: 5_000)
        var ids: [EnvelopeID] = []
        for number in 1...6 {
            let id = lan.say("word \(number)", from: 0, to: 1)
            ids.append(try #require(id))
        }
        for dropped in [1, 2, 4] { lan.drop(ids[dropped], on: 0) }
        lan.run(for: 60_000)
        #expect(lan.hosts[1].disk.stored.map(\.id) == [ids[0], ids[3], ids[5]])
        #expect(lan.hosts[0].disk.held[lan.hosts[1].identity.device]?.values.max() == 6)
    }

    @Test func aBlockedPersonIsNotHeard() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob"], seed: 7)
        lan.introduceAll()
        lan.run(for: 1_000)
        let anna = lan.hosts[0].identity.person
        lan.ask(1) { engine, _ in engine.block(anna) }
        _ = lan.say("hello?", from: 0, to: 1)
        lan.run(for: 10_000)
        #expect(lan.hosts[1].disk.stored.isEmpty)
    }

    @Test func crossedDialsLeaveOneSession() throws {
        for seed in 0..<1_000 {
            var lan = try SimulatedLAN(names: ["Anna", "Bob"], seed: UInt64(seed))
            lan.weather.delay = 1...50
            lan.introduceAll()
            _ = lan.say("a", from: 0, to: 1)
            _ = lan.say("b", from: 1, to: 0)
            lan.run(for: 20_000)
            #expect(lan.hosts.allSatisfy { $0.disk.stored.count == 2 && $0.disk.doubles == 0 }, "seed \(seed)")
            #expect(lan.hosts.allSatisfy { $0.engine?.sessionCount == 1 }, "seed \(seed)")
        }
    }

    /// Two talk, one saves their disk, they go on, they put the old disk back.
    private func restored(generation: [UInt8]?, writesBeforeMeeting: Bool) throws -> SimulatedLAN {
        var lan = try SimulatedLAN(names: ["Anna", "Bob"], seed: 12)
        lan.introduceAll()
        lan.run(for: 1_000)
        for number in 1...20 {
            _ = lan.say("a\(number)", from: 0, to: 1)
            _ = lan.say("b\(number)", from: 1, to: 0)
        }
        lan.run(for: 5_000)
        let backup = lan.hosts[0].disk
        for number in 21...40 {
            _ = lan.say("a\(number)", from: 0, to: 1)
            _ = lan.say("b\(number)", from: 1, to: 0)
        }
        lan.run(for: 5_000)
        lan.partition([0, 1])
        lan.restore(0, backup, generation: generation)
        lan.run(for: 1_000)
        if writesBeforeMeeting { _ = lan.say("before", from: 0, to: 1) }
        lan.partition([0, 0])
        lan.sight(0, 1)
        lan.sight(1, 0)
        lan.run(for: 60_000)
        _ = lan.say("after", from: 0, to: 1)
        lan.run(for: 10_000)
        return lan
    }

    private func forks(_ lan: SimulatedLAN) -> Int {
        lan.hosts.reduce(0) { $0 + $1.news.count { if case .warning(.fork, _) = $0 { true } else { false } } }
    }

    @Test(arguments: [true, false]) func aRestoredBackupForksNothingAndGetsEverythingBack(writesBeforeMeeting: Bool)
        throws
    {
        let lan = try self.restored(
            generation: [UInt8](repeating: 77, count: 32), writesBeforeMeeting: writesBeforeMeeting)
        let count = writesBeforeMeeting ? 82 : 81
        #expect(lan.hosts.map(\.disk.stored.count) == [count, count])
        #expect(Set(lan.hosts[0].disk.stored.map(\.id)) == Set(lan.hosts[1].disk.stored.map(\.id)))
        #expect(self.forks(lan) == 0)
        #expect(Set(lan.hosts[1].disk.stored.map(\.device)).count == 2, "still one person with one device")
        // Whoever gave back what Anna had said has it, and she knows that at once.
        let ours = lan.hosts[0].disk.stored.filter { $0.device == lan.hosts[0].identity.device }
        let held = lan.hosts[0].disk.held[lan.hosts[1].identity.device] ?? [:]
        #expect(ours.allSatisfy { $0.seq <= held[$0.log] ?? 0 })
    }

    /// A whole machine set back: the node cannot know. If it meets somebody before it writes, it learns what it had
    /// said.
    @Test func aMachineSetBackLearnsWhatItHadSaid() throws {
        let lan = try self.restored(generation: nil, writesBeforeMeeting: false)
        #expect(lan.hosts.map(\.disk.stored.count) == [81, 81])
        #expect(self.forks(lan) == 0)
    }

    /// If it writes first, that word contradicts what it had said; both are told, and what it writes from then on is
    /// taken.
    @Test func aMachineSetBackThatWritesFirstBeginsANewLog() throws {
        let lan = try self.restored(generation: nil, writesBeforeMeeting: true)
        #expect(self.forks(lan) > 0)
        #expect(lan.hosts[0].disk.stored.last?.id == lan.hosts[1].disk.stored.last?.id)
    }

    /// A commit that finds no room did not happen, and nothing is acknowledged for it; when there is room all goes on
    /// by itself.
    @Test(arguments: 0..<15) func nothingIsLostWhereDisksAreFullForAWhile(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed) &+ 9_000)
        var lan = try SimulatedLAN(names: ["Anna", "Bob"], seed: UInt64(seed))
        lan.introduceAll()
        lan.run(for: 1_000)
        lan.weather.filling = 60
        var said: [(id: EnvelopeID, to: Int)] = []
        for _ in 0..<150 {
            let from = Int.random(in: 0...1, using: &random)
            if let id = lan.say("word", from: from, to: 1 - from) { said.append((id, 1 - from)) }
            lan.run(for: UInt64.random(in: 1...2_000, using: &random))
        }
        lan.weather.filling = 0
        lan.run(for: 120_000)
        #expect(said.count > 20)
        #expect(lan.hosts.allSatisfy { $0.engine?.trouble == nil && $0.disk.doubles == 0 })
        for word in said { #expect(lan.hosts[word.to].disk.stored.contains { $0.id == word.id }, "seed \(seed)") }
    }

    /// The promise of the whole: in any weather, once it is over, everybody has every word once and in order.
    @Test(arguments: 0..<60)
    func nothingIsLostInAStorm(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed) &+ 7_000)
        var lan = try SimulatedLAN(names: ["Anna", "Bob", "Cleo"], seed: UInt64(seed), weather: .storm)
        lan.introduceAll()
        var said: [(id: EnvelopeID, from: Int, to: Int)] = []
        for _ in 0..<120 {
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<75:
                let from = Int.random(in: 0..<3, using: &random)
                let to = (from + Int.random(in: 1...2, using: &random)) % 3
                for _ in 0..<(random.happens(50) ? 100 : 1) {
                    if let id = lan.say("word", from: from, to: to) { said.append((id, from, to)) }
                }
            case 75..<80: lan.partition((0..<3).map { _ in Int.random(in: 0..<2, using: &random) })
            case 80..<88: lan.partition([0, 0, 0])
            case 88..<91:
                lan.crash(Int.random(in: 0..<3, using: &random), downFor: UInt64.random(in: 1...20_000, using: &random))
            default: break
            }
            lan.run(for: UInt64.random(in: 1...4_000, using: &random))
        }
        lan.weather = .fair
        lan.partition([0, 0, 0])
        for one in 0..<3 { for other in 0..<3 where other != one { lan.sight(one, other) } }
        lan.run(for: 180_000)
        for host in lan.hosts {
            #expect(host.disk.doubles == 0)
            var next: [LogID: UInt64] = [:]
            for envelope in host.disk.stored {
                #expect(envelope.seq == next[envelope.log, default: 0] + 1, "causal order within a log")
                next[envelope.log] = envelope.seq
            }
        }
        for word in said {
            #expect(lan.hosts[word.to].disk.stored.contains { $0.id == word.id }, "seed \(seed): a word is missing")
        }
        for (index, host) in lan.hosts.enumerated() {
            for (device, logs) in host.disk.held {
                let other = try #require(lan.hosts.first { $0.identity.device == device })
                for (log, seq) in logs {
                    let has = other.disk.stored.filter { $0.log == log }.map(\.seq).max() ?? 0
                    #expect(has >= seq, "what host \(index) holds for acknowledged is on the other disk")
                }
            }
        }
    }
}
