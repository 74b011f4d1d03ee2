import EarshotModel
import EarshotRules
import EarshotTesting
import EarshotWire
import Testing

/// What a keeper takes, gives, refuses and erases.
@Suite struct KeepingTests {
    private let samples: Samples
    private let (anna, bob, carol): (PersonID, PersonID, PersonID)
    private let device: DeviceID
    private let mailbox: MailboxKey
    private static let day: UInt64 = 86_400_000
    /// In 2026.
    private static let wall: UInt64 = 20_500 * Self.day + 5_000

    init() throws {
        let samples = try Samples()
        self.samples = samples
        (self.anna, self.bob) = (samples.anna.person, samples.bob.person)
        self.carol = PersonID(hash: samples.anna.device.hash)
        (self.device, self.mailbox) = (samples.bob.device, samples.bobsMailbox)
    }

    private func moment(after days: UInt64 = 0) -> Moment {
        Moment(wall: Timestamp(milliseconds: Self.wall + days * Self.day), uptime: 1_000 + days * Self.day)
    }

    private func tag(after days: UInt32 = 0) -> MailboxTag {
        Derive.mailbox(self.mailbox, of: self.device, day: 20_500 + days)
    }

    /// Something that has the form of a blob; a keeper cannot tell the difference.
    private func blob(_ number: UInt32, _ tag: MailboxTag? = nil, size: Int = 1_200) throws -> SealedBlob {
        let head = Array("ESB1".utf8) + (tag ?? self.tag()).bytes + number.bigEndianBytes
        return try SealedBlob(decoding: head + [UInt8](repeating: 0, count: size - head.count))
    }

    private func link(_ number: UInt64) -> LinkID { LinkID(raw: number) }

    private func put(
        _ keeping: inout Keeping, _ blob: SealedBlob, by person: PersonID, mayLeave: Bool = true,
        most: Int = Limits.keptBytes
    ) -> MailAnswer? {
        let actions = keeping.put(
            blob, by: person, self.link(1), mayLeave: mayLeave, most: most, at: self.moment())
        for case .answer(blob.id, let answer, self.link(1)) in actions {
            // The answer comes behind what has to be on disk for it.
            if answer == .kept, actions.count > 1 {
                guard case .keep(.kept(let kept, blob.bytes)) = actions.first else { return nil }
                #expect(kept.depositor == person && kept.tag == blob.tag && kept.size == blob.bytes.count)
            }
            return answer
        }
        return nil
    }

    @Test func whatIsLeftIsGivenToItsDeviceAloneAndErasedOnceItHasIt() throws {
        var keeping = Keeping(MailSnapshot())
        let blobs = try (0..<3).map { try self.blob($0) }
        for blob in blobs { #expect(self.put(&keeping, blob, by: self.anna) == .kept) }
        // Who knows the key of the mailbox, but is another device, has another tag.
        #expect(keeping.take([self.mailbox], self.samples.anna.device, self.link(7), at: self.moment()).isEmpty)
        let other = MailboxKey(hash: self.samples.anna.device.hash)
        #expect(keeping.take([other], self.device, self.link(8), at: self.moment()).isEmpty)
        let given = keeping.take([self.mailbox], self.device, self.link(9), at: self.moment(after: 1))
        #expect(Set(given.count == 3 ? blobs.map(\.id) : []) == Set(given.compactMap { Self.given($0) }))
        // What was not given to them they cannot have erased.
        #expect(keeping.answered(blobs[0].id, .done, by: self.carol, self.link(7)).isEmpty)
        #expect(keeping.answered(blobs[0].id, .done, by: self.bob, self.link(9)) == [.keep(.keptGone(blobs[0].id))])
        #expect(keeping.answered(blobs[0].id, .done, by: self.bob, self.link(9)).isEmpty)
        #expect(keeping.answered(blobs[1].id, .later, by: self.bob, self.link(9)).isEmpty)
        #expect(keeping.total.blobs == 2 && keeping.depositors.map(\.usage.blobs) == [2])
        // It is given again when it is asked for again; what is open is not.
        let again = keeping.take([self.mailbox], self.device, self.link(9), at: self.moment())
        #expect(again == [.give(blobs[1].id, self.link(9))])
    }

    private static func given(_ action: Keeping.Action) -> BlobID? {
        if case .give(let id, _) = action { id } else { nil }
    }

    @Test func noMoreThanEightAreGivenUnanswered() throws {
        var keeping = Keeping(MailSnapshot())
        for number in 0..<20 { _ = try self.put(&keeping, self.blob(UInt32(number)), by: self.anna) }
        var open = keeping.take([self.mailbox], self.device, self.link(9), at: self.moment()).compactMap {
            Self.given($0)
        }
        #expect(open.count == Limits.givenAtOnce)
        var given = open.count
        while let id = open.popLast() {
            let next = keeping.answered(id, .done, by: self.bob, self.link(9)).compactMap { Self.given($0) }
            #expect(next.count <= 1 && open.count < Limits.givenAtOnce)
            open += next
            given += next.count
        }
        #expect(given == 20 && keeping.isEmpty && keeping.tagCount == 0 && keeping.depositors.isEmpty)
    }

    @Test func whatComesWhileItsDeviceIsHereIsGivenAtOnce() throws {
        var keeping = Keeping(MailSnapshot())
        #expect(keeping.take([self.mailbox], self.device, self.link(9), at: self.moment()).isEmpty)
        let today = try self.blob(1)
        let actions = keeping.put(
            today, by: self.anna, self.link(1), mayLeave: true, most: .max, at: self.moment())
        #expect(actions.last == .give(today.id, self.link(9)) && actions.count == 3)
        // Weeks later the same keys are good for the tags of then.
        let late = try self.blob(2, self.tag(after: 20))
        let later = keeping.put(
            late, by: self.anna, self.link(1), mayLeave: true, most: .max, at: self.moment(after: 20))
        #expect(later.last == .give(late.id, self.link(9)))
        keeping.closed(self.link(9))
        let gone = try self.blob(3)
        #expect(
            keeping.put(gone, by: self.anna, self.link(1), mayLeave: true, most: .max, at: self.moment()).count == 2)
    }

    @Test func oneDepositorFillsNoMoreThanTheirShare() throws {
        var keeping = Keeping(MailSnapshot())
        var answers: [MailAnswer: Int] = [:]
        for number in 0..<10_000 {
            let answer = try self.put(&keeping, self.blob(UInt32(number)), by: self.anna)
            answers[answer ?? .other(0), default: 0] += 1
        }
        #expect(answers == [.kept: Limits.keptBlobsEach, .full: 10_000 - Limits.keptBlobsEach])
        #expect(try self.put(&keeping, self.blob(20_000), by: self.carol) == .kept, "others still have room")
        #expect(keeping.total.blobs == Limits.keptBlobsEach + 1, "and nothing was pushed out")
        #expect(try self.put(&keeping, self.blob(5), by: self.anna) == .kept, "what is kept already stays so")
    }

    @Test func bytesAreCountedToo() throws {
        var keeping = Keeping(MailSnapshot())
        let most = Limits.keptBytesEach / Limits.sealedBytes
        for number in 0..<most {
            let blob = try self.blob(UInt32(number), size: Limits.sealedBytes)
            #expect(self.put(&keeping, blob, by: self.anna) == .kept)
        }
        #expect(try self.put(&keeping, self.blob(999, size: Limits.sealedBytes), by: self.anna) == .full)
        #expect(keeping.total.bytes == most * Limits.sealedBytes)
        // The setting may allow less in all.
        var small = Keeping(MailSnapshot())
        #expect(try self.put(&small, self.blob(1), by: self.anna, most: 2_000) == .kept)
        #expect(try self.put(&small, self.blob(2), by: self.carol, most: 2_000) == .full)
    }

    @Test func aMailboxHoldsNoMoreThanItsShare() throws {
        var keeping = Keeping(MailSnapshot())
        var kept = 0
        for person in 0..<4 {
            let depositor = PersonID(hash: try #require(Hash32([UInt8](repeating: UInt8(person), count: 32))))
            for number in 0..<200 {
                let blob = try self.blob(UInt32(person * 1_000 + number))
                if self.put(&keeping, blob, by: depositor) == .kept { kept += 1 }
            }
        }
        #expect(kept == Limits.keptBlobsTag)
        #expect(try self.put(&keeping, self.blob(9_999, self.tag(after: 1)), by: self.carol) == .kept)
    }

    @Test func whoIsNotKeptForIsRefused() throws {
        var keeping = Keeping(MailSnapshot())
        #expect(try self.put(&keeping, self.blob(1), by: self.anna, mayLeave: false) == .refused)
        #expect(keeping.isEmpty)
    }

    @Test func onlyWhoLeftItTakesItBack() throws {
        var keeping = Keeping(MailSnapshot())
        let blob = try self.blob(1)
        _ = self.put(&keeping, blob, by: self.anna)
        #expect(keeping.answered(blob.id, .withdrawn, by: self.carol, self.link(2)).isEmpty)
        #expect(keeping.answered(blob.id, .withdrawn, by: self.bob, self.link(3)).isEmpty)
        #expect(keeping.answered(blob.id, .withdrawn, by: self.anna, self.link(4)) == [.keep(.keptGone(blob.id))])
    }

    @Test func afterFourteenDaysItGoes() throws {
        var keeping = Keeping(MailSnapshot())
        let blob = try self.blob(1)
        _ = self.put(&keeping, blob, by: self.anna)
        #expect(keeping.wake(at: self.moment()).isEmpty)
        #expect(keeping.wakeAt.map { $0 <= 1_000 + 3_600_000 } ?? false)
        #expect(keeping.wake(at: self.moment(after: 13)).isEmpty)
        #expect(keeping.wake(at: self.moment(after: 14)) == [.keep(.keptGone(blob.id))])
        #expect(keeping.wake(at: self.moment(after: 15)).isEmpty && keeping.wakeAt == nil)
    }

    @Test func aClockThatWasNotSetErasesNothing() throws {
        var snapshot = MailSnapshot()
        let kept = KeptBlob(
            id: Derive.blob([1]), tag: self.tag(), depositor: self.anna, size: 1_200,
            at: Timestamp(milliseconds: 5_000))
        snapshot.kept = [kept]
        var keeping = Keeping(snapshot)
        #expect(keeping.wake(at: self.moment()).isEmpty, "it came before the clock was set")
        snapshot.kept = [
            KeptBlob(id: kept.id, tag: kept.tag, depositor: kept.depositor, size: kept.size, at: self.moment().wall)
        ]
        keeping = Keeping(snapshot)
        #expect(keeping.wake(at: Moment(wall: Timestamp(milliseconds: 9_000), uptime: 9_000)).isEmpty)
        #expect(keeping.total.blobs == 1)
    }
}
