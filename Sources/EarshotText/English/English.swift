import EarshotModel

extension Language {
    package static let english = Language("en") { phrase in
        switch phrase {
        case .waiting(let reason, let name): Self.english(reason, name)
        case .transfer(let reason): Self.english(reason)
        case .conflict(let reason, let name, let other): Self.english(reason, name, other)
        case .verification(let state, let name): Self.english(state, name)
        case .absent(let name): "\(name) is not here; it goes on when \(name) appears"
        case .unseen(let name): "what is in it can be seen when \(name) is here"
        case .roomWaiting(.acknowledgement, _, _): "on its way"
        case .roomWaiting(_, let name, isAlone: true): "nobody else is in \(name) yet"
        case .roomWaiting(_, let name, isAlone: false):
            "nobody else of \(name) is here; it goes as soon as somebody appears"
        case .left(let keeper): "left with \(keeper)"
        case .silent: "no data is arriving just now"
        case .refused(let refusal): Self.english(refusal)
        case .page(let refusal): Self.english(refusal)
        case .pageProblem(let problem): Self.english(problem)
        case .fault(let fault): Self.english(fault)
        case .settings(let news): Self.english(news)
        case .source(let source): Self.place(source)
        case .finding(let finding): Self.detail(finding)
        case .remedy(let finding): Self.remedy(finding)
        }
    }

    /// A number as people read it: `65,536`.
    static func digits(_ number: some BinaryInteger) -> String {
        let all = number.magnitude.description
        var text = number < 0 ? "-" : ""
        for (place, digit) in all.enumerated() {
            if place > 0, (all.count - place).isMultiple(of: 3) { text += "," }
            text.append(digit)
        }
        return text
    }

    private static func english(_ refusal: Refusal) -> String {
        switch refusal {
        case .person(let why): self.english(why)
        case .message(let why): self.english(why)
        case .talk(let why): self.english(why)
        case .room(let why): self.english(why)
        case .trust(let why): self.english(why)
        case .file(let why): self.english(why)
        case .own(let why): self.english(why)
        case .storage(let why): self.english(why)
        case .backup(let why): self.english(why)
        case .vault(let why): self.english(why)
        case .folder(let why): self.english(why)
        case .line(let why): self.english(why)
        case .word(let why): self.english(why)
        case .path(let why): self.english(why)
        case .input(let why): self.english(why)
        case .passphrase(let why): self.english(why)
        case .connection(let why): self.english(why)
        case .fault(let why): self.english(why)
        }
    }

    private static func english(_ reason: WaitReason, _ name: String) -> String {
        switch reason {
        case .looking: "looking for \(name) on the network; it goes as soon as they are found"
        case .presence: "\(name) is not here; it goes as soon as \(name) appears"
        case .acceptance: "\(name) has not accepted you yet"
        case .acknowledgement: "on its way"
        }
    }

    private static func english(_ reason: ConflictReason, _ name: String, _ other: String?) -> String {
        switch reason {
        case .deviceLists: "two different lists of devices claim to be those of \(name)"
        case .name:
            "\(name) now has a name that reads like that of \(other.map { "your contact \($0)" } ?? "another contact")"
        }
    }

    private static func english(_ state: VerificationState, _ name: String) -> String {
        switch state {
        case .asked: "\(name) would like to compare keys with you"
        case .waiting: "\(name) has not begun yet"
        case .exchanging: "both have begun"
        case .comparing: "compare what both screens show"
        case .verified: "both said that it is the same: \(name) is verified"
        case .noMatch: "it is not the same on both screens, or \(name) said so; somebody may be in between"
        case .withdrawn: "\(name) does not compare, or not any more"
        case .stopped: "it was stopped here"
        case .sessionEnded: "the connection to \(name) ended before both had said yes"
        case .tooLate: "it took too long"
        case .broken: "what came from \(name) does not fit the protocol; somebody may be in between"
        }
    }

    private static func english(_ reason: TransferReason) -> String {
        func with(_ more: String?) -> String { more.map { ": \($0)" } ?? "" }
        switch reason {
        case .unreachable: return "cannot be reached for files just now"
        case .connectionLost: return "the connection was lost; trying again"
        case .diskFullHere: return "the disk is full here; it goes on when there is room"
        case .diskFullThere: return "the disk is full there; it goes on when there is room"
        case .fetchedWrongly(let what): return "was not fetched as it should be: \(self.english(what))"
        case .notAsOffered(let what): return "is not what was offered: \(self.english(what))"
        case .changed(let more): return "has been changed since it was offered\(with(more))"
        case .unreadable(let more): return "cannot be read any more\(with(more))"
        case .notTakenHere(let why): return self.english(why)
        case .unwritableHere(let sentence): return sentence
        case .unwritableThere(let more): return "cannot be written there\(with(more))"
        case .notOffered: return "is not offered any more"
        case .pausedThere: return "paused there"
        case .waitsForTurn: return "waiting for its turn"
        case .wrongBytes(let device, let what):
            let how = self.english(what)
            return "\(device) passed on wrong bytes (\(how)); they were thrown away, and others are asked"
        case .tooManyToLookAt: return "too many files to look at before it is accepted"
        case .holdsPrograms:
            return "there are programs in it, which was not known when it was accepted; accept it again to take them"
        case .told(let sentence): return sentence
        }
    }
}
