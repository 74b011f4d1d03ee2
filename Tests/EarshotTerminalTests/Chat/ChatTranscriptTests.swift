import EarshotControl
import EarshotModel
import EarshotTerminal
import Glibc
import Testing

@Suite struct ChatTranscriptTests {
    func transcript(_ history: [MessageView] = [], transfers: [TransferView] = []) -> ChatTranscript {
        let state = ChatState(peer: Door.peer(), history: history, transfers: transfers)
        return ChatTranscript(
            state, columns: 40, style: Style(hasColour: false, isUnicode: true), zone: .fixed(minutesEast: 0))
    }

    @Test func whatIsNewIsWrittenBelow() {
        var transcript = self.transcript([Door.message("aaaabbbb", "hello")])
        #expect(transcript.open().last == "10:31 Anna  hello  aaaabb")
        #expect(transcript.update(.time, at: 0).lines.isEmpty)
        let (asks, lines) = transcript.update(.event(Door.event(Door.message("ccccdddd", "more"))), at: 0)
        #expect(lines == ["10:31 Anna  more  ccccdd"] && asks.contains(.markRead))
        let edited = Door.message("ccccdddd", "better") { $0.edited = "2026-11-21T10:32:00.000Z" }
        #expect(
            transcript.update(.event(Door.event(.edit(edited))), at: 0).lines == [
                "10:31 Anna  better (edited)  ccccdd"
            ])
    }

    @Test func whatWasTypedIsNotWrittenAgainButItsTicksAre() {
        var transcript = self.transcript()
        _ = transcript.open()
        #expect(transcript.read("hi", at: 0).asks == [.send(number: 1, "hi", replyTo: nil)])
        #expect(
            transcript.update(.event(Door.event(Door.message("aaaabbbb", "hi", mine: true))), at: 0).lines == [
                "  ◷ aaaabb"
            ])
        let answer = Result<Reply, DoorError>.success(.sent([Door.sent("aaaabbbb")]))
        #expect(transcript.update(.answered(.send(number: 1, "hi", replyTo: nil), answer), at: 0).lines.isEmpty)
        let there = Door.message("aaaabbbb", "hi", mine: true) { $0.state = .delivered }
        #expect(
            transcript.update(.event(Door.event(.receipt(there))), at: 0).lines == ["  ✓ aaaabb"]
                && transcript.isSettled)
    }

    @Test func aQuestionIsPutOnceAndAnsweredByALine() {
        var transcript = self.transcript([Door.message("aaaabbbb", "oops", mine: true)])
        _ = transcript.open()
        #expect(transcript.read("/delete aaaa", at: 0).lines.joined(separator: " ").contains("Delete “oops”"))
        #expect(transcript.update(.time, at: 1).lines.isEmpty)
        #expect(transcript.read("no", at: 2).asks.isEmpty)
        _ = transcript.read("/delete aaaa", at: 3)
        #expect(transcript.read("y", at: 4).asks == [.delete(id: "aaaabbbb")])
        #expect(transcript.read("/nonsense", at: 5).lines.joined(separator: " ").contains("no command /nonsense"))
    }

    @Test func aNodeThatGoesAndAStateThatChangesAreToldOnce() {
        var transcript = self.transcript(transfers: [Door.offer("offerone")])
        _ = transcript.open()
        #expect(transcript.update(.lost([]), at: 0).lines == ["(node restarting… waiting)"])
        #expect(transcript.update(.back, at: 0).lines == ["(the node is back)"])
        #expect(
            transcript.update(.answered(.person, .success(.person(Door.peer()))), at: 0).lines == ["(Anna is here)"])
        let active = Door.event(.transfer(Door.offer("offerone", .active, have: 10)))
        #expect(transcript.update(.event(active), at: 0).lines.count > 0)
        #expect(transcript.update(.event(active), at: 9).lines.isEmpty)
    }
}

@Suite struct SavedDraftTests {
    @Test func aDraftIsThereAgainAndOnlyOnesOwn() {
        var template = Array("/tmp/earshot-draft-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { return #expect(Bool(false)) }
        let state = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
        defer {
            rmdir(state + "/drafts")
            rmdir(state)
        }
        let draft = SavedDraft(state: state, place: .person(Door.anna))
        #expect(draft.load() == nil && draft.save("half a\n\tthought 🍰") && draft.load() == "half a\n\tthought 🍰")
        #expect(SavedDraft(state: state, place: .person(Door.zoe)).load() == nil)
        var status = stat()
        #expect(stat("\(state)/drafts/\(Door.anna)", &status) == 0 && status.st_mode & 0o777 == 0o600)
        #expect(
            !draft.save(String(repeating: "x", count: 2 << 20)) && draft.load() != nil,
            "too long to be kept: what there was stays")
        #expect(draft.save(nil) && draft.load() == nil && draft.save(nil))
    }
}
