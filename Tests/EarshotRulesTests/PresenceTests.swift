import EarshotModel
import EarshotTesting
import EarshotWire
import Testing

@testable import EarshotRules

/// How present people are, what they tell of themselves, and what is shown while it is typed.
@Suite struct PresenceTests {
    /// Anna and Bob, who have accepted each other unless it is said otherwise.
    private func together(_ names: [String] = ["Anna", "Bob"], friends: Bool = true, loss: Int = 0) throws
        -> SimulatedLAN
    {
        var weather = SimulatedLAN.Weather.fair
        weather.loss = loss
        var lan = try SimulatedLAN(names: names, seed: 7, weather: weather)
        if friends { lan.introduceAll() }
        lan.run(for: 2_000)
        return lan
    }

    private func person(_ host: Int, _ lan: SimulatedLAN) -> PersonID { lan.hosts[host].identity.person }
    /// What Bob sees of Anna.
    private func seen(_ lan: SimulatedLAN) -> HeardPresence? {
        lan.hosts[1].engine?.presence(of: self.person(0, lan))
    }
    private func sees(_ one: Int, _ other: Int, _ lan: SimulatedLAN) -> Bool {
        lan.hosts[one].engine?.isOnline(self.person(other, lan)) ?? false
    }

    // MARK: who is here

    @Test func whatIsChosenIsSeen() throws {
        var lan = try self.together()
        #expect(self.seen(lan)?.presence == .online && self.seen(lan)?.text == "")
        lan.ask(0) { $0.choose(.busy, text: "until \u{1B}[31mnoon", at: $1) }
        lan.run(for: 100)
        #expect(self.seen(lan)?.presence == .busy && self.seen(lan)?.text == "until [31mnoon")
        lan.ask(0) { $0.choose(nil, text: "", at: $1) }
        lan.run(for: 100)
        #expect(self.seen(lan)?.presence == .busy && self.seen(lan)?.text == "")
        // It is kept over a restart, and told to whoever comes.
        lan.crash(0, downFor: 1_000)
        lan.run(for: 10_000)
        #expect(self.seen(lan)?.presence == .busy)
    }

    @Test func whoDoesNothingIsAway() throws {
        var lan = try self.together()
        lan.ask(0) { engine, _ in
            engine.use(idleAfter: 60_000, seen: .contacts)
            return []
        }
        lan.run(for: 200_000)
        #expect(self.seen(lan)?.presence == .online, "nothing tells when she does something")
        lan.ask(0) { $0.act(begins: true, at: $1) }
        let acted = lan.now
        lan.run(for: 61_000)
        #expect(self.seen(lan)?.presence == .away)
        let since = Int64(clamping: self.seen(lan)?.idleSince?.milliseconds ?? 0) - 1_700_000_000_000
        #expect(abs(since - Int64(acted)) < 2_000)
        lan.ask(0) { $0.act(begins: false, at: $1) }
        lan.run(for: 100)
        #expect(self.seen(lan)?.presence == .online && self.seen(lan)?.idleSince == nil)
    }

    @Test func whoIsInvisibleIsTakenForAbsent() throws {
        var lan = try self.together(["Anna", "Bob", "Cleo"])
        lan.ask(0) { $0.choose(.invisible, text: "boo", at: $1) }
        lan.run(for: 100)
        #expect(!self.sees(1, 0, lan) && self.seen(lan)?.text == "")
        let (anna, bob) = (self.person(0, lan), self.person(1, lan))
        #expect(lan.hosts[1].engine?.lastSeen(anna) != nil)
        #expect(lan.hosts[0].engine?.typing(bob, on: true, at: lan.moment) == [], "nor typing")
        _ = lan.say("still here", from: 1, to: 0)
        lan.run(for: 1_000)
        #expect(lan.hosts[0].disk.stored.count == 1, "what is sent to her comes")
        lan.ask(0) { $0.choose(.online, text: nil, at: $1) }
        lan.run(for: 100)
        #expect(self.sees(1, 0, lan))
    }

    @Test func strangersSeeWhoIsHereAndNoMore() throws {
        var lan = try self.together(friends: false)
        lan.ask(0) { $0.choose(.busy, text: "secret", at: $1) }
        lan.run(for: 100)
        #expect(self.seen(lan)?.presence == .online && self.seen(lan)?.text == "")
        // One who tells a stranger more is not heard either.
        let link = try #require(lan.hosts[1].engine?.openLinks.first)
        let notice = Frame.presence(PresenceNotice(.away, text: "look at me", idle: 60))
        lan.ask(1) { $0.handle(.transport(.frame(link, notice, .stream)), at: $1) }
        #expect(self.seen(lan)?.presence == .online && self.seen(lan)?.text == "")
    }

    @Test func whenSomebodyWasHereIsNotedUnlessTheyAskForSilence() throws {
        var lan = try self.together()
        let anna = self.person(0, lan)
        #expect(lan.hosts[1].engine?.lastSeen(anna) == nil, "she is here")
        lan.run(for: 100_000)
        lan.crash(0, downFor: 3_600_000)
        lan.run(for: 30_000)
        let seen = try #require(lan.hosts[1].engine?.lastSeen(anna))
        #expect(abs(Int64(seen.milliseconds) - 1_700_000_102_000) < 12_000)
        #expect(lan.hosts[1].disk.snapshot.seen[anna] == seen)
        // Again, with nobody to be told.
        var quiet = try self.together()
        quiet.ask(0) { engine, _ in
            engine.use(idleAfter: 0, seen: .nobody)
            return []
        }
        quiet.run(for: 10_000)
        quiet.crash(0, downFor: 3_600_000)
        quiet.run(for: 30_000)
        #expect(quiet.hosts[1].engine?.lastSeen(self.person(0, quiet)) == nil)
        #expect(quiet.hosts[1].disk.snapshot.seen[self.person(0, quiet)] == nil)
    }

    // MARK: who is gone

    /// Whenever a cable far away is pulled, it is noticed within 15 s by both, datagrams or not.
    @Test(arguments: [0, 300, 1_000]) func aPulledCableIsNoticed(loss: Int) throws {
        for phase in stride(from: UInt64(0), to: 12_000, by: 800) {
            var lan = try self.together(loss: loss)
            lan.run(for: 20_000 + phase)
            #expect(self.sees(0, 1, lan) && self.sees(1, 0, lan))
            lan.unplug([0, 1])
            lan.run(for: 15_000)
            #expect(!self.sees(0, 1, lan) && !self.sees(1, 0, lan), "phase \(phase)")
            lan.partition([0, 0])
            lan.sight(0, 1)
            lan.run(for: 60_000)
            #expect(self.sees(0, 1, lan))
        }
    }

    @Test func nobodyIsGivenUpWhileTheyAreHere() throws {
        for loss in [0, 300, 1_000] {
            var lan = try self.together(loss: loss)
            lan.run(for: 3_000_000)
            #expect(lan.hosts[0].news.filter { $0 == .presence(self.person(1, lan), online: false) }.isEmpty)
        }
    }

    @Test func onesOwnCableIsNoticedAtOnce() throws {
        var lan = try self.together()
        lan.unplug([0, 1])
        lan.ask(0) { $0.handle(.cutOff, at: $1) }
        lan.run(for: 60)
        #expect(!self.sees(0, 1, lan))
    }

    // MARK: what they tell of themselves

    private static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    private func profile() -> Profile {
        var profile = Profile()
        profile.fullName = "Anna Berg"
        profile.role = "carpenter"
        profile.phone = "+49 30 901820"
        return profile
    }

    @Test func eachFieldIsSeenByWhomItIsFor() throws {
        var lan = try self.together(friends: false)
        let picture = Self.png + [UInt8](repeating: 7, count: 65_000)
        lan.ask(0) { engine, _ in
            engine.set(profile: self.profile(), picture: picture, audiences: [.role: .everyone, .phone: .nobody])
        }
        lan.run(for: 100)
        let anna = self.person(0, lan)
        #expect(lan.hosts[1].engine?.profile(of: anna)?.role == "carpenter")
        #expect(lan.hosts[1].engine?.profile(of: anna)?.fullName == "")
        #expect(lan.hosts[1].disk.snapshot.profiles.isEmpty, "nothing of strangers is kept")
        lan.introduceAll()
        lan.run(for: 1_000)
        let seen = try #require(lan.hosts[1].engine?.profile(of: anna))
        #expect(seen.role == "carpenter" && seen.fullName == "Anna Berg" && seen.phone == "")
        let id = Derive.picture(picture)
        #expect(seen.picture == Profile.Picture(id, size: picture.count))
        #expect(lan.hosts[1].disk.snapshot.pictures == [id] && lan.hosts[1].engine?.holds(id) == true)
        // Taken away, it is forgotten; so is all of it when she is blocked.
        lan.ask(0) { engine, _ in engine.set(profile: self.profile(), picture: [], audiences: [:]) }
        lan.run(for: 100)
        #expect(lan.hosts[1].disk.snapshot.pictures.isEmpty)
        #expect(lan.hosts[1].engine?.profile(of: anna)?.phone == "+49 30 901820", "contacts see what is not named")
        lan.ask(1) { engine, _ in engine.block(anna) }
        #expect(lan.hosts[1].engine?.profile(of: anna) == nil && lan.hosts[1].disk.snapshot.profiles.isEmpty)
    }

    @Test func aPictureThatDoesNotFitIsNotKept() throws {
        var lan = try self.together()
        let (anna, link) = (self.person(0, lan), try #require(lan.hosts[1].engine?.openLinks.first))
        let bytes = Self.png + [1, 2, 3]
        let id = Derive.picture(bytes)
        func tell(_ frame: Frame) { lan.ask(1) { $0.handle(.transport(.frame(link, frame, .stream)), at: $1) } }
        var profile = Profile()
        profile.picture = Profile.Picture(id, size: bytes.count)
        let wrong = [
            PicturePart(id, at: 0, Self.png + [9, 9, 9]), PicturePart(id, at: 4, bytes),
            PicturePart(id, at: 0, bytes + [0]), PicturePart(Derive.picture([1]), at: 0, bytes),
        ]
        for part in wrong {
            tell(.profile(name: "Anna", profile))
            tell(.picturePart(part))
            #expect(lan.hosts[1].disk.snapshot.pictures.isEmpty)
        }
        // No picture at all, though the hash is right.
        let text = Array("#!/bin/sh".utf8)
        profile.picture = Profile.Picture(Derive.picture(text), size: text.count)
        tell(.profile(name: "Anna", profile))
        tell(.picturePart(PicturePart(Derive.picture(text), at: 0, text)))
        #expect(lan.hosts[1].disk.snapshot.pictures.isEmpty)
        #expect(lan.hosts[1].engine?.profile(of: anna)?.picture != nil, "it is named, and not here")
    }

    @Test func tooManyAreNotHeard() throws {
        var lan = try self.together()
        let link = try #require(lan.hosts[1].engine?.openLinks.first)
        let before = lan.hosts[1].news.count
        for number in 0..<1_000 {
            for frame in [
                Frame.presence(PresenceNotice(.busy, text: "\(number)")), .profile(name: "Anna \(number)"),
            ] {
                lan.ask(1) { $0.handle(.transport(.frame(link, frame, .stream)), at: $1) }
            }
        }
        #expect(lan.hosts[1].news.count - before <= Int(Limits.presencesAtOnce + Limits.profilesAtOnce))
    }

    // MARK: while it is typed

    @Test func bothMustSwitchItOn() throws {
        var lan = try self.together()
        let (anna, bob) = (self.person(0, lan), self.person(1, lan))
        func heard() -> [String] {
            lan.hosts[1].news.compactMap { if case .live(anna, let text) = $0 { text } else { nil } }
        }
        lan.ask(0) { engine, _ in engine.draft("lun", to: bob) }
        lan.ask(0) { engine, _ in engine.setLive(bob, on: true) }
        lan.ask(0) { engine, _ in engine.draft("lunc", to: bob) }
        lan.run(for: 100)
        #expect(heard() == [""], "Bob learns that she would")
        lan.ask(1) { engine, _ in engine.setLive(anna, on: true) }
        lan.run(for: 100)
        lan.ask(0) { engine, _ in engine.draft("lunch?\u{202E}", to: bob) }
        lan.run(for: 100)
        #expect(heard().last == "lunch?")
        lan.ask(1) { engine, _ in engine.setLive(anna, on: false) }
        lan.run(for: 100)
        let count = heard().count
        lan.ask(0) { engine, _ in engine.draft("lunch? no", to: bob) }
        lan.run(for: 100)
        #expect(heard().count == count && lan.hosts[0].engine?.live(with: bob).theirs == false)
        #expect(lan.hosts.allSatisfy { $0.disk.stored.isEmpty }, "nothing of it is kept")
    }

    @Test func aDraftIsCutBetweenCharacters() throws {
        var lan = try self.together()
        let (anna, bob) = (self.person(0, lan), self.person(1, lan))
        lan.ask(0) { engine, _ in engine.setLive(bob, on: true) }
        lan.ask(1) { engine, _ in engine.setLive(anna, on: true) }
        lan.run(for: 100)
        lan.ask(0) { engine, _ in engine.draft(String(repeating: "漢", count: 5_000), to: bob) }
        lan.run(for: 100)
        let texts = lan.hosts[1].news.compactMap { if case .live(anna, let text) = $0 { text } else { nil } }
        #expect(texts.last == String(repeating: "漢", count: 1_365))
    }
}
