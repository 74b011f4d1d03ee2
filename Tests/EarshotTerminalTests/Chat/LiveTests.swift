import EarshotControl
import EarshotModel
import EarshotTerminal
import Testing

/// How present the other is, and text that is shown while it is typed, in a conversation.
@Suite struct LiveTests {
    private func screen(_ peer: PersonView = Door.peer()) -> Screen {
        Screen(
            ChatState(peer: peer, history: []), columns: 60, rows: 10, style: Style(hasColour: false, isUnicode: true),
            zone: .fixed(minutesEast: 0))
    }

    private func type(_ text: String, _ screen: inout Screen, at now: UInt64) -> [Ask] {
        screen.update(.key(.text(text)), at: now)
    }

    private func shown(_ screen: Screen) -> String { screen.draw().lines.joined(separator: "\n") }

    @Test func theTitleTellsHowPresentTheyAre() {
        let away = Door.peer {
            ($0.presence, $0.status, $0.idleSince) = (.away, "lunch", "2026-11-21T10:31:00.000Z")
        }
        #expect(self.shown(self.screen(away)).contains("away since 21 Nov"))
        let gone = Door.peer(online: false) {
            ($0.presence, $0.lastSeen) = (.offline, "2026-11-21T10:31:00.000Z")
        }
        #expect(self.shown(self.screen(gone)).contains("last here 21 Nov"))
    }

    @Test func bothMustHaveItOn() {
        var screen = self.screen()
        for letter in "/live" { _ = self.type(String(letter), &screen, at: 0) }
        #expect(screen.update(.key(.enter), at: 0) == [.live(true)])
        _ = screen.update(.answered(.live(true), .success(.live(LiveView(on: true, theirs: false)))), at: 0)
        #expect(!self.type("a", &screen, at: 10).contains { if case .draft = $0 { true } else { false } })
        let event = Door.event(.live(Door.peer(), on: true, text: ""))
        #expect(screen.update(.event(event), at: 200) == [.draft("a")])
        // At most ten times a second, and always what stands there in the end.
        #expect(self.type("b", &screen, at: 250).isEmpty && screen.wakeAt == 300)
        #expect(screen.update(.time, at: 300) == [.draft("ab")])
        // What they write stands under the words, until they have sent it.
        _ = screen.update(.event(Door.event(.live(Door.peer(), on: true, text: "lun"))), at: 400)
        #expect(self.shown(screen).contains("Anna is writing: lun"))
        _ = screen.update(.event(Door.event(Door.message("bbcdef12", "lunch"))), at: 500)
        #expect(!self.shown(screen).contains("is writing"))
        // Sent, there is nothing to show; switched off, nothing is.
        #expect(screen.update(.key(.enter), at: 600).contains(.draft("")))
        _ = screen.update(.event(Door.event(.live(Door.peer(), on: false, text: "x"))), at: 700)
        #expect(!self.shown(screen).contains("is writing"))
        #expect(!self.type("c", &screen, at: 900).contains { if case .draft = $0 { true } else { false } })
    }

    @Test func commandsAreNotShown() {
        var screen = self.screen()
        _ = screen.update(.answered(.live(true), .success(.live(LiveView(on: true, theirs: true)))), at: 0)
        #expect(self.type("/block", &screen, at: 200).isEmpty)
    }
}
