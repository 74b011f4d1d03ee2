import EarshotModel
import EarshotRules
import EarshotWire
import Testing

private typealias R = RoomStory

/// Who is in a room and what is set there (Protocol.md 17, "The state of a room"): each sentence of it.
@Suite struct RoomFoldTests {
    // MARK: 1. owners

    @Test func theFirstOwnerIsTheChartersAndIsInTheRoom() {
        let state = R().state
        #expect(state.owner == R.a && state.ownerNumber == 1 && state.members == [R.a])
        #expect(state.membership(of: R.a)?.standing == .joined)
    }

    @Test func aTransferMakesTheNextOwner() {
        var room = R()
        room.join(R.b)
        room.transfer(to: R.b, by: R.a, owner: 1)
        room.set(.name, 1, text: "mine", by: R.b, owner: 2)
        let state = room.state
        #expect(state.owners == [R.a, R.b] && state.name == "mine")
    }

    @Test func onlyTheOwnerTransfers() {
        var room = R()
        room.join(R.b)
        room.transfer(to: R.b, by: R.b, owner: 1)
        room.transfer(to: R.c, by: R.b, owner: 2)
        #expect(room.state.owners == [R.a])
    }

    @Test func ofTwoTransfersAtOnceTheOneWithTheLowestIdCounts() {
        for (first, second, winner) in [(UInt8(1), UInt8(2), R.b), (2, 1, R.c)] {
            var room = R()
            room.tell(R.a, .transfer(R.b, owner: 1, cut: room.cut(R.a)), device: 0, id: first)
            room.tell(R.a, .transfer(R.c, owner: 1, cut: room.cut(R.a)), device: 1, id: second)
            #expect(room.state.owners == [R.a, winner])
        }
    }

    @Test func whoGaveTheRoomAwayDoesNotGiveItAgainInTheSameLog() {
        var room = R()
        room.tell(R.a, .transfer(R.b, owner: 1, cut: [:]), id: 9)
        room.tell(R.a, .transfer(R.c, owner: 1, cut: [:]), id: 1)
        #expect(room.state.owners == [R.a, R.b])
    }

    @Test func whatAnOwnerDidBeforeTheyGaveItAwayStands() {
        var room = R()
        room.set(.name, 1, text: "before")
        room.transfer(to: R.b, by: R.a, owner: 1)
        room.set(.name, 2, text: "after")
        room.tell(R.a, .set(RoomSetting(.name, number: 2, owner: 1, text: "elsewhere")), device: 3)
        #expect(room.state.name == "before", "neither above the cut nor in a log that it does not name")
    }

    @Test func whoIsNotTheOwnerOfThatNumberDoesNothingAsOwner() {
        var room = R()
        room.join(R.b)
        room.set(.name, 1, text: "b's", by: R.b, owner: 1)
        room.set(.name, 1, text: "of owner 2", by: R.b, owner: 2)
        room.set(.name, 1, text: "of no owner", by: R.a, owner: 7)
        room.add(R.c, by: R.b, owner: 1)
        room.take(R.a, by: R.b, owner: 1)
        let state = room.state
        #expect(state.name == "ops" && state.members == [R.a, R.b].sorted())
    }

    @Test func aRoomOfEverybodyHasNoOwner() {
        var room = R(owner: nil, isOpen: true)
        room.tell(PersonID(hash: .zero), .transfer(R.b, owner: 1, cut: [:]))
        room.set(.name, 1, text: "nobody's", by: PersonID(hash: .zero))
        room.add(R.b, by: R.b)
        room.set(.topic, 1, text: "all", by: R.b, owner: nil)
        let state = room.state
        #expect(state.owner == nil && state.ownerNumber == 1 && state.name == "ops")
        #expect(state.members == [R.b] && state.topic == "all")
    }

    // MARK: 2. ends

    @Test func whoWasTakenOutSpeaksUpToTheLowestCut() {
        let log = R.log(R.b)
        var room = R()
        room.join(R.b)
        room.tell(R.a, .remove(RoomMembership(R.b, 1), owner: 1, cut: [log: 9, R.log(R.b, 1): 4]))
        room.tell(R.a, .remove(RoomMembership(R.b, 1), owner: 1, cut: [log: 5]), device: 1)
        let state = room.state
        #expect(state.membership(of: R.b)?.standing == .taken && state.members == [R.a])
        #expect(state.limit(of: log, by: R.b, 1) == ShownLimit(all: 5, words: 5))
        #expect(state.limit(of: R.log(R.b, 1), by: R.b, 1) == .nothing, "a log that one of them does not name")
        #expect(state.limit(of: R.log(R.b, 2), by: R.b, 1) == .nothing, "a log that none of them names")
    }

    @Test func whoLeftSpeaksUpToWhereTheyLeft() {
        var room = R()
        room.join(R.b)
        room.tell(R.b, .remove(RoomMembership(R.b, 1), owner: nil, cut: [R.log(R.b): 3]))
        let state = room.state
        #expect(state.membership(of: R.b)?.standing == .left)
        #expect(state.limit(of: R.log(R.b), by: R.b, 1).all == 3)
    }

    @Test func ifTheOwnerTakesThemOutOnlyTheOwnersCutCounts() {
        var room = R()
        room.join(R.b)
        room.tell(R.b, .remove(RoomMembership(R.b, 1), owner: nil, cut: [R.log(R.b): 3]))
        room.tell(R.a, .remove(RoomMembership(R.b, 1), owner: 1, cut: [R.log(R.b): 8]))
        let state = room.state
        #expect(state.membership(of: R.b)?.standing == .taken && state.limit(of: R.log(R.b), by: R.b, 1).all == 8)
    }

    @Test func ofSeveralLeavingsInOneLogTheFirstCounts() {
        var room = R()
        room.join(R.b)
        room.tell(R.b, .remove(RoomMembership(R.b, 1), owner: nil, cut: [R.log(R.b): 3]))
        room.tell(R.b, .remove(RoomMembership(R.b, 1), owner: nil, cut: [:]))
        #expect(room.state.limit(of: R.log(R.b), by: R.b, 1).all == 3)
        room.tell(R.b, .remove(RoomMembership(R.b, 1), owner: nil, cut: [R.log(R.b): 2]), device: 1)
        #expect(room.state.limit(of: R.log(R.b), by: R.b, 1).all == 2, "another device's")
    }

    @Test func nobodyElseEndsAStay() {
        var room = R()
        room.join(R.b, R.c)
        room.tell(R.b, .remove(RoomMembership(R.c, 1), owner: nil, cut: [:]))
        #expect(room.state.isMember(R.c))
    }

    @Test func aStayMayEndBeforeItBegan() {
        var room = R(isOpen: true)
        room.take(R.b)
        room.add(R.b, by: R.b)
        room.add(R.b, 2, by: R.b)
        #expect(!room.state.isMember(R.b))
        room.add(R.b, 2, owner: 1)
        #expect(room.state.membership(of: R.b)?.number == 2 && room.state.isMember(R.b))
    }

    @Test func wordsAboveTheCutAreNotShown() {
        var room = R()
        room.join(R.b)
        let log = R.log(R.b)
        #expect(room.state.limit(of: log, by: R.b, 1) == .everything)
        room.take(R.b)
        #expect(room.state.limit(of: log, by: R.b, 1).all == room.cut(R.b)[log])
        #expect(room.state.limit(of: log, by: R.b, 2) == .nothing && room.state.limit(of: log, by: R.c, 1) == .nothing)
        room.add(R.b, 2, owner: 1)
        #expect(room.state.limit(of: log, by: R.b, 2) == .everything, "their next stay has no end")
    }

    // MARK: 3. memberships

    @Test func aMemberAddsAndIsInvitedUntilTheyAnswer() {
        var room = R()
        room.join(R.b)
        room.add(R.c, by: R.b)
        #expect(room.state.membership(of: R.c)?.standing == .invited && room.state.isMember(R.c))
        room.tell(R.c, .joined)
        #expect(room.state.membership(of: R.c)?.standing == .joined)
    }

    @Test func whoIsNoMemberAddsNobody() {
        var room = R()
        room.add(R.c, by: R.b)
        room.tell(R.d, .add(RoomMembership(R.e, 1), owner: nil), stay: 0)
        #expect(room.state.members == [R.a])
    }

    @Test func nobodyAddsThemselvesToAClosedRoom() {
        var room = R()
        room.add(R.b, by: R.b)
        room.tell(R.b, .joined)
        room.leave(R.b)
        room.add(R.b, 2, by: R.b)
        #expect(room.state.members == [R.a])
    }

    @Test func anybodyAddsThemselvesToAnOpenRoomUnderTheirOwnNumber() {
        var room = R(isOpen: true, ownerInvites: true)
        room.add(R.b, by: R.b)
        room.tell(R.c, .add(RoomMembership(R.c, 1), owner: nil), stay: 2)
        let state = room.state
        #expect(state.members == [R.a, R.b].sorted() && state.membership(of: R.b)?.standing == .joined)
    }

    @Test func whereTheOwnerInvitesMembersDoNot() {
        var room = R(ownerInvites: true)
        room.add(R.b, owner: 1)
        room.add(R.c, by: R.b)
        room.add(R.d, by: R.a)
        #expect(room.state.members == [R.a, R.b].sorted())
    }

    @Test func whoAddEachOtherAreNotIn() {
        var room = R()
        room.add(R.b, by: R.c)
        room.add(R.c, by: R.b)
        room.add(R.d, by: R.d)
        #expect(room.state.members == [R.a])
    }

    @Test func aNumberFollowsTheEndOfTheOneBefore() {
        var room = R()
        room.join(R.b)
        room.add(R.b, 2)
        #expect(room.state.membership(of: R.b)?.number == 1, "the first has not ended")
        room.leave(R.b)
        #expect(room.state.membership(of: R.b)?.number == 2 && room.state.isMember(R.b))
        room.add(R.b, 4)
        #expect(room.state.membership(of: R.b)?.number == 2, "there was no third")
    }

    @Test func whoWasTakenOutComesBackOnlyByTheOwner() {
        for isOpen in [false, true] {
            var room = R(isOpen: isOpen)
            room.join(R.b, R.c)
            room.take(R.b)
            room.add(R.b, 2, by: R.c)
            room.tell(R.b, .add(RoomMembership(R.b, 2), owner: nil), stay: 2)
            #expect(!room.state.isMember(R.b))
            room.add(R.b, 2, owner: 1)
            #expect(room.state.isMember(R.b))
        }
    }

    /// They end stays that they never had, and are added under the number behind those.
    @Test func whoWasTakenOutDoesNotComeBackUnderALaterNumber() {
        for isOpen in [false, true] {
            var room = R(isOpen: isOpen)
            room.join(R.b, R.c)
            room.take(R.b)
            for number: UInt64 in 2...4 {
                room.leave(R.b, number)
                room.tell(R.b, .add(RoomMembership(R.b, number + 1), owner: nil), stay: number + 1)
                room.add(R.b, number + 1, by: R.c)
            }
            #expect(!room.state.isMember(R.b))
            #expect(room.state.nextNumber(of: R.b) == 5)
            room.add(R.b, 5, owner: 1)
            #expect(room.state.isMember(R.b))
        }
    }

    @Test func aFormerOwnersAddBringsNobodyBackWhomALaterOneTookOut() {
        var room = R()
        room.join(R.b)
        for number: UInt64 in 2...9 { room.add(R.a, number, owner: 1) }
        room.transfer(to: R.b, by: R.a, owner: 1)
        room.take(R.a, by: R.b, owner: 2)
        #expect(room.state.members == [R.b])
        room.add(R.a, 2, by: R.b, owner: 2)
        #expect(room.state.isMember(R.a))
    }

    /// They leave a stay that they never had, and what the former owner wrote follows that one.
    @Test func aFormerOwnersAddDoesNotBringThemBackByADetourEither() {
        var room = R()
        room.join(R.b)
        for number: UInt64 in 2...9 { room.add(R.a, number, owner: 1) }
        room.transfer(to: R.b, by: R.a, owner: 1)
        room.take(R.a, by: R.b, owner: 2)
        for number: UInt64 in 2...6 {
            room.leave(R.a, number)
            #expect(room.state.members == [R.b])
        }
        room.add(R.a, 7, by: R.b, owner: 2)
        #expect(room.state.isMember(R.a))
    }

    @Test func whomTheOwnerBroughtBackMembersMayAddAgain() {
        var room = R()
        room.join(R.b, R.c)
        room.take(R.b)
        room.add(R.b, 2, owner: 1)
        room.leave(R.b, 2)
        room.add(R.b, 3, by: R.c)
        #expect(room.state.membership(of: R.b)?.number == 3 && room.state.isMember(R.b))
    }

    /// Who had invited them was taken out since.
    @Test func whoLeftAStayThatDoesNotCountComesBackUnderTheNext() {
        var room = R()
        room.join(R.b, R.c)
        let before = room.cut(R.b)
        room.add(R.d, by: R.b)
        room.leave(R.d)
        room.tell(R.a, .remove(RoomMembership(R.b, 1), owner: 1, cut: before))
        #expect(room.state.membership(of: R.d) == nil)
        room.add(R.d, room.state.nextNumber(of: R.d), by: R.c)
        #expect(room.state.isMember(R.d))
    }

    @Test func aClaimOfALargeNumberWinsNothing() {
        var room = R(isOpen: true)
        room.join(R.b)
        room.tell(R.b, .add(RoomMembership(R.b, 1 << 32), owner: nil), stay: 1 << 32)
        room.leave(R.b, (1 << 32) - 1)
        room.leave(R.b, 2)
        room.set(.topic, 1 << 32, text: "for ever", by: R.b, owner: nil)
        room.set(.topic, 1, text: "now", by: R.a, owner: nil)
        let state = room.state
        #expect(state.topic == "now")
    }

    @Test func whoseStayEndedAddsNobodyBehindIt() {
        var room = R()
        room.join(R.b, R.c)
        room.add(R.d, by: R.b)
        room.leave(R.b)
        room.add(R.e, by: R.b)
        room.take(R.c)
        room.tell(R.c, .add(RoomMembership(R.e, 1), owner: nil))
        room.tell(R.c, .add(RoomMembership(R.e, 1), owner: nil), device: 5)
        let state = room.state
        #expect(state.isMember(R.d) && !state.isMember(R.e))
    }

    @Test func whoCameByAnAddAboveTheCutIsNotInAndNeitherIsWhoCameByThem() {
        var room = R()
        room.join(R.b)
        let before = room.cut(R.b)
        room.add(R.c, by: R.b)
        room.add(R.d, by: R.c)
        #expect(room.state.members.count == 4)
        room.tell(R.a, .remove(RoomMembership(R.b, 1), owner: 1, cut: before))
        #expect(room.state.members == [R.a])
    }

    @Test func inARoomThatStartsAtTheJoinTheLowestIdSaysWhereTheLogsBegin() {
        func start(_ seq: UInt64) -> LogStart {
            LogStart(
                log: R.log(R.a, 9), device: DeviceID(hash: R.hash(1)), seq: seq, id: EnvelopeID(hash: R.hash(2)))
        }
        for startsAtJoin in [true, false] {
            var room = R(startsAtJoin: startsAtJoin)
            room.tell(R.a, .add(RoomMembership(R.b, 1), owner: nil, from: [start(7)]), id: 2)
            room.tell(R.a, .add(RoomMembership(R.b, 1), owner: 1, from: [start(5)]), id: 1)
            let starts = room.state.starts[RoomMembership(R.b, 1)]
            #expect(starts == (startsAtJoin ? [start(5)] : nil))
        }
    }
}
