import EarshotControl
import Testing

/// Which room a word means, and what is said where it is not clear.
@Suite struct RoomResolverTests {
    private static let ops = RoomResolver.Candidate(
        id: "aaaabbbbcccc", name: "ops", standing: .joined, note: "yours, 3 members")
    private static let dev = RoomResolver.Candidate(
        id: "ddddeeeeffff", name: "Dev Talk", standing: .joined, note: "of Anna, 2 members")

    private func error(_ rooms: [RoomResolver.Candidate], _ word: String, to: RoomResolver.Purpose = .use) -> DoorError?
    {
        do throws(DoorError) {
            _ = try RoomResolver(rooms).resolve(word, to: to)
            return nil
        } catch { return error }
    }

    @Test(arguments: ["#ops", "room:ops", "#OPS", "ops", "#op", "#aaaa", "room:aaaabbbbcccc", "##ops", "room:#ops"])
    func aWordFindsARoom(_ word: String) throws {
        #expect(try RoomResolver([Self.ops, Self.dev]).resolve(word) == Self.ops.id)
    }

    @Test(arguments: [
        ("#opps", DoorError.Kind.unknownName), ("#", .unknownName), ("", .unknownName), ("#o", .ambiguousName),
        ("#aaa", .unknownName), ("room:", .unknownName),
    ])
    func whatMeansNoneIsSaid(_ word: String, _ kind: DoorError.Kind) {
        #expect(self.error([Self.ops, Self.dev], word)?.kind == kind, "\(word)")
    }

    @Test func whatIsUnknownIsListed() {
        #expect(
            self.error([Self.ops, Self.dev], "#nowhere")?.candidates == [
                "#Dev Talk (ddddeeee, of Anna, 2 members)", "#ops (aaaabbbb, yours, 3 members)",
            ])
    }

    @Test func onlyASignMeansARoomWherePeopleMayStand() {
        #expect(RoomResolver.means("#ops") && RoomResolver.means(" room:ops") && RoomResolver.means("ROOM:x"))
        #expect(!RoomResolver.means("ops") && !RoomResolver.means("roomy") && !RoomResolver.means(""))
    }

    @Test func twoOfOneNameAreToldApartByTheirIDs() throws {
        let other = RoomResolver.Candidate(id: "aaaaffffgggg", name: "OPS", standing: .joined)
        let error = self.error([Self.ops, other], "#ops")
        #expect(error?.kind == .ambiguousName && error?.candidates.count == 2)
        #expect(try RoomResolver([Self.ops, other]).resolve("#aaaaf") == other.id)
    }

    @Test func anInvitationMakesNoRoomOfOursUnclear() throws {
        let invited = RoomResolver.Candidate(id: "zzzzzzzz", name: "ops", standing: .invited)
        let open = RoomResolver.Candidate(id: "yyyyyyyy", name: "ops", standing: .open, isOffered: true)
        #expect(try RoomResolver([invited, open, Self.ops]).resolve("#ops") == Self.ops.id)
        #expect(try RoomResolver([open, Self.ops]).resolve("ops", to: .join) == open.id, "one does not join twice")
        #expect(self.error([invited, open, Self.ops], "ops", to: .join)?.kind == .ambiguousName)
        #expect(try RoomResolver([Self.ops]).resolve("ops", to: .join) == Self.ops.id, "then that is said")
    }

    @Test func theNameOfOneMayBeHowTheIDOfAnotherBegins() {
        let named = RoomResolver.Candidate(id: "qqqqqqqq", name: "aaaa", standing: .joined)
        #expect(self.error([Self.ops, named], "#aaaa")?.candidates.count == 2)
    }
}
