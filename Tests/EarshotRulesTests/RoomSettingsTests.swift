import EarshotModel
import EarshotRules
import EarshotWire
import Testing

private typealias R = RoomStory

/// What is set in a room, and who may write there (Protocol.md 17).
@Suite struct RoomSettingsTests {
    private static let pin = RoomSetting.Key.pin(EnvelopeID(hash: R.hash(200)))

    @Test func theNextNumberCountsAndOfTheSameTheHighestId() {
        var room = R()
        room.join(R.b)
        room.set(.topic, 1, text: "one", owner: nil)
        room.set(.topic, 2, text: "low", owner: nil, id: 3)
        room.set(.topic, 2, text: "high", by: R.b, owner: nil, id: 4)
        #expect(room.state.topic == "high" && room.state.settings[.topic]?.number == 2)
    }

    @Test func oneFurtherAheadWaitsForThoseBeforeIt() {
        var room = R()
        room.set(.name, 1, text: "one")
        room.set(.name, 3, text: "three")
        #expect(room.state.name == "one")
        room.set(.name, 2, text: "two")
        #expect(room.state.name == "three")
    }

    @Test func membersSetTopicAndPinsAndNothingElse() {
        var room = R()
        room.join(R.b)
        room.set(.topic, 1, text: "b's", by: R.b, owner: nil)
        room.set(Self.pin, 1, value: 1, by: R.b, owner: nil)
        room.set(.name, 1, text: "b's", by: R.b, owner: nil)
        room.set(.lifetime, 1, value: 1, by: R.b, owner: nil)
        room.set(.writer(R.b), 1, value: 1, by: R.b, owner: nil)
        room.set(.topic, 2, text: "a stranger's", by: R.c, owner: nil)
        let state = room.state
        #expect(state.topic == "b's" && state.pins.count == 1 && state.name == "ops" && state.lifetime == 0)
        #expect(state.settings.count == 2)
    }

    @Test func whereOnlySomeMayWriteOnlyTheOwnerSets() {
        var room = R(isAnnouncement: true)
        room.join(R.b)
        room.set(.topic, 1, text: "b's", by: R.b, owner: nil)
        room.set(Self.pin, 1, value: 1, by: R.b, owner: nil)
        #expect(room.state.settings.isEmpty)
        room.set(.topic, 1, text: "a's")
        #expect(room.state.topic == "a's")
    }

    @Test func aPinIsTakenBack() {
        var room = R()
        room.set(Self.pin, 1, value: 1)
        room.set(Self.pin, 2, value: 0)
        #expect(room.state.pins.isEmpty && room.state.settings.count == 1)
    }

    @Test func whatSomebodyTakenOutSetAboveTheirCutDoesNotCount() {
        var room = R()
        room.join(R.b)
        room.set(.topic, 1, text: "kept", by: R.b, owner: nil)
        let cut = room.cut(R.b)
        room.set(.topic, 2, text: "gone", by: R.b, owner: nil)
        room.tell(R.a, .remove(RoomMembership(R.b, 1), owner: 1, cut: cut))
        #expect(room.state.topic == "kept")
    }

    /// They left gaps, which the next owner fills one by one.
    @Test func whatAFormerOwnerWroteForLaterComesNotAfterWhatTheNextOneSets() {
        var room = R()
        room.join(R.b)
        room.set(.lifetime, 1, value: 60_000)
        for number: UInt64 in [3, 5, 7, 9] { room.set(.lifetime, number, value: 1) }
        room.transfer(to: R.b, by: R.a, owner: 1)
        room.set(.lifetime, 2, value: 0, by: R.b, owner: 2)
        #expect(room.state.lifetime == 0 && room.state.settings[.lifetime]?.number == 2)
        room.set(.lifetime, 3, value: 5, by: R.b, owner: 2)
        #expect(room.state.lifetime == 5)
    }

    // MARK: who may write

    @Test func inAnAnnouncementRoomTheOwnerAndWritersAreShown() {
        let log = R.log(R.b, 9)
        var room = R(isAnnouncement: true)
        room.join(R.b)
        #expect(room.state.limit(of: log, by: R.b, 1) == ShownLimit(all: .max, words: 0))
        #expect(!room.state.mayWrite(R.b) && room.state.mayWrite(R.a))
        #expect(room.state.limit(of: log, by: R.a, 1) == .everything)
        room.set(.writer(R.b), 1, value: 1)
        #expect(room.state.limit(of: log, by: R.b, 1) == .everything && room.state.mayWrite(R.b))
        room.set(.writer(R.b), 2, value: 0, cut: [log: 4])
        #expect(room.state.limit(of: log, by: R.b, 1) == ShownLimit(all: .max, words: 4))
        #expect(room.state.limit(of: R.log(R.b, 8), by: R.b, 1).words == 0 && !room.state.mayWrite(R.b))
        room.tell(R.a, .remove(RoomMembership(R.b, 1), owner: 1, cut: [log: 2]))
        #expect(room.state.limit(of: log, by: R.b, 1) == ShownLimit(all: 2, words: 2))
    }

    @Test func whoWasOwnerIsShownUntilTheNextOneSaysOtherwise() {
        let log = R.log(R.a, 9)
        var room = R(isAnnouncement: true)
        room.join(R.b)
        room.transfer(to: R.b, by: R.a, owner: 1)
        #expect(room.state.limit(of: log, by: R.a, 1) == .everything && !room.state.mayWrite(R.a))
        room.set(.writer(R.a), 1, value: 0, by: R.b, owner: 2, cut: [log: 6])
        #expect(room.state.limit(of: log, by: R.a, 1) == ShownLimit(all: .max, words: 6))
    }

    @Test func whereEverybodyWritesEveryMemberMay() {
        var room = R()
        room.join(R.b)
        #expect(room.state.mayWrite(R.b) && !room.state.mayWrite(R.c))
    }

    // MARK: what is compared

    @Test func theHashIsOfWhatStandsAndNothingElse() {
        var room = R()
        room.join(R.b)
        let before = room.state.hash
        room.add(R.d, by: R.c)
        room.set(.name, 2, text: "waits")
        room.tell(R.b, .joined, device: 4)
        #expect(room.state.hash == before)
        room.set(.name, 1, text: "first")
        #expect(room.state.hash != before)
    }
}
