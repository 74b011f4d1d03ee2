import EarshotModel
import EarshotStore
import EarshotTesting
import EarshotWire
import Foundation
import Testing

/// What the rules may rely on, of whatever keeps their facts: the store, and the simulated disk that the simulated
/// network uses.
protocol FactDisk {
    mutating func commit(_ facts: [Fact]) throws
    func snapshot() throws -> Snapshot
    /// Seq and bytes, or no bytes where they were dropped.
    func envelopes(_ log: LogID, from: UInt64, to: UInt64, mostBytes: Int) throws -> [(seq: UInt64, wire: [UInt8]?)]
    func receipts(of message: Envelope) throws -> Set<Receipt>
    /// The process ends without another word, and begins again from what was committed.
    mutating func crash() throws
}

/// The store, and Anna's.
struct StoredDisk: FactDisk {
    private let folder: String
    private let me: PersonID
    private var store: Store

    init(_ me: PersonID) throws {
        self.me = me
        self.folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        self.store = try Store(
            path: self.folder + "/0.db", generation: [UInt8](repeating: 5, count: 32), reader: Envelope.kept)
    }

    mutating func commit(_ facts: [Fact]) throws { try self.store.commit(facts, me: self.me) }
    func snapshot() throws -> Snapshot { try self.store.snapshot() }

    func envelopes(_ log: LogID, from: UInt64, to: UInt64, mostBytes: Int) throws -> [(seq: UInt64, wire: [UInt8]?)] {
        try self.store.envelopes(log, from: from, to: to, mostBytes: mostBytes).map { stored in
            switch stored {
            case .wire(let seq, let wire): (seq, wire)
            case .gone(let seq, _): (seq, nil)
            }
        }
    }

    func receipts(of message: Envelope) throws -> Set<Receipt> { Set(try self.store.receipts(of: message.id)) }

    /// The files as they are at this moment, elsewhere.
    mutating func crash() throws {
        let next = self.folder + "/" + UUID().uuidString + ".db"
        for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(atPath: self.store.path + suffix, toPath: next + suffix)
        }
        self.store = try Store(path: next, generation: [], reader: Envelope.kept)
    }
}

struct SimulatedFactDisk: FactDisk {
    private let me: PersonID
    private var disk = SimulatedDisk(generation: [UInt8](repeating: 5, count: 32))

    init(_ me: PersonID) { self.me = me }

    mutating func commit(_ facts: [Fact]) throws { self.disk.commit(facts) }
    func snapshot() throws -> Snapshot { self.disk.snapshot }

    func envelopes(_ log: LogID, from: UInt64, to: UInt64, mostBytes: Int) throws -> [(seq: UInt64, wire: [UInt8]?)] {
        self.disk.envelopes(log, from: from, to: to, mostBytes: mostBytes).map { ($0.seq, $0.body?.wire) }
    }

    func receipts(of message: Envelope) throws -> Set<Receipt> {
        Set(self.disk.receipts(of: message.id, by: self.me, in: message.conversation))
    }

    mutating func crash() throws {}
}

@Suite struct DiskContractTests {
    enum Kind: CaseIterable, Sendable { case stored, simulated }

    static let noon = Timestamp(milliseconds: 1_700_000_000_500)
    let samples: Samples
    init() throws { self.samples = try Samples() }

    var anna: PersonID { self.samples.anna.person }
    var bob: PersonID { self.samples.bob.person }

    func disk(_ kind: Kind) throws -> any FactDisk {
        switch kind {
        case .stored: try StoredDisk(self.anna)
        case .simulated: SimulatedFactDisk(self.anna)
        }
    }

    func at(_ milliseconds: UInt64) -> Timestamp { Timestamp(milliseconds: Self.noon.milliseconds + milliseconds) }

    func facts(_ envelopes: some Sequence<VerifiedEnvelope>) -> [Fact] {
        envelopes.map { .envelope($0.envelope, Content(of: $0.envelope), author: self.anna, arrived: Self.noon) }
    }

    @Test(arguments: Kind.allCases) func whatWasCommittedIsReadBack(kind: Kind) throws {
        var disk = try self.disk(kind)
        let bobs = self.samples.bob
        var contact = Contact(
            person: self.bob, name: "Bob", trust: .requested, request: "may I?", requestedAt: Self.noon)
        try disk.commit([
            .contact(contact), .manifest(bobs.manifest), .certificate(bobs.certificate), .setting("name", "Anna"),
            .setting("gone", "x"),
        ])
        contact.trust = .accepted
        try disk.commit([
            .contact(contact), .manifest(bobs.manifest), .certificate(bobs.certificate), .setting("name", "Anne"),
            .setting("gone", nil),
            .staticPeer("b:1", true), .staticPeer("a:1", true), .staticPeer("b:1", false),
            .generation([UInt8](repeating: 6, count: 32)),
        ])
        for _ in 0..<2 {
            let snapshot = try disk.snapshot()
            #expect(
                snapshot.contacts == [contact] && snapshot.settings == ["name": "Anne"]
                    && snapshot.staticPeers == ["a:1"])
            #expect(snapshot.manifests == [bobs.manifest.wire] && snapshot.certificates == [bobs.certificate.wire])
            #expect(snapshot.generation == [UInt8](repeating: 6, count: 32))
            try disk.crash()
        }
    }

    @Test(arguments: Kind.allCases) func theFirstWordsAreKnownUntilSomebodyHoldsThem(kind: Kind) throws {
        var disk = try self.disk(kind)
        #expect(try disk.snapshot().firstWords.isEmpty)
        let envelopes = self.samples.words("hello", "are you there?")
        let first = envelopes[0].envelope
        try disk.commit(self.facts(envelopes))
        try disk.crash()
        #expect(try disk.snapshot().firstWords == [first.conversation: "hello"])
        try disk.commit([
            .held(
                first.conversation, first.log, by: self.samples.bob.device, of: self.bob, seq: 1, id: first.id,
                at: self.at(1))
        ])
        #expect(try disk.snapshot().firstWords.isEmpty)
    }

    @Test(arguments: Kind.allCases) func theNewestEightAddressesOfADeviceAreKept(kind: Kind) throws {
        var disk = try self.disk(kind)
        let endpoints = try (1...10).map { try #require(Endpoint(address: [10, 0, 0, $0], port: 47_447)) }
        for (number, endpoint) in endpoints.enumerated() {
            try disk.commit([.reached(self.samples.bob.device, self.bob, endpoint, at: self.at(UInt64(number)))])
        }
        try disk.commit([.reached(self.samples.bob.device, self.bob, endpoints[2], at: self.at(100))])
        try disk.crash()
        #expect(try disk.snapshot().addresses.map(\.endpoint) == [endpoints[2]] + endpoints[3...].reversed())
    }

    @Test(arguments: Kind.allCases) func aLogIsGivenInOrderPageByPage(kind: Kind) throws {
        var disk = try self.disk(kind)
        let envelopes = self.samples.chain((0..<20).map { .text(.init("\($0) " + String(repeating: "x", count: 900))) })
        for pair in stride(from: 0, to: 20, by: 2) { try disk.commit(self.facts(envelopes[pair..<pair + 2])) }
        try disk.commit(self.facts(envelopes.reversed()))
        for _ in 0..<2 {
            #expect(
                try disk.snapshot().heads.map(\.seq) == [20]
                    && disk.snapshot().heads.first?.id == envelopes[19].envelope.id)
            #expect(try disk.snapshot().latest == envelopes[19].envelope.stamp)
            var read: [[UInt8]] = []
            var pages = 0
            while read.count < 20 {
                let page = try disk.envelopes(self.samples.log, from: UInt64(read.count) + 1, to: 20, mostBytes: 4_000)
                #expect(page.first?.seq == UInt64(read.count) + 1 && (2...4).contains(page.count))
                guard !page.isEmpty else { break }
                read += page.compactMap(\.wire)
                pages += 1
            }
            #expect(read == envelopes.map(\.envelope.wire) && pages > 4)
            #expect(
                try disk.envelopes(self.samples.log, from: 5, to: 5, mostBytes: 1).map(\.seq) == [5], "one at least")
            #expect(try disk.envelopes(self.samples.log, from: 21, to: 30, mostBytes: 4_000).isEmpty)
            try disk.crash()
        }
    }

    @Test(arguments: Kind.allCases) func theFirstInItsPlaceCounts(kind: Kind) throws {
        var disk = try self.disk(kind)
        let (one, other) = (self.samples.words("one", "two"), self.samples.words("other"))
        let (conversation, device, log) = (self.samples.conversation, self.samples.anna.device, self.samples.log)
        try disk.commit(self.facts(one))
        try disk.commit(self.facts(other) + [.gone(conversation, device, log, seq: 2, id: other[0].envelope.id)])
        try disk.commit([.gone(conversation, device, log, seq: 3, id: other[0].envelope.id)])
        try disk.crash()
        #expect(
            try disk.envelopes(log, from: 1, to: 9, mostBytes: 1 << 20).map(\.wire) == one.map { $0.envelope.wire } + [
                nil
            ])
        #expect(try disk.snapshot().heads.map(\.seq) == [3])
    }

    @Test(arguments: Kind.allCases) func receiptsAreOfEachPerson(kind: Kind) throws {
        var disk = try self.disk(kind)
        let carol = try Identity.create(
            personSeed: [UInt8](repeating: 31, count: 32), signingSeed: [UInt8](repeating: 32, count: 32),
            agreementSeed: [UInt8](repeating: 33, count: 32), name: "Carol", issued: 1_700_000_000)
        let envelopes = self.samples.words("one", "two", "three").map(\.envelope)
        let (conversation, log) = (self.samples.conversation, self.samples.log)
        func held(_ who: Identity, _ seq: Int, _ at: UInt64, _ id: EnvelopeID? = nil) -> Fact {
            .held(
                conversation, log, by: who.device, of: who.person, seq: UInt64(seq), id: id ?? envelopes[seq - 1].id,
                at: self.at(at))
        }
        func read(_ who: PersonID, _ seq: UInt64, _ at: UInt64) -> Fact {
            .read(conversation, log, by: who, seq: seq, at: self.at(at))
        }
        try disk.commit(self.facts(self.samples.words("one", "two", "three")))
        try disk.commit([held(self.samples.bob, 3, 9, envelopes[0].id)])
        #expect(
            try disk.receipts(of: envelopes[2]).allSatisfy { $0.deliveredAt == nil }, "another id than ours is none")
        try disk.commit([held(self.samples.bob, 2, 10), read(self.bob, 1, 5)])
        // Twice, and less than before, says nothing new; what was read was there.
        try disk.commit([
            held(self.samples.bob, 2, 30), held(self.samples.bob, 1, 31), read(carol.person, 2, 20), held(carol, 3, 40),
        ])
        func receipt(_ person: PersonID, _ delivered: UInt64?, _ read: UInt64?) -> Receipt {
            Receipt(person: person, deliveredAt: delivered.map(self.at), readAt: read.map(self.at))
        }
        for _ in 0..<2 {
            #expect(try disk.receipts(of: envelopes[0]) == [receipt(self.bob, 10, 10), receipt(carol.person, 20, 20)])
            #expect(try disk.receipts(of: envelopes[1]) == [receipt(self.bob, 10, nil), receipt(carol.person, 20, 20)])
            #expect(
                try disk.receipts(of: envelopes[2]) == [receipt(self.bob, nil, nil), receipt(carol.person, 40, nil)])
            #expect(
                try Set(disk.snapshot().held.map(\.seq)) == [2, 3] && Set(disk.snapshot().reads.map(\.seq)) == [1, 2])
            try disk.crash()
        }
    }

    @Test(arguments: Kind.allCases) func whatIsKnownOfRoomsIsReadBack(kind: Kind) throws {
        var disk = try self.disk(kind)
        let charter = self.samples.charter
        var room = KnownRoom(
            id: charter.room, charter: charter, standing: .invited, inviter: self.bob, number: 1, since: self.at(1))
        let operations = charter.room.operations
        let log = Derive.log(generation: self.samples.anna.device.bytes, operations)
        var before: Envelope?
        let written = [RoomOperation.joined, .joined].map { operation in
            let content = Content.room(operation)
            let envelope = Envelope.sign(
                conversation: operations, device: self.samples.anna.device, log: log, seq: (before?.seq ?? 0) + 1,
                prev: before?.id, parents: [], stamp: HybridTime(raw: 1_700_000_000_000 << 16), membership: 1,
                kind: content.kind, payload: content.payload, with: self.samples.anna.signing
            ).envelope
            before = envelope
            return Fact.envelope(envelope, content, author: self.anna, arrived: Self.noon)
        }
        let (talk, other) = (Derive.talk(charter.room), Derive.log(generation: self.bob.bytes, operations))
        let start = LogStart(log: other, device: self.samples.bob.device, seq: 7, id: EnvelopeID(hash: self.bob.hash))
        let stretch = Stretch(log: other, membership: 3)
        try disk.commit([.room(room), .members(talk, [self.anna])] + written)
        room.standing = .joined
        try disk.commit([
            .room(room), .members(talk, [self.anna, self.bob]), .begins(talk, start),
            .shown(talk, stretch, ShownLimit(all: 9, words: 1)), .shown(talk, stretch, .everything),
        ])
        let wires = written.compactMap { if case .envelope(let envelope, _, _, _) = $0 { envelope.wire } else { nil } }
        for _ in 0..<2 {
            let snapshot = try disk.snapshot()
            #expect(snapshot.rooms == [room] && snapshot.operations.map(\.wire) == wires)
            #expect(snapshot.operations.allSatisfy { $0.author == self.anna })
            #expect(snapshot.shown == [stretch: .everything] && snapshot.starts == [other: 7])
            #expect(Set(snapshot.heads.map(\.seq)) == [2, 7])
            try disk.crash()
        }
    }
}
