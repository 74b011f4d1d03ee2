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
    static let way = "`earshot trust` says what can be done"

    /// A line for what is news of comparing keys.
    func line(_ view: VerificationView) -> Note.Content? {
        switch view.state {
        case .asked:
            .warning("\(self.peer.name) would like to compare keys with you: run `earshot verify` beside this window")
        case .verified: .lines(["\(self.peer.name) is verified."])
        case .noMatch, .broken:
            .warning("comparing keys with \(self.peer.name) failed: \(view.reason ?? view.state.rawValue)")
        case .waiting, .exchanging, .comparing, .withdrawn, .stopped, .sessionEnded, .tooLate: nil
        }
    }
}
