import EarshotControl
import EarshotModel

/// What the answers of the door change.
extension ChatState {
    package mutating func answered(_ ask: Ask, _ result: Result<Reply, DoorError>, at now: UInt64) -> [Ask] {
        switch result {
        case .failure(let error): return self.refused(ask, error, at: now)
        case .success(let reply): return self.done(ask, reply, at: now)
        }
    }

    private mutating func done(_ ask: Ask, _ reply: Reply, at now: UInt64) -> [Ask] {
        switch (ask, reply) {
        case (.send(let number, _, _), .sent(let sent)): self.outbox.settle(number, ids: sent.map(\.id))
        case (.newest(let limit), .messages(let list)): return self.order(list, asked: limit, at: now)
        case (.older, .messages(let list)): self.older(list)
        case (.search(let words), .messages(let found)):
            self.found(found.filter { $0.state != .requested }.map { ChatMessage($0) }, words)
        case (_, .person(let person)):
            self.with.peer.update(person)
            if ask == .acceptPerson { self.prompt.notice = "\(self.with.peer.name) is one of your contacts now." }
            if ask == .block { self.prompt.notice = "\(self.with.peer.name) is blocked. /unblock undoes it." }
            if ask == .trust { self.prompt.notice = "\(self.with.peer.name) is one of your contacts again." }
            if case .rename = ask { self.prompt.notice = "You call them \(self.with.peer.name)." }
            if ask == .unblock { self.prompt.notice = "\(self.with.peer.name) can write to you again." }
        case (_, .verification(let view)): self.hear(view)
        case (_, .people(let all)):
            self.people = all
            let names = self.invitable.prefix(12).joined(separator: "  ")
            self.prompt.notice = names.isEmpty ? "Everybody you know is in it." : names
        case (_, .room(let room)):
            self.hear(room)
            if case .pin(_, let on) = ask { self.prompt.notice = on ? "Pinned." : "Not pinned any more." }
            if case .invite(let people) = ask { self.prompt.notice = "Invited: \(people.joined(separator: ", "))." }
        case (.acknowledge, .done): self.prompt.notice = "Acknowledged."
        case (_, .transfers(let all)): all.forEach { self.keep($0, at: now) }
        case (_, .transfer(let transfer)): self.keep(transfer, at: now)
        case (_, .offered(let answer)): self.offered(answer)
        case (_, .live(let live)):
            self.writing.setLive(ours: live.on, theirs: live.theirs)
            self.prompt.notice =
                switch (live.on, live.theirs) {
                case (true, true):
                    "What you type is seen while you type it, and so is what \(self.with.peer.name) types."
                case (true, false):
                    "What you type is seen while you type it, once \(self.with.peer.name) has /live on too."
                case (false, _): "What you type is seen when you send it."
                }
        case (_, .presence(let own)):
            self.prompt.notice = "You are \(own.presence.rawValue)\(own.text.map { ": \($0)" } ?? "")."
        case (_, .identity(let id)):
            self.add(
                note: .lines([
                    "Compare these side by side or on the phone. If both of you see the same, nobody is in between.",
                    "you: \(id.name)", Self.grouped(id.person), "\(self.with.peer.name):",
                    self.person.map(Self.grouped) ?? "",
                ]))
        case (_, .sent), (_, .messages), (_, .done): break
        }
        return []
    }

    private mutating func found(_ messages: [ChatMessage], _ words: String) {
        guard !messages.isEmpty else { return self.prompt.notice = "Nothing found for \(words)." }
        self.add(note: .found(messages.sorted { ($0.at, $0.id) < ($1.at, $1.id) }))
    }

    /// What of the paths does not go is named.
    private mutating func offered(_ answer: OfferAnswer) {
        let notes =
            switch answer {
            case .queued(let sent): sent.first.map { FileNotes($0) }
            case .ended(let transfers): transfers.first.map { FileNotes($0) }
            }
        guard let notes, notes.isIncomplete else { return }
        let named = notes.omissions.prefix(20).map(\.path)
        let count = notes.moreOmissions + Int64(clamping: notes.omissions.count - named.count)
        let more = count > 0 ? " and \(count) more" : ""
        self.add(note: .warning("not sent: \(named.joined(separator: ", "))\(more)"))
    }

    private mutating func refused(_ ask: Ask, _ error: DoorError, at now: UInt64) -> [Ask] {
        let candidates = error.candidates.isEmpty ? "" : " " + error.candidates.prefix(4).joined(separator: ", ")
        switch ask {
        case .typing, .markRead, .complete, .active, .draft, .people: return []
        case .newest:
            // Asked again with the next message; what is there stays.
            self.prompt.notice = error.message
            return self.orderRefused(at: now)
        case .older: self.older(nil)
        case .send(let number, let text, _):
            self.outbox.settle(number)
            self.outbox.giveBack(text)
            self.prompt.notice = "Not sent: \(error.message)"
            return []
        default: break
        }
        self.prompt.notice = error.message + candidates
        return []
    }
}
