import EarshotModel
import EarshotRules
import EarshotTesting
import EarshotWire
import Testing

/// Whom we know, and who may ask us what (Protocol.md 10).
@Suite struct ContactsTests {
    private let anna: PersonID
    private let bob: PersonID

    init() throws {
        let samples = try Samples()
        (self.anna, self.bob) = (samples.anna.person, samples.bob.person)
    }

    private func person(_ number: Int) throws -> PersonID {
        try #require(PersonID([UInt8(number / 256), UInt8(number % 256)] + [UInt8](repeating: 3, count: 30)))
    }

    private func at(_ uptime: UInt64) -> Moment { Moment(wall: Timestamp(milliseconds: 9), uptime: uptime) }

    @Test func aStrangerIsKeptInMindOnly() {
        var contacts = Contacts([], policy: .ask)
        #expect(contacts.met(self.anna, wireVersion: 1) == nil)
        #expect(contacts[self.anna]?.trust == .new && !contacts.talks(self.anna))
        let isNews = (0..<2).map { _ in contacts.named(self.anna, "Anna").isNews }
        #expect(isNews == [true, false])
    }

    @Test func aYesIsSaidOnce() {
        var contacts = Contacts([], policy: .ask)
        #expect(contacts.accept(self.anna, at: self.at(1))?.trust == .accepted)
        #expect(contacts.accept(self.anna, at: self.at(2)) == nil)
        #expect(contacts.talks(self.anna))
    }

    @Test func whoIsBlockedIsAStrangerAgainAfterwards() {
        var contacts = Contacts([], policy: .ask)
        #expect(contacts.unblock(self.anna) == nil)
        #expect(contacts.block(self.anna).trust == .blocked)
        #expect(contacts.blocked == [self.anna] && !contacts.talks(self.anna))
        #expect(contacts.requested(self.anna, text: "please", at: self.at(1)) == nil, "not heard")
        #expect(contacts.unblock(self.anna)?.trust == .new)
        #expect(contacts.blocked.isEmpty)
    }

    @Test func aConflictIsNotedOnceAndOnlyOfWhoWeTalkTo() {
        var contacts = Contacts([], policy: .ask)
        #expect(contacts.conflict(self.anna) == nil)
        _ = contacts.accept(self.anna, at: self.at(1))
        #expect(contacts.conflict(self.anna)?.trust == .conflict)
        #expect(contacts.conflict(self.anna) == nil)
        #expect(contacts.talks(self.anna))
    }

    @Test func eightMayAskAtOnceAndThenOneInSevenSeconds() throws {
        var contacts = Contacts([], policy: .ask)
        let heard = try (0..<20).filter { contacts.requested(try self.person($0), text: "hi", at: self.at(0)) != nil }
        #expect(heard.count == 8)
        #expect(contacts.requested(try self.person(30), text: "hi", at: self.at(7_000)) == nil)
        #expect(contacts.requested(try self.person(30), text: "hi", at: self.at(7_500)) != nil)
    }

    @Test func sixtyFourRequestsAreKept() throws {
        var contacts = Contacts([], policy: .ask)
        let heard = try (0..<200).filter {
            contacts.requested(try self.person($0), text: "hi", at: self.at(UInt64($0) * 60_000)) != nil
        }
        #expect(heard.count == Limits.requestsKept)
        _ = contacts.accept(try self.person(0), at: self.at(1))
        #expect(contacts.requested(try self.person(300), text: "hi", at: self.at(99_000_000)) != nil)
    }

    @Test func whoAsksTwiceIsHeardOnceAndInNoMoreWordsThanMayBe() {
        var contacts = Contacts([], policy: .ask)
        let first = contacts.requested(self.anna, text: String(repeating: "x", count: 5_000), at: self.at(0))
        #expect(first?.request?.utf8.count == Limits.requestBytes && first?.requestedAt != nil)
        #expect(contacts.requested(self.anna, text: "again", at: self.at(0)) == nil)
    }

    @Test func aPetnameIsCleanedAndTakenAway() {
        var contacts = Contacts([], policy: .ask)
        #expect(contacts.rename(self.anna, "  Ann\u{7}a ").petname == SafeText.name("  Ann\u{7}a "))
        #expect(contacts.rename(self.anna, "").petname == nil)
    }

    @Test func aNameThatLooksLikeAFriendsIsSeen() {
        var contacts = Contacts([], policy: .ask)
        _ = contacts.named(self.anna, "Anna")
        _ = contacts.accept(self.anna, at: self.at(1))
        _ = contacts.named(self.bob, "Аnna")
        #expect(contacts.lookAlike(of: self.bob)?.person == self.anna)
        #expect(contacts.lookAlike(of: self.anna) == nil)
        #expect(contacts.holder(ofPetname: "ANNA", besides: self.bob)?.person == self.anna)
        _ = contacts.rename(self.bob, "Bob")
        #expect(contacts.lookAlike(of: self.bob) == nil, "they are shown under our name for them")
    }
}

/// Who is verified, and when it is not certain who somebody is (Protocol.md 18).
@Suite struct TrustTests {
    private let anna: PersonID
    private let bob: PersonID

    init() throws {
        let samples = try Samples()
        (self.anna, self.bob) = (samples.anna.person, samples.bob.person)
    }

    private func both() -> Contacts {
        var contacts = Contacts([], policy: .ask)
        for (index, person) in [self.anna, self.bob].enumerated() {
            _ = contacts.named(person, index == 0 ? "Anna" : "Bob")
            _ = contacts.accept(
                person, at: Moment(wall: Timestamp(milliseconds: UInt64(index)), uptime: UInt64(index)))
        }
        return contacts
    }

    @Test func onlyWhoWeTalkToIsVerifiedAndBlockingEndsIt() {
        var contacts = Contacts([], policy: .ask)
        #expect(contacts.verify(self.anna) == nil)
        contacts = self.both()
        #expect(contacts.verify(self.anna)?.trust == .verified && contacts.talks(self.anna))
        #expect(contacts.rename(self.anna, "A.").trust == .verified, "a name of ours changes nothing")
        _ = contacts.block(self.anna)
        #expect(contacts.unblock(self.anna)?.trust == .new)
        #expect(contacts.unverify(self.anna) == nil)
        #expect(contacts.verify(self.bob) != nil && contacts.unverify(self.bob)?.trust == .accepted)
    }

    @Test func whoTakesAContactsNameIsInConflict() {
        var contacts = self.both()
        _ = contacts.verify(self.anna)
        let taken = contacts.named(self.anna, "Βob")
        #expect(taken.isTaken && taken.contact.trust == .conflict && taken.contact.conflict == .name)
        #expect(contacts.lookAlike(of: self.anna)?.person == self.bob, "although she was known first")
        #expect(contacts.lookAlike(of: self.bob) == nil)
        #expect(contacts.talks(self.anna))
        #expect(!contacts.named(self.anna, "B0b").isTaken, "it is known already")
        var trusted = contacts
        #expect(trusted.trust(self.anna)?.trust == .verified && trusted[self.anna]?.conflict == nil)
        #expect(trusted.trust(self.anna) == nil)
        #expect(contacts.rename(self.anna, "Anna from the lab").trust == .verified, "a name of ours settles it")
    }

    @Test func aNameThatWasThereBeforeIsNoConflict() {
        var contacts = self.both()
        #expect(!contacts.named(self.anna, "Annä").isTaken, "it reads the same as before")
        #expect(!contacts.named(self.anna, "Carol").isTaken)
        _ = contacts.rename(self.anna, "A.")
        #expect(!contacts.named(self.anna, "Bob").isTaken, "under a name of ours they are nobody else")
        var strangers = Contacts([], policy: .ask)
        _ = strangers.named(self.bob, "Bob")
        _ = strangers.accept(self.bob, at: Moment(wall: Timestamp(milliseconds: 1), uptime: 1))
        _ = strangers.named(self.anna, "Anna")
        #expect(!strangers.named(self.anna, "Bob").isTaken, "of a stranger it is shown, and nothing is sent anyway")
    }

    @Test func twoDeviceListsStayKnownAfterADecision() {
        var contacts = self.both()
        _ = contacts.verify(self.anna)
        #expect(contacts.conflict(self.anna)?.conflict == .deviceLists)
        #expect(contacts.rename(self.anna, "A.").trust == .conflict, "a name does not settle that")
        #expect(contacts.trust(self.anna)?.trust == .accepted, "what was compared does not count any more")
        #expect(contacts.conflict(self.anna) == nil, "it was decided")
        #expect(contacts.verify(self.anna)?.trust == .verified && contacts[self.anna]?.conflict == .deviceLists)
        _ = contacts.block(self.anna)
        #expect(contacts.unblock(self.anna)?.conflict == nil)
    }
}
