import EarshotModel
import EarshotRules
import EarshotTesting
import EarshotWire
import Testing

/// The rules of transfers, with time and chance in our hands.
@Suite struct TransferTests {
    private static func offer(_ number: UInt8, size: UInt64) -> (FileOffer, Share) {
        let key = [UInt8](repeating: number, count: 32)
        let id = Derive.share(key: key)
        return (
            FileOffer(key: key, name: "file \(number)", files: 1, size: size),
            Share(
                id: id, key: key, roots: [.init(name: "file \(number)", path: "/nowhere")], listing: 30, size: size,
                isOpen: false)
        )
    }

    func offer(_ lan: inout SimulatedLAN, _ number: UInt8, from: Int, to: [Int], size: UInt64 = 20_000)
        -> [EnvelopeID]
    {
        let (offer, share) = Self.offer(number, size: size)
        let persons = to.map { lan.hosts[$0].identity.person }
        var ids: [EnvelopeID] = []
        lan.ask(from) { engine, now in
            guard let (said, effects) = try? engine.offer(offer, share, to: persons, at: now) else { return [] }
            ids = said.map(\.id)
            return effects
        }
        return ids
    }

    private func acceptAll(_ lan: inout SimulatedLAN) {
        for host in lan.hosts.indices {
            lan.ask(host) { engine, now in
                let open = engine.openTransfers.filter { $0.isIncoming && $0.state == .offered }
                return open.flatMap { (try? engine.accept($0.id, into: "/there", at: now)) ?? [] }
                    + engine.settle(at: now)
            }
        }
    }

    @Test func nothingMovesBeforeAYes() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob"], seed: 1)
        lan.introduceAll()
        lan.run(for: 1_000)
        let ids = self.offer(&lan, 1, from: 0, to: [1])
        lan.run(for: 60_000)
        #expect(lan.hosts[1].disk.snapshot.transfers.map(\.state) == [.offered])
        #expect(lan.hosts[1].disk.snapshot.transfers.map(\.have) == [0])
        self.acceptAll(&lan)
        lan.run(for: 10_000)
        #expect(lan.hosts[1].disk.finished == [ids[0]: [.complete]])
        #expect(lan.hosts[0].disk.finished == [ids[0]: [.complete]])
        #expect(lan.hosts[0].disk.snapshot.shares.isEmpty, "nobody can fetch it any more")
    }

    @Test func inAnyWeatherEveryAcceptedOfferCompletesOnce() throws {
        for seed in 0..<60 {
            var lan = try SimulatedLAN(names: ["Anna", "Bob", "Cleo"], seed: UInt64(seed), weather: .storm)
            lan.weather.breaking = 30
            lan.introduceAll()
            lan.run(for: 5_000)
            var ids: [(EnvelopeID, from: Int)] = []
            for round in 0..<4 {
                let from = round % 3
                ids += self.offer(&lan, UInt8(round + 1), from: from, to: (0..<3).filter { $0 != from }).map {
                    ($0, from)
                }
                lan.run(for: 3_000)
                if round == 2 { lan.partition([0, 1, 1]) }
                self.acceptAll(&lan)
            }
            lan.run(for: 20_000)
            lan.partition([0, 0, 0])
            for one in 0..<3 { for other in 0..<3 where one != other { lan.sight(one, other) } }
            for _ in 0..<40 {
                self.acceptAll(&lan)
                lan.run(for: 30_000)
            }
            // An offer that was lost in a crash before it was written was never answered either.
            for (id, from) in ids where lan.hosts[from].disk.stored.contains(where: { $0.id == id }) {
                let ends = lan.hosts.compactMap { $0.disk.finished[id] }
                #expect(ends.count == 2 && ends.allSatisfy { $0 == [.complete] }, "seed \(seed): \(ends)")
            }
        }
    }

    @Test func oneFeedsTheNext() throws {
        for seed in 0..<20 {
            var lan = try SimulatedLAN(names: ["Anna", "Bob", "Cleo", "Dora", "Emil"], seed: UInt64(seed))
            // Only Anna knows the others: they need not know each other.
            for other in 1...4 {
                let (anna, person) = (lan.hosts[0].identity.person, lan.hosts[other].identity.person)
                lan.ask(0) { $0.accept(person, at: $1) }
                lan.ask(other) { $0.accept(anna, at: $1) }
            }
            lan.run(for: 5_000)
            if seed >= 10 { lan.weather.breaking = 2 }
            lan.stepBytes = 1 << 20
            let ids = self.offer(&lan, 1, from: 0, to: [1, 2, 3, 4], size: 64 << 20)
            lan.run(for: 500)
            self.acceptAll(&lan)
            lan.run(for: 400_000)
            for (id, other) in zip(ids, 1...4) {
                #expect(
                    lan.hosts[other].disk.finished[id] == [.complete] && lan.hosts[0].disk.finished[id] == [.complete],
                    "seed \(seed), \(other)")
            }
            if seed < 10 {
                #expect(lan.givenBy(0) == 1 && lan.passedOn == 3, "the author gives it once: \(lan.givenBy(0))")
            }
        }
    }

    /// The author has gone home: who was offered it too has it, however small it is. Whoever is asked in vain costs
    /// nothing but the asking.
    @Test(arguments: [0, 1, 5_000_000, (16 << 20) - 1, 16 << 20, (16 << 20) + 1, 20 << 20] as [UInt64])
    func whatTheAuthorCannotGiveComesFromWhoHasIt(size: UInt64) throws {
        for seed in 0..<4 as Range<UInt64> {
            var lan = try SimulatedLAN(names: ["Anna", "Bob", "Cleo", "Dora"], seed: seed)
            lan.introduceAll()
            lan.stepBytes = 1 << 20
            lan.run(for: 1_000)
            let ids = self.offer(&lan, 1, from: 0, to: [1, 2], size: size)
            lan.run(for: 500)
            lan.ask(1) { engine, now in
                ((try? engine.accept(ids[0], into: "/there", at: now)) ?? []) + engine.settle(at: now)
            }
            lan.run(for: 100_000)
            #expect(lan.hosts[1].disk.finished[ids[0]] == [.complete])
            lan.partition([0, 1, 1, 1])
            lan.run(for: 60_000)
            lan.ask(2) { engine, now in
                ((try? engine.accept(ids[1], into: "/there", at: now)) ?? []) + engine.settle(at: now)
            }
            lan.run(for: 100_000)
            #expect(lan.hosts[2].disk.finished[ids[1]] == [.complete], "seed \(seed)")
            #expect(lan.passedOn == 1)
        }
    }

    @Test func aChainHasNoCircle() {
        func device(_ number: UInt8) -> DeviceID {
            DeviceID([UInt8](repeating: number, count: 32)) ?? DeviceID(hash: .zero)
        }
        var random = SeededRandom(seed: 5)
        for _ in 0..<200 {
            var chain = Chain()
            var from: [UInt8: DeviceID?] = [:]
            for _ in 0..<60 {
                let asker = UInt8.random(in: 1...8, using: &random)
                switch Int.random(in: 0..<10, using: &random) {
                case 0:
                    chain.leave(device(asker))
                    from[asker] = nil
                case 1: chain.completed(device(asker))
                default:
                    let avoid = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                        device(UInt8.random(in: 1...8, using: &random))
                    }
                    let holder = chain.place(device(asker), avoid: avoid)
                    if let holder { #expect(!avoid.contains(holder) && holder != device(asker)) }
                    from[asker] = .some(holder)
                }
            }
            #expect(chain.isWithoutCircle(from.keys.map(device)))
        }
    }

    @Test func aStrangerOffersNothing() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob"], seed: 2)
        lan.run(for: 1_000)
        _ = self.offer(&lan, 1, from: 0, to: [1])
        lan.run(for: 10_000)
        #expect(lan.hosts[1].disk.snapshot.transfers.isEmpty)
    }

    @Test func whoIsBlockedGivesAndGetsNothing() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob"], seed: 5)
        lan.introduceAll()
        lan.run(for: 1_000)
        let there = self.offer(&lan, 1, from: 0, to: [1])
        let back = self.offer(&lan, 2, from: 1, to: [0])
        lan.run(for: 1_000)
        let bob = lan.hosts[1].identity.person
        lan.ask(0) { engine, _ in engine.block(bob) }
        #expect(lan.hosts[0].disk.finished == [there[0]: [.cancelled], back[0]: [.declined]])
        #expect(lan.hosts[0].disk.snapshot.shares.isEmpty && lan.hosts[0].disk.snapshot.transfers.isEmpty)
    }

    @Test func nobodyHasMoreThanAHundredOpen() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob"], seed: 3)
        lan.introduceAll()
        lan.run(for: 1_000)
        for number in 0..<120 { _ = self.offer(&lan, UInt8(number), from: 0, to: [1]) }
        lan.run(for: 10_000)
        #expect(lan.hosts[1].disk.snapshot.transfers.count == 100)
    }

    @Test func onlyWhomItWasOfferedToMayFetch() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob", "Cleo"], seed: 4)
        lan.introduceAll()
        lan.run(for: 1_000)
        _ = self.offer(&lan, 1, from: 0, to: [1])
        lan.run(for: 1_000)
        let (_, share) = Self.offer(1, size: 20_000)
        let cleo = lan.hosts[2].identity
        var engine = try #require(lan.hosts[0].engine)
        let effects = engine.handle(
            .bulk(.asked(BulkID(raw: 9), cleo.person, cleo.device, handshake: [], .fetch(Fetch(share.id)))),
            at: lan.moment)
        #expect(effects == [.bulk(.refuse(BulkID(raw: 9), .notOffered))])
        // A source that nobody asked for is not taken either.
        let source = BulkFrame.Source(share: share.id, listing: 30, size: 20_000, isOpen: false)
        #expect(
            engine.handle(
                .bulk(.asked(BulkID(raw: 10), cleo.person, cleo.device, handshake: [], .source(source))), at: lan.moment
            ) == [.bulk(.refuse(BulkID(raw: 10), .unwanted))])
    }

    @Test func framesOfBulkChannelsAreReadStrictly() throws {
        let share = Derive.share(key: [UInt8](repeating: 5, count: 32))
        let frames: [BulkFrame] = [
            .close(.tooMany), .fetch(Fetch(share)),
            .fetch(Fetch(share, proof: .zero, avoid: [DeviceID(hash: .zero), DeviceID(hash: .zero)])),
            .refer(
                Referral(
                    share: share, device: DeviceID(hash: .zero),
                    endpoints: [try #require(Endpoint(address: [10, 0, 0, 7], port: 47_447))])),
            .proof(index: 7, [UInt8](repeating: 9, count: 64)),
            .source(.init(share: share, listing: 9, size: 5, isOpen: false, isProven: true)),
            .source(.init(share: share, listing: 300, size: 1 << 40, isOpen: false)),
            .source(.init(share: share, listing: 1, size: 0, isOpen: true)), .pull(from: 0, to: 0),
            .pull(from: 1 << 33, to: 1 << 34), .end(at: 77),
            .stop(.full, "no room"), .have(at: 1 << 50), .join([UInt8](repeating: 7, count: 32)), .more(5),
            .skip(at: 1 << 40, file: 999_999, .changed), .skip(at: 0, file: 0, .other),
        ]
        for frame in frames {
            #expect(try BulkFrame(type: frame.type, body: frame.body) == frame)
            for length in 0..<frame.body.count { _ = try? BulkFrame(type: frame.type, body: frame.body.prefix(length)) }
            for bit in 0..<frame.body.count * 8 {
                var body = frame.body
                body[bit / 8] ^= 1 << UInt8(bit % 8)
                if let read = try? BulkFrame(type: frame.type, body: body) {
                    #expect((try? BulkFrame(type: read.type, body: read.body)) == read)
                }
            }
        }
        for type in UInt8.min...UInt8.max
        where ![0x00, 0x20, 0x21, 0x22, 0x24, 0x25, 0x26, 0x27, 0x28, 0x2A, 0x2B, 0x2C].contains(type) {
            #expect(throws: ProtocolError.unknownFrame(type)) { try BulkFrame(type: type, body: []) }
        }
        let bad: [(UInt8, [UInt8])] = [
            (0x20, []), (0x21, []),
            (0x21, BulkFrame.source(.init(share: share, listing: 1 << 29, size: 1, isOpen: false)).body),
            (0x21, BulkFrame.source(.init(share: share, listing: 5, size: 1 << 63, isOpen: false)).body),
            (0x21, BulkFrame.source(.init(share: share, listing: 5, size: 5, isOpen: true)).body),
            (0x22, BulkFrame.pull(from: 5, to: 4).body), (0x25, []), (0x2A, BulkFrame.join([1, 2]).body),
            (0x2B, BulkFrame.more(0).body),
        ]
        for (type, body) in bad { #expect(throws: ProtocolError.self) { try BulkFrame(type: type, body: body) } }
    }

    @Test func offersAreReadStrictly() throws {
        let offer = FileOffer(
            key: [UInt8](repeating: 7, count: 32), name: "plan.pdf", isFolder: true, tops: 3, files: 17, size: 1 << 40,
            isOpen: false, type: "application/pdf",
            picture: [1, 2, 3], duration: 61_000)
        var notes = TransferNotes()
        notes.rename("a/12:30", to: "a/12_30")
        notes.count(omitted: 3, renamed: 200)
        for content in [
            Content.file(offer), .answer(target: EnvelopeID(hash: .zero), .complete),
            .answer(target: EnvelopeID(hash: .zero), .complete, notes),
        ] {
            #expect(Content(kind: content.kind, payload: content.payload) == content)
            for length in 0..<content.payload.count {
                _ = Content(kind: content.kind, payload: Array(content.payload.prefix(length)))
            }
            for bit in 0..<content.payload.count * 8 {
                var payload = content.payload
                payload[bit / 8] ^= 1 << UInt8(bit % 8)
                let read = Content(kind: content.kind, payload: payload)
                if case .unknown = read { continue }
                #expect(Content(kind: read.kind, payload: read.payload) == read)
            }
        }
        #expect(
            Content(kind: 5, payload: FileOffer(key: offer.key, name: "x", files: 1, size: 1 << 63).encoded)
                == .unknown(kind: 5))
        #expect(
            Content(kind: 5, payload: FileOffer(key: offer.key, name: "x", files: 1_000_001, size: 1).encoded)
                == .unknown(kind: 5))
        #expect(Content(kind: 6, payload: []) == .unknown(kind: 6))
    }

    @Test func goesToAllOrToNone() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob", "Cleo"], seed: 7)
        lan.introduceAll()
        lan.run(for: 1_000)
        let (bob, cleo) = (lan.hosts[1].identity.person, lan.hosts[2].identity.person)
        lan.ask(0) { engine, _ in engine.block(cleo) }
        lan.run(for: 1_000)
        let (offer, share) = Self.offer(1, size: 20_000)
        lan.ask(0) { engine, now in
            #expect(throws: Engine.Refusal.blocked) { try engine.say("to both", to: [bob, cleo], at: now) }
            #expect(throws: Engine.Refusal.blocked) { try engine.offer(offer, share, to: [bob, cleo], at: now) }
            #expect(engine.openTransfers.isEmpty && engine.usedShares.isEmpty)
            return []
        }
        // The log goes on where it was: what is said next is what Bob is waiting for.
        let said = lan.say("to Bob", from: 0, to: 1)
        let word = try #require(said)
        lan.run(for: 2_000)
        #expect(lan.hosts[1].disk.stored.contains { $0.id == word })
        #expect(self.offer(&lan, 2, from: 0, to: [1]).count == 1)
        lan.run(for: 2_000)
        #expect(lan.hosts[1].engine?.openTransfers.count == 1)
    }

    /// Who was let see a listing, and says yes meanwhile, fetches the rest there: that is a transfer as any other.
    @Test func aLookThatBecomesTheFetchCounts() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob"], seed: 8)
        lan.introduceAll()
        lan.run(for: 1_000)
        let ids = self.offer(&lan, 1, from: 0, to: [1])
        lan.run(for: 1_000)
        let id = ids[0]
        let bob = lan.hosts[1].identity.device
        func halts(_ effects: [Effect]) -> [StopReason] {
            effects.compactMap { if case .bulk(.halt(id, let reason)) = $0 { reason } else { nil } }
        }
        lan.ask(0) { engine, now in
            #expect(engine.openTransfers.first?.have == 0)
            #expect(halts(engine.handle(.bulk(.gives(id, to: bob)), at: now)).isEmpty)
            #expect(engine.isRunning(id))
            _ = engine.handle(.bulk(.came(id, have: 40)), at: now)
            #expect(engine.openTransfers.first?.have == 40)
            // Its end is told too, as of any other.
            let ended = engine.handle(.bulk(.ended(id, .changed("a"))), at: now)
            #expect(!ended.isEmpty && !engine.isRunning(id))
            return []
        }
    }

    @Test func aLookAtWhatIsPausedOrGoneGivesNothing() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob"], seed: 8)
        lan.introduceAll()
        lan.run(for: 1_000)
        let ids = self.offer(&lan, 1, from: 0, to: [1])
        lan.run(for: 1_000)
        let bob = lan.hosts[1].identity.device
        lan.ask(0) { engine, now in
            _ = try? engine.pause(ids[0])
            let paused = engine.handle(.bulk(.gives(ids[0], to: bob)), at: now)
            #expect(paused.contains { if case .bulk(.halt(ids[0], .paused)) = $0 { true } else { false } })
            _ = try? engine.withdraw(ids[0], at: now)
            let gone = engine.handle(.bulk(.gives(ids[0], to: bob)), at: now)
            #expect(gone.contains { if case .bulk(.halt(ids[0], .notOffered)) = $0 { true } else { false } })
            return []
        }
    }

    @Test func aGiverWithoutRoomIsNotAskedInAHurry() throws {
        var lan = try SimulatedLAN(names: ["Anna", "Bob"], seed: 8)
        lan.introduceAll()
        lan.run(for: 1_000)
        let ids = self.offer(&lan, 1, from: 0, to: [1])
        lan.run(for: 1_000)
        for reason in [StopReason.full, .unwritable] {
            lan.ask(1) { engine, now in
                var effects = (try? engine.accept(ids[0], into: "/there", at: now)) ?? []
                effects += engine.settle(at: now)
                effects += engine.handle(.bulk(.ended(ids[0], .stopped(reason, ""))), at: now)
                let again = engine.settle(at: now)
                #expect(!again.contains { if case .bulk(.callToFetch) = $0 { true } else { false } })
                #expect(
                    !again.contains {
                        if case .transmit(let frames, _) = $0 {
                            frames.contains { if case .fetch = $0 { true } else { false } }
                        } else {
                            false
                        }
                    })
                return []
            }
        }
    }
}
