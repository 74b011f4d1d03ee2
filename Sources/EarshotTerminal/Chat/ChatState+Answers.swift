import EarshotControl

/// What the answers of the door change.
extension ChatState {
    package mutating func answered(_ ask: Ask, _ result: Result<JSON, DoorError>, at now: UInt64) -> [Ask] {
        switch result {
        case .failure(let error): return self.refused(ask, error, at: now)
        case .success(let answer): return self.done(ask, answer, at: now)
        }
    }

    private mutating func done(_ ask: Ask, _ answer: JSON, at now: UInt64) -> [Ask] {
        switch ask {
        case .send(let number, _, _):
            self.outbox.settle(number, ids: (answer.array ?? []).compactMap { $0["id"]?.string })
        case .newest(let limit): return self.order(answer.array ?? [], asked: limit, at: now)
        case .older: self.older(answer.array ?? [])
        case .acceptPerson, .block, .unblock, .person:
            let request = (self.peer.request, self.peer.requestedAt)
            self.peer = Peer(answer)
            if self.peer.request == nil { (self.peer.request, self.peer.requestedAt) = request }
            if ask == .acceptPerson { self.notice = "\(self.peer.name) is one of your contacts now." }
            if ask == .block { self.notice = "\(self.peer.name) is blocked. /unblock takes it back." }
            if ask == .unblock { self.notice = "\(self.peer.name) can write to you again." }
        case .transfers: (answer.array ?? []).forEach { self.keep($0, at: now) }
        case .acceptFile, .transfer:
            if answer["state"] != nil { self.keep(answer, at: now) }
        case .offer: self.offered(answer)
        case .search(let words):
            let found = (answer.array ?? []).compactMap { ChatMessage($0) }
            if found.isEmpty {
                self.notice = "Nothing found for \(words)."
            } else {
                self.add(note: .found(found.sorted { ($0.at, $0.id) < ($1.at, $1.id) }))
            }
        case .id:
            self.add(
                note: .lines([
                    "Compare these side by side or on the phone. The same at both ends: nobody is in between.",
                    "you: \(answer["name"]?.string ?? "")", Self.grouped(answer["person"]?.string ?? ""),
                    "\(self.peer.name):", Self.grouped(self.person),
                ]))
        case .startNode, .edit, .delete, .react, .typing, .markRead, .complete, .redraw, .suspend, .leave: break
        }
        return []
    }

    /// What of the paths was not taken is named.
    private mutating func offered(_ answer: JSON) {
        let skipped = (answer.array?.first?["skipped"]?.array ?? [])
            .compactMap { $0.string ?? $0["path"]?.string ?? $0["name"]?.string }
        guard !skipped.isEmpty else { return }
        let more = skipped.count > 20 ? " and \(skipped.count - 20) more" : ""
        self.add(note: .warning("not sent: \(skipped.prefix(20).joined(separator: ", "))\(more)"))
    }

    private mutating func refused(_ ask: Ask, _ error: DoorError, at now: UInt64) -> [Ask] {
        let candidates = error.candidates.isEmpty ? "" : " " + error.candidates.prefix(4).joined(separator: ", ")
        switch ask {
        case .typing, .markRead, .complete: return []
        case .newest:
            // Asked again with the next message; what is there stays.
            self.notice = error.message
            return self.orderRefused(at: now)
        case .older: self.older(nil)
        case .send(let number, let text, _):
            self.outbox.settle(number)
            self.returned.append(text)
            self.notice = "Not sent: \(error.message)"
            return []
        default: break
        }
        self.notice = error.message + candidates
        return []
    }
}
