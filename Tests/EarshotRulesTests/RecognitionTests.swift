import EarshotModel
import EarshotTesting
import EarshotWire
import Testing

@testable import EarshotRules

/// Tags by the clock: what a private node shows, and whom others take it for. Values in, values out.
@Suite struct RecognitionTests {
    private static let epoch: UInt64 = 900_000
    /// The beginning of an epoch.
    private static let start: UInt64 = 1_888_888 * epoch
    let samples: Samples
    let key: DiscoveryKey
    init() throws {
        self.samples = try Samples()
        self.key = try #require(DiscoveryKey([UInt8](repeating: 7, count: 32)))
    }

    private func wall(_ ms: UInt64) -> Timestamp { Timestamp(milliseconds: ms) }
    private func minutes(_ count: Int) -> Int64 { Int64(count) * 60_000 }
    private func endpoint(_ last: UInt8) throws -> Endpoint {
        try #require(Endpoint(address: [10, 77, 0, last], port: 47_447))
    }
    private func device(_ number: Int) throws -> DeviceID {
        let bytes = [UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8)]
        return try #require(DeviceID(bytes + [UInt8](repeating: 9, count: 30)))
    }
    private func tag(_ wall: UInt64) -> AdvertTag { Derive.tag(self.key, epoch: Rotation.epoch(of: self.wall(wall))) }

    // MARK: rotation

    @Test func aTagChangesOnceAnEpochAndNotToTheSecond() throws {
        var rotation = Rotation()
        let at = Self.start + 1_000
        #expect(rotation.next(at: self.wall(at), delay: 7_000) == 1_888_888)
        #expect(rotation.next(at: self.wall(at), delay: 0) == nil)
        let end = Self.start + Self.epoch
        let asked = try #require(rotation.wakeAt(Moment(wall: self.wall(at), uptime: 50)))
        #expect(asked == 50 + (end + 7_000 - at), "one alarm, when it is time")
        #expect(rotation.next(at: self.wall(end), delay: 0) == nil)
        #expect(rotation.next(at: self.wall(end + 6_999), delay: 0) == nil)
        #expect(rotation.next(at: self.wall(end + 7_000), delay: 3_000) == 1_888_889)
        #expect(rotation.next(at: self.wall(end + Self.epoch + 2_999), delay: 0) == nil)
    }

    @Test func aDelayIsNeverSoLongThatOthersLoseUs() {
        var rotation = Rotation()
        _ = rotation.next(at: self.wall(Self.start), delay: .max)
        #expect(rotation.next(at: self.wall(Self.start + Self.epoch + Limits.tagDelay), delay: 0) == 1_888_889)
    }

    @Test func aClockThatIsSetChangesTheTagOnlyWhereOthersWouldLoseUs() {
        var rotation = Rotation()
        _ = rotation.next(at: self.wall(Self.start + 10_000), delay: 0)
        #expect(rotation.next(at: self.wall(Self.start - 5_000), delay: 0) == nil, "a few seconds back")
        #expect(rotation.next(at: self.wall(Self.start - 120_000), delay: 0) == 1_888_887)
        #expect(rotation.next(at: self.wall(Self.start + 40 * Self.epoch), delay: 0) == 1_888_928, "days ahead")
        #expect(rotation.next(at: self.wall(0), delay: 0) == 0, "1970")
        #expect(rotation.next(at: self.wall(.max), delay: 0) != nil, "no arithmetic fails at the end of time")
    }

    // MARK: recognising

    /// Anna's clock is right; Bob's is off by so many minutes. Up to 14 they always recognise Anna, from 30 on never.
    @Test(arguments: [(-14, true), (14, true), (-16, nil), (16, nil), (-40, false), (40, false)] as [(Int, Bool?)])
    func clocksMayBeOffByAQuarterOfAnHour(_ minutes: Int, _ isKnown: Bool?) throws {
        var known = 0
        var all = 0
        for second in stride(from: 0, to: 900, by: 20) as StrideTo<UInt64> {
            for delay in [0, 19_999] as [UInt64] {
                var recognition = Recognition(Snapshot(generation: []))
                _ = recognition.learn(self.key, of: self.samples.anna.device, self.samples.anna.person)
                var rotation = Rotation()
                _ = rotation.next(at: self.wall(Self.start), delay: delay)
                let now = Self.start + Self.epoch + second * 1_000
                let shown = rotation.next(at: self.wall(now), delay: 0) ?? 1_888_888
                let bobs = UInt64(Int64(now) + self.minutes(minutes))
                let tag = Derive.tag(self.key, epoch: shown)
                all += 1
                if recognition.sighted(tag, [], at: self.wall(bobs)) == self.samples.anna.device { known += 1 }
            }
        }
        switch isKnown {
        case true?: #expect(known == all)
        case false?: #expect(known == 0)
        case nil: #expect(known > 0 && known < all, "now and then: \(known) of \(all)")
        }
    }

    @Test func theEdgesOfAnEpochAreRecognisedOnBothSides() {
        var recognition = Recognition(Snapshot(generation: []))
        _ = recognition.learn(self.key, of: self.samples.anna.device, self.samples.anna.person)
        for here in [Self.start, Self.start + Self.epoch - 1] {
            for there in [Self.start - Self.epoch, Self.start, Self.start + 2 * Self.epoch - 1] {
                #expect(recognition.sighted(self.tag(there), [], at: self.wall(here)) != nil)
            }
            for there in [Self.start - Self.epoch - 1, Self.start + 2 * Self.epoch] {
                #expect(recognition.sighted(self.tag(there), [], at: self.wall(here)) == nil)
            }
        }
    }

    /// Adverts are told once. One that comes a little early, or before the key, is recognised as soon as it can be.
    @Test func anAdvertWaitsForItsEpochAndForItsKey() throws {
        var recognition = Recognition(Snapshot(generation: []))
        let at = try self.endpoint(1)
        let early = self.tag(Self.start + 2 * Self.epoch)
        let now = Moment(wall: self.wall(Self.start + 60_000), uptime: 1_000)
        #expect(recognition.sighted(early, [at], at: now.wall) == nil)
        #expect(recognition.wakeAt(now) == nil, "without keys there is nothing to wake up for")
        let isNews = recognition.learn(self.key, of: self.samples.anna.device, self.samples.anna.person)
        #expect(isNews)
        #expect(recognition.settle(at: now.wall).isEmpty)
        #expect(recognition.wakeAt(now) == 1_000 + Self.epoch - 60_000)
        let found = recognition.settle(at: self.wall(Self.start + Self.epoch))
        #expect(found.map(\.0) == [self.samples.anna.device] && found.map(\.1) == [[at]])
        #expect(recognition.settle(at: self.wall(Self.start + Self.epoch)).isEmpty, "once")
        #expect(recognition.wakeAt(now) == nil)

        var late = Recognition(Snapshot(generation: []))
        _ = late.sighted(self.tag(Self.start), [at], at: now.wall)
        _ = late.learn(self.key, of: self.samples.anna.device, self.samples.anna.person)
        #expect(late.settle(at: now.wall).map(\.0) == [self.samples.anna.device])
    }

    @Test func aChangedTagIsNoGoodbye() {
        var recognition = Recognition(Snapshot(generation: []))
        _ = recognition.learn(self.key, of: self.samples.anna.device, self.samples.anna.person)
        let (old, new) = (self.tag(Self.start), self.tag(Self.start + Self.epoch))
        let now = self.wall(Self.start + Self.epoch)
        _ = recognition.sighted(old, [], at: now)
        _ = recognition.sighted(new, [], at: now)
        #expect(recognition.vanished(old) == nil, "they have a newer one")
        #expect(recognition.vanished(new) == self.samples.anna.device)
        #expect(recognition.vanished(new) == nil)
    }

    @Test func whoseKeyIsForgottenIsNotRecognised() {
        var recognition = Recognition(Snapshot(generation: []))
        let (anna, now) = (self.samples.anna, self.wall(Self.start))
        let news = (0..<2).map { _ in recognition.learn(self.key, of: anna.device, anna.person) }
        #expect(news == [true, false])
        #expect(recognition.sighted(self.tag(Self.start), [], at: now) != nil)
        let forgotten = [recognition.forget(anna.device), recognition.forget(anna.device)]
        #expect(forgotten == [true, false])
        #expect(recognition.sighted(self.tag(Self.start), [], at: now) == nil)
    }

    @Test func moreKeysAndTagsThanThereIsRoomForPushOutNoneThatWeKnow() throws {
        var recognition = Recognition(Snapshot(generation: []))
        let now = self.wall(Self.start)
        for number in 0..<Limits.discoveryKeys + 10 {
            var bytes = [UInt8](repeating: 3, count: 32)
            (bytes[0], bytes[1]) = (UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8))
            let key = try #require(DiscoveryKey(bytes))
            let isTaken = recognition.learn(key, of: try self.device(number), self.samples.anna.person)
            #expect(isTaken == (number < Limits.discoveryKeys))
        }
        let first = try #require(DiscoveryKey([0, 0] + [UInt8](repeating: 3, count: 30)))
        let newer = try #require(DiscoveryKey([UInt8](repeating: 5, count: 32)))
        // A flood of adverts that are nobody's.
        for number in 0..<2_000 {
            let letters = Array("abcdefghijklmnopqrstuvwxyz234567")
            let tag = try #require(AdvertTag(String((0..<16).map { letters[(number >> ($0 * 2)) % 32] })))
            #expect(recognition.sighted(tag, [try self.endpoint(1)], at: now) == nil)
        }
        let tag = Derive.tag(first, epoch: 1_888_888)
        #expect(recognition.sighted(tag, [], at: now) == (try self.device(0)))
        let isTaken = recognition.learn(newer, of: try self.device(0), self.samples.anna.person)
        #expect(isTaken, "a known one may change")
    }
}

/// Whether strangers who come in crowds are all seen in the end.
@Suite struct NewcomersTests {
    private func endpoint(_ last: Int) throws -> Endpoint {
        try #require(Endpoint(address: [10, 78, UInt8(last / 256), UInt8(last % 256)], port: 47_447))
    }

    private func short(_ number: Int) -> String {
        let letters = Array("abcdefghijklmnopqrstuvwxyz234567")
        return String((0..<16).map { letters[(number >> ($0 * 2)) % 32] })
    }

    @Test func whoCameInACrowdIsTakenInWithTheNextSecond() throws {
        var dialer = Dialer(me: try Samples().anna.device)
        for number in 0..<50 {
            dialer.sighted(self.short(number), [try self.endpoint(number)], isContact: false, now: 1_000)
        }
        #expect(dialer.knownTargets == 20)
        var called: [Endpoint] = []
        var now: UInt64 = 1_000
        var wakes = 0
        while now < 10_000 {
            for case .dial(let dial, let endpoint, _) in dialer.due(now: now, mayCallStrangers: true) {
                called.append(endpoint)
                dialer.failed(dial)
            }
            guard dialer.knownTargets < 50, let next = dialer.wakeAt(mayCallStrangers: true) else { break }
            now = max(now + 1, next)
            wakes += 1
        }
        #expect(dialer.knownTargets == 50 && now <= 3_100, "all of them, without another advert: \(now)")
        #expect(Set(called).count == 50 && wakes < 20)
    }

    @Test func aFloodWaitsInABoundedQueueAndAGoodbyeLeavesIt() throws {
        var newcomers = Newcomers()
        var taken = 0
        for number in 0..<10_000 where newcomers.admits(self.short(number), [try self.endpoint(1)], now: 0) {
            taken += 1
        }
        #expect(taken == 20)
        newcomers.vanished(self.short(20))
        var names: [String] = []
        var now: UInt64 = 0
        while let at = newcomers.wakeAt {
            now = at
            names += newcomers.due(now: now).map(\.shortID)
        }
        #expect(names.count == Limits.waitingNodes - 1 && !names.contains(self.short(20)))
        #expect(now <= 14_000, "20 a second: \(now)")
    }
}
