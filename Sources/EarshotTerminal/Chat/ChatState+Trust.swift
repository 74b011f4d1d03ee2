import EarshotControl
import EarshotModel

/// Who is who, as a conversation tells it.
extension ChatState {
    static func words(_ kind: WarningKind, _ peer: Peer) -> String {
        switch kind {
        case .fork: "two different versions of one message by \(peer.name) are going around"
        case .equivocation, .nameTaken:
            "nothing is sent to \(peer.name): \(peer.problem ?? "it is not certain who they are"); \(self.way)"
        case .downgrade: "someone keeps the connection to \(peer.name) at an older version than both of you speak"
        case .wrongBytes: "\(peer.name) passed on parts of a file that are not its author's; they were thrown away"
        case .divergence, .ownerReplaced: self.words(kind, peer.name, of: "a room")
        case .verificationFails:
            "comparing keys with \(peer.name) failed three times in a row, and pauses; somebody may be in between"
        }
    }

    /// What is the matter with a room, by one of it.
    static func words(_ kind: WarningKind, _ name: String, of room: String) -> String {
        kind == .ownerReplaced
            ? "the owner of \(room) gave it away twice: it is \(name)'s now, and was somebody else's"
            : "\(name)'s node sees \(room) differently from yours, though both have the same"
    }

    /// What can be done about a conflict.
    static let way = "/trust goes on with them, /verify compares keys, /rename NAME settles it where it is about a name"

    // MARK: comparing keys

    mutating func verify(_ what: Ask.Verify) throws(SlashCommand.Problem) -> [Ask] {
        let isComparing = self.verification?.state == .comparing
        switch what {
        case .start:
            guard isComparing, let view = self.verification else { return [.verify(.start)] }
            // Once more what is to be compared.
            self.add(note: .comparison(view))
        case .answer:
            guard isComparing else {
                throw SlashCommand.Problem(message: "There is nothing to compare just now: /verify begins.")
            }
            guard self.verification?.answered != true else {
                throw SlashCommand.Problem(message: "You have answered; \(self.with.peer.name) has not yet.")
            }
            return [.verify(what)]
        case .stop: return [.verify(.stop)]
        }
        return []
    }

    /// Comparing keys has come further.
    mutating func hear(_ view: VerificationView) {
        let before = self.verification
        self.verification = view.state.isOver ? nil : view
        // The answer of the door and its event say the same.
        guard before?.state != view.state || before?.theyAnswered != view.theyAnswered else { return }
        if view.state == .comparing, before?.state == .comparing {
            if view.theyAnswered == true, view.answered != true {
                self.prompt.notice = "\(self.with.peer.name) says that it is the same. /verify yes or /verify no"
            }
        } else if !view.state.isOver || before != nil, let line = self.line(view) {
            self.add(note: line)
        }
    }

    /// A line for what is news of comparing keys.
    func line(_ view: VerificationView) -> Note.Content? {
        switch view.state {
        case .asked:
            .warning("\(self.with.peer.name) would like to compare keys with you: /verify begins")
        case .waiting:
            .lines(["Waiting for \(self.with.peer.name) to begin, too: they type /verify where they talk with you."])
        case .comparing: .comparison(view)
        case .verified: .lines(["\(self.with.peer.name) is verified."])
        case .noMatch, .broken:
            .warning("comparing keys with \(self.with.peer.name) failed: \(view.reason ?? view.state.rawValue)")
        case .withdrawn, .stopped, .sessionEnded, .tooLate:
            .lines(["Comparing keys is over, and nothing was changed: \(view.reason ?? view.state.rawValue)."])
        case .exchanging: nil
        }
    }
}
