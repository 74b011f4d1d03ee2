import EarshotControl
import EarshotModel
import EarshotNode
import EarshotWire
import Foundation
import Testing

/// Conversations as a list, what one wants of each, and places in a history.
@Suite(.timeLimit(.minutes(5))) struct TalksTests {
    typealias Running = TwoNodesTests.Running

    private func refusal(_ running: Running, _ method: some Method) async -> DoorError.Kind? {
        do {
            _ = try await running.ask(method)
            return nil
        } catch { return (error as? DoorError)?.kind }
    }

    private func names(_ talks: JSON) -> [String] { talks.array?.compactMap { $0["name"]?.string } ?? [] }

    @Test func theListHasWhatWasSaidLastAndWhatWaits() async throws {
        let (anna, bob) = try await TwoNodesTests().friends()
        #expect(try await bob.ask(Methods.Talks()).array?.isEmpty == true, "nothing was said, and there is no room")
        _ = try await anna.ask(Methods.Send(to: ["bob"], text: "one"))
        _ = try await anna.ask(Methods.Send(to: ["bob"], text: "two, @Bob", wait: .delivered, ask: true))
        _ = try await bob.ask(Methods.CreateRoom("ops"))
        let talks = try await bob.ask(Methods.Talks())
        #expect(self.names(talks) == ["#ops", "Anna"], "a room in which nothing was said is there since it was made")
        let talk = try #require(talks.array?.last)
        #expect(talk["unread"]?.integer == 2 && talk["mentions"]?.integer == 1 && talk["owed"]?.integer == 1)
        #expect(talk["last"]?["text"]?.string == "two, @Bob" && talk["peer"]?["online"]?.bool == true)
        #expect(talk["who"] == talk["person"] && talk["pinned"] == nil && talk["muted"] == nil)
        // What stands there is what other methods take.
        for who in talks.array?.compactMap({ $0["who"]?.string }) ?? [] {
            #expect(try await bob.ask(Methods.History(who: who)).array != nil)
        }
        _ = try await bob.ask(Methods.MarkRead("anna"))
        let event = await bob.event { $0["event"]?.string == "talk" }
        #expect(event?["talk"]?["unread"]?.integer == 0 && event?["talk"]?["name"]?.string == "Anna")
        await anna.stop()
        await bob.stop()
    }

    @Test func theListGoesOnWhereItEnded() async throws {
        let anna = try await Running("Anna")
        let rooms = (1...5).map { "room\($0)" }
        for room in rooms { _ = try await anna.ask(Methods.CreateRoom(room)) }
        for room in rooms { _ = try await anna.ask(Methods.Send(to: ["#\(room)"], text: "hi")) }
        _ = try await anna.ask(Methods.SetTalk(who: "#room2", pinned: true))
        var (found, after): ([String], String?) = ([], nil)
        while true {
            let page = try await anna.ask(Methods.Talks(limit: 2, after: after))
            guard let last = page.array?.last?["who"]?.string else { break }
            found += self.names(page)
            after = last
        }
        #expect(found.first == "#room2" && Set(found) == Set(rooms.map { "#\($0)" }) && found.count == rooms.count)
        #expect(await self.refusal(anna, Methods.Talks(after: "#nowhere")) == .unknownName)
        await anna.stop()
    }

    @Test func whatIsWantedOfAConversationIsKept() async throws {
        let (anna, bob) = try await TwoNodesTests().friends()
        let set = try await anna.ask(Methods.SetTalk(who: "bob", pinned: true, muted: true))
        #expect(set["pinned"]?.bool == true && set["muted"]?.bool == true && set["mutedUntil"] == nil)
        #expect(await anna.event { $0["event"]?.string == "talk" }?["talk"]?["pinned"]?.bool == true)
        let state = anna.state
        await anna.stop()
        let again = try await Running("Anna", state: state)
        let kept = try await again.ask(Methods.Talks()).array?.first
        #expect(kept?["pinned"]?.bool == true && kept?["muted"]?.bool == true, "a pinned one is there without words")
        let soon = Int64(4_000_000_000_000)
        let later = try await again.ask(Methods.SetTalk(who: "bob", pinned: false, until: soon))
        #expect(later["muted"]?.bool == true && later["mutedUntil"] != nil && later["pinned"] == nil)
        let over = try await again.ask(Methods.SetTalk(who: "bob", until: 1))
        #expect(over["muted"] == nil && over["mutedUntil"] == nil)
        #expect(await self.refusal(again, Methods.SetTalk(who: "bob", muted: false, until: soon)) == .badParameters)
        #expect(await self.refusal(again, Methods.SetTalk(who: "nobody", pinned: true)) == .unknownName)
        await again.stop()
        await bob.stop()
    }

    @Test func aPlaceInAHistoryIsFound() async throws {
        let anna = try await Running("Anna")
        _ = try await anna.ask(Methods.CreateRoom("ops"))
        _ = try await anna.ask(Methods.CreateRoom("other"))
        var ids: [String] = []
        for number in 0..<600 {
            let sent = try await anna.ask(Methods.Send(to: ["#ops"], text: "\(number)"))
            ids.append(try #require(sent.array?.first?["id"]?.string))
        }
        func texts(_ history: Methods.History) async throws -> [Int] {
            try await anna.ask(history).array?.compactMap { $0["text"]?.string.flatMap { Int($0) } } ?? []
        }
        #expect(try await texts(.init(who: "#ops", after: ids[299], limit: 3)) == [300, 301, 302])
        #expect(try await texts(.init(who: "#ops", after: ids[10], limit: 10_000)) == Array(11..<600))
        #expect(try await texts(.init(who: "#ops", after: ids[599], limit: 3)) == [])
        #expect(try await texts(.init(who: "#ops", around: ids[300], limit: 5)) == Array(298...302))
        #expect(try await texts(.init(who: "#ops", around: ids[300], limit: 1)) == [300])
        #expect(try await texts(.init(who: "#ops", around: ids[0], limit: 4)) == [0, 1, 2, 3])
        #expect(try await texts(.init(who: "#ops", around: ids[598], limit: 10_000)) == Array(0..<600))
        #expect(try await texts(.init(who: "#ops", at: 0, limit: 2)) == [0, 1], "before all that was said")
        let ahead = try await texts(.init(who: "#ops", at: .max, limit: 4))
        #expect(ahead == [597, 598, 599], "behind all that was said")
        #expect(try await texts(.init(who: "#other", at: 0, limit: 2)) == [])
        #expect(await self.refusal(anna, Methods.History(who: "#other", around: ids[3])) == .unknownName)
        let two = Methods.History(who: "#ops", before: ids[3], around: ids[3])
        #expect(await self.refusal(anna, two) == .badParameters)
        await anna.stop()
    }

    @Test func theGalleryHasWhatIsHere() async throws {
        let (anna, bob) = try await TwoNodesTests().friends()
        let (here, there) = (try FilesTests.Place(), try FilesTests.Place())
        for name in ["a.txt", "b.txt"] {
            let path = try here.file(name, Data(name.utf8))
            _ = try await anna.ask(Methods.Offer(to: ["bob"], paths: [path]))
            let offer = await bob.event { $0["event"]?.string == "offer" }
            #expect(try await bob.ask(Methods.Gallery(who: "anna")).array?.count == (name == "a.txt" ? 0 : 1))
            let id = try #require(offer?["transfer"]?["id"]?.string)
            _ = try await bob.ask(Methods.AcceptTransfer(id: id, into: there.path))
            _ = await bob.event {
                $0["transfer"]?["id"]?.string == id && $0["transfer"]?["state"]?.string == "complete"
            }
        }
        let came = try await bob.ask(Methods.Gallery(who: "anna"))
        #expect(self.names(came) == ["b.txt", "a.txt"])
        #expect(came.array?.first?["files"]?.array?.count == 1)
        let newest = try #require(came.array?.first?["id"]?.string)
        #expect(self.names(try await bob.ask(Methods.Gallery(who: "anna", before: newest))) == ["a.txt"])
        #expect(self.names(try await anna.ask(Methods.Gallery(who: "bob", limit: 1))) == ["b.txt"])
        await anna.stop()
        await bob.stop()
    }

    @Test func marksAreKeptAsWords() {
        let end = Timestamp(milliseconds: 7)
        let all = [
            TalkMarks(), TalkMarks(isPinned: true), TalkMarks(silence: .forGood),
            TalkMarks(isPinned: true, silence: .until(end)),
        ]
        for marks in all { #expect(TalkMarks(text: marks.text ?? "") == marks) }
        #expect(TalkMarks().text == nil && TalkMarks(text: "silent=x what pinned") == TalkMarks(isPinned: true))
        #expect(all[3].isSilent(at: Timestamp(milliseconds: 6)) && !all[3].isSilent(at: end))
    }

    @Test func anIDCanBeShownAsACode() async throws {
        let anna = try await Running("Anna")
        let code = try await anna.ask(Methods.IdentityCode())
        let rows = code["rows"]?.array?.compactMap(\.string) ?? []
        #expect(rows.count == code["size"].flatMap { $0.integer }.map { Int($0) } && !rows.isEmpty)
        #expect(rows.allSatisfy { $0.count == rows.count && $0.allSatisfy { "01".contains($0) } })
        // The three corners of every code.
        #expect(rows.prefix(7).map { $0.prefix(7) }.joined().count { $0 == "1" } == 33)
        #expect(code["uri"]?.string == "earshot:\(anna.node.identity.person)")
        #expect(QRMatrix(String(repeating: "x", count: 4_000)) == nil)
        await anna.stop()
    }
}
