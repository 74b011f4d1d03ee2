import EarshotControl
import EarshotModel

/// Comparing keys, and invitations.
extension Printout {
    /// What is to be compared, under each other: numbers, pictures, and what the pictures are called.
    package func comparison(_ view: VerificationView) -> [String] {
        let numbers = view.numbers ?? ""
        let names = view.names ?? []
        guard self.style.isUnicode, let emoji = view.emoji, emoji.count == names.count else {
            return ["    " + self.style.bold(numbers), "", "    " + names.joined(separator: "  ")]
        }
        let width = (names.map(Width.of).max() ?? 0) + 2
        func row(_ words: [String]) -> String {
            var line = ""
            for word in words { line += Width.fit(word, width) }
            return "    " + line
        }
        return ["    " + self.style.bold(numbers), "", row(emoji), row(names)]
    }

    /// An event of it, in one line.
    func verification(_ peer: PersonView, _ view: VerificationView) -> [String] {
        let reason = view.reason ?? view.state.rawValue
        switch view.state {
        case .asked:
            let who = peer.looksLike != nil ? peer.person.brief : peer.name
            let command = Quoting.command("verify", who, state: self.state)
            return [self.style.yellow("\(self.name(peer)) would like to compare keys with you  `\(command)`")]
        case .waiting, .exchanging: return []
        case .comparing:
            return [self.style.dim("comparing keys with \(self.name(peer)): \(view.numbers ?? "")")]
        case .verified: return [self.style.green("\(self.name(peer)) is verified")]
        case .noMatch, .broken: return [self.style.red("comparing keys with \(self.name(peer)) failed: \(reason)")]
        case .withdrawn, .stopped, .sessionEnded, .tooLate:
            return [self.style.dim("comparing keys with \(self.name(peer)) is over: \(reason)")]
        }
    }

    /// - Parameter name: of whoever it is about.
    package func invitation(_ state: InvitationState, _ name: String?, triesLeft: Int64?) -> String {
        let name = name ?? "somebody"
        switch state {
        case .joined: return self.style.green("\(name) has joined with your code, and is a verified contact")
        case .failed where triesLeft == 0:
            return self.style.red("\(name) tried a wrong code. That was the third: your code is good no more")
        case .failed:
            return self.style.red("\(name) tried a wrong code; \(triesLeft ?? 0) more and yours is good no more")
        case .expired: return self.style.dim("your code has expired")
        case .cancelled: return self.style.dim("your invitation is cancelled")
        }
    }
}
