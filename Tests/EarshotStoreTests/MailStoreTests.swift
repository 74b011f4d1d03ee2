import EarshotModel
import EarshotStore
import EarshotTesting
import EarshotWire
import Foundation
import Testing

/// What the disk keeps of sealed mail.
@Suite struct MailStoreTests {
    private let contract: DiskContractTests
    private let samples: Samples
    init() throws {
        self.contract = try DiskContractTests()
        self.samples = self.contract.samples
    }

    private var anna: PersonID { self.samples.anna.person }
    private var carol: PersonID { PersonID(hash: self.samples.anna.device.hash) }
    private var bytes: [UInt8] { [UInt8](repeating: 7, count: 1_200) }

    private func kept(_ number: UInt8, at: UInt64 = 0) throws -> KeptBlob {
        let tag = try #require(MailboxTag([UInt8](repeating: number, count: 16)))
        return KeptBlob(
            id: Derive.blob([number]), tag: tag, depositor: self.carol, size: 1_200, at: self.contract.at(at))
    }

    private func deposit(_ number: UInt8, from: UInt64, to: UInt64) -> Deposit {
        Deposit(
            blob: Derive.blob([number]), keeper: self.carol, recipient: self.samples.bob.person,
            device: self.samples.bob.device, conversation: self.samples.conversation, log: self.samples.log,
            from: from, to: to, size: 1_200, at: DiskContractTests.noon)
    }

    @Test(arguments: DiskContractTests.Kind.allCases) func whatIsKnownOfMailIsReadBack(
        kind: DiskContractTests.Kind
    ) throws {
        var disk = try self.contract.disk(kind)
        var own = [1, 2].map { number in
            OwnPrekey(
                made: self.contract.at(number), issued: self.contract.at(number + 10),
                seed: [UInt8](repeating: UInt8(number), count: 32), mailbox: self.samples.bobsMailbox)
        }
        let known = KnownPrekey(
            device: self.samples.bob.device, person: self.samples.bob.person, wire: self.samples.bobsPrekey.wire)
        let blobs = try [self.kept(2, at: 2), self.kept(1, at: 1), self.kept(3, at: 3)]
        try disk.commit(
            own.map { .mail(.own($0)) } + blobs.map { .mail(.kept($0, self.bytes)) } + [
                .mail(.known(KnownPrekey(device: known.device, person: known.person, wire: [1]))),
                .mail(.left(self.deposit(1, from: 1, to: 2))), .mail(.left(self.deposit(2, from: 3, to: 3))),
            ])
        // Kept already, it stays whose it is.
        let again = KeptBlob(
            id: blobs[1].id, tag: blobs[1].tag, depositor: self.anna, size: 1, at: self.contract.at(9))
        own[1].issued = self.contract.at(99)
        try disk.commit([
            .mail(.own(own[1])), .mail(.ownGone(made: own[0].made)), .mail(.known(known)),
            .mail(.keptGone(blobs[2].id)), .mail(.kept(again, self.bytes)), .mail(.leftGone(Derive.blob([1]))),
        ])
        for _ in 0..<2 {
            let mail = try disk.snapshot().mail
            #expect(mail.own == [own[1]] && mail.known == [known])
            #expect(Set(mail.kept) == Set(blobs.prefix(2)) && mail.left == [self.deposit(2, from: 3, to: 3)])
            try disk.crash()
        }
        try disk.commit([.mail(.knownGone(known.device)), .mail(.ownGone(made: own[1].made))])
        #expect(try disk.snapshot().mail.known.isEmpty && disk.snapshot().mail.own.isEmpty)
    }

    @Test func whereAMessageLiesIsSeenUntilItsReaderHasIt() throws {
        let store = try Store.inMemory(reader: Envelope.kept)
        let words = self.samples.words("one", "two", "three")
        try store.commit(self.contract.facts(words), me: self.anna)
        func keepers() throws -> [[PersonID]] {
            try store.history(self.samples.conversation, limit: 9).map(\.keepers)
        }
        #expect(try keepers() == [[], [], []])
        let first = try store.commit([.mail(.left(self.deposit(1, from: 1, to: 2)))], me: self.anna)
        #expect(try keepers() == [[self.carol], [self.carol], []])
        func told(since cursor: UInt64) throws -> [String] {
            try store.changes(since: cursor).compactMap { change in
                guard case .message(let message, .left) = change.subject else { return nil }
                return message.text
            }
        }
        #expect(try told(since: first - 1) == ["one", "two"])
        // A longer one takes its place: of what lay there before nothing is told.
        let second = try store.commit(
            [.mail(.left(self.deposit(2, from: 1, to: 3))), .mail(.leftGone(Derive.blob([1])))], me: self.anna)
        #expect(try keepers() == [[self.carol], [self.carol], [self.carol]])
        #expect(try told(since: second - 1) == ["three"])
        // The reader has two of them.
        let envelope = words[1].envelope
        try store.commit(
            [
                .held(
                    envelope.conversation, envelope.log, by: self.samples.bob.device, of: self.samples.bob.person,
                    seq: 2, id: envelope.id, at: DiskContractTests.noon)
            ], me: self.anna)
        #expect(try keepers() == [[], [], [self.carol]])
        let last = try store.commit([.mail(.leftGone(Derive.blob([2])))], me: self.anna)
        #expect(try keepers() == [[], [], []] && told(since: last - 1) == ["three"])
    }

    @Test func whatIsDeletedIsToBeWithdrawnFromWhereItLies() throws {
        let store = try Store.inMemory(reader: Envelope.kept)
        let words = self.samples.words("one", "two", "three")
        try store.commit(
            self.contract.facts(words) + [
                .mail(.left(self.deposit(1, from: 1, to: 2))), .mail(.left(self.deposit(2, from: 3, to: 3))),
            ], me: self.anna)
        let log = self.samples.chain([
            .text(.init("one")), .text(.init("two")), .text(.init("three")), .delete(target: words[1].envelope.id),
        ])
        let outcome = try store.take(self.contract.facts(Array(log.suffix(1))), me: self.anna)
        #expect(outcome.dropped.map(\.seq) == [2] && outcome.dropped.map(\.log) == [self.samples.log])
        let left = try store.snapshot(me: self.anna).mail.left.sorted { $0.from < $1.from }
        #expect(left.map(\.from) == [1, 3] && left.map(\.to) == [0, 3], "the first stands for nothing")
        #expect(try store.history(self.samples.conversation, limit: 9).map(\.keepers) == [[], [], [self.carol]])
    }

    @Test func theBytesOfABlobGoWithIt() throws {
        let store = try Store.inMemory(reader: Envelope.kept)
        let blob = try self.kept(1)
        try store.commit([.mail(.kept(blob, self.bytes))], me: self.anna)
        #expect(try store.blob(blob.id) == self.bytes)
        try store.commit([.mail(.keptGone(blob.id))], me: self.anna)
        #expect(try store.blob(blob.id) == nil)
    }
}
