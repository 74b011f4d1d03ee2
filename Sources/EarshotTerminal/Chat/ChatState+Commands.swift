import EarshotControl
import EarshotModel

/// What the commands of a conversation do.
extension ChatState {
    /// Letters of an id that are the fewest to name something by.
    private static let shortestID = 4

    package mutating func run(_ command: SlashCommand, at now: UInt64) -> [Ask] {
        do throws(SlashCommand.Problem) {
            try self.check(command)
            switch command {
            case .accept(let id, let folder): return try self.accept(id, folder)
            case .decline(let id): return try self.decline(id)
            case .file(let paths): return [.offer(paths)]
            case .transfers: self.add(note: .transfers)
            case .transfer(let verb, let id): return [.transfer(verb, id: try self.transfer(verb, id))]
            case .reply(let id, let text): return self.say(text, replyTo: try self.find(id).id, at: now)
            case .edit(let id, let text): return [.edit(id: try self.own(id).id, text)]
            case .delete(let id): self.prompt.question = .delete(id: try self.own(id).id)
            case .react(let id, let emoji): return [.react(id: try self.find(id).id, emoji)]
            case .search(let words): return [.search(words)]
            case .acknowledge(let id): return [.acknowledge(id: try self.find(id).id)]
            case .topic(nil): self.tell(self.with.room.map { $0.topic ?? "No topic." })
            case .topic(let text?): return [.topic(text)]
            case .invite(let people): return [.invite(people)]
            case .pin(let id, let on): return [.pin(id: try self.find(id).id, on)]
            case .leave: self.prompt.question = .leaveRoom
            case .verifyID: return [.id]
            case .verify(let what): return try self.verify(what)
            case .trust:
                guard self.with.peer.trust == .conflict else {
                    throw SlashCommand.Problem(message: "Nothing is the matter with \(self.with.peer.name).")
                }
                self.prompt.question = .trust
            case .rename(let name): return [.rename(name)]
            case .remove(let person): self.prompt.question = .remove(person)
            case .who: self.add(note: .lines(self.with.room == nil ? self.about : self.aboutRoom))
            case .block: self.prompt.question = .block
            case .unblock: return [.unblock]
            case .live(let on): return [.live(on ?? !self.live.ours)]
            case .status(let presence, let text): return [.presence(presence, text)]
            case .start:
                guard !self.isConnected else { throw SlashCommand.Problem(message: "The node is running.") }
                return [.startNode]
            case .help(let name): self.add(note: .lines(Self.help(name)))
            case .quit: return [.leave]
            }
        } catch {
            self.prompt.notice = error.message
        }
        return []
    }

    /// The answer to what was asked.
    package mutating func confirm(at now: UInt64) -> [Ask] {
        defer { self.prompt.question = nil }
        switch self.prompt.question {
        case nil: return []
        case .leave: return [.leave]
        case .block: return [.block]
        case .leaveRoom: return [.leaveRoom]
        case .trust: return [.trust]
        case .remove(let person): return [.remove(person)]
        case .delete(let id): return [.delete(id: id)]
        }
    }

    package mutating func ask(_ question: Question) { self.prompt.question = question }

    /// What is asked, in words.
    package var asking: String? {
        switch self.prompt.question {
        case nil: nil
        case .leave: "Leave? What you have not sent is kept for next time. Once more leaves, any other key stays."
        case .leaveRoom: "Leave \(self.with.peer.name)? Others see it. y leaves, any other key stays."
        case .trust:
            "\(self.peer.problem ?? "It is not certain who \(self.peer.name) is"). Go on with them as you knew them? "
                + "Best ask them first, by another way than Earshot. y goes on, any other key does not."
        case .remove(let person):
            "Take \(person) out of \(self.peer.name)? Only you can let them in again. y does, any other key does not."
        case .block: "Block \(self.with.peer.name)? Nothing they send will reach you. y blocks, any other key does not."
        case .delete(let id):
            "Delete “\(self.message(id)?.beginning ?? id.description)”, here and where \(self.with.peer.name) has it? "
                + "y deletes, any other key keeps it."
        }
    }

    /// What belongs to a room alone, or to a person.
    private func check(_ command: SlashCommand) throws(SlashCommand.Problem) {
        switch command {
        case .topic, .invite, .pin, .leave, .remove:
            guard self.with.room == nil else { return }
            throw SlashCommand.Problem(message: "That is for rooms, and this is a talk of two.")
        case .block, .unblock, .verifyID, .verify, .trust:
            guard self.with.room != nil else { return }
            throw SlashCommand.Problem(message: "That is for one person: earshot chat WHO talks to them alone.")
        default: break
        }
    }

    // MARK: persons and ids

    private var about: [String] {
        var lines = [
            "\(self.with.peer.name) · \(self.presence(of: .system)) · \(self.with.peer.trust.rawValue)",
            self.person?.description ?? "",
        ]
        if let profile = self.with.peer.view?.profile {
            let told = [profile.fullName, profile.role, profile.desk, profile.phone].compactMap { $0 }
            if !told.isEmpty { lines.append(told.joined(separator: " · ")) }
        }
        if let alarm = self.with.peer.alarm { lines.append(alarm) }
        return lines
    }

    /// How present they are, in words.
    func presence(of zone: Zone, _ style: Style = Style(hasColour: false, isUnicode: true)) -> String {
        let words = PresenceLines(style: style, zone: zone)
        return self.with.peer.view.map { words.words($0) } ?? (self.with.peer.isOnline ? "here" : "not here")
    }

    /// An id in groups of four, to be read aloud.
    package static func grouped(_ person: PersonID) -> String {
        let id = person.description
        return stride(from: 0, to: id.count, by: 4).map { String(id.dropFirst($0).prefix(4)) }.joined(separator: " ")
    }

    package static func help(_ name: String?) -> [String] {
        let word = name.map { $0.hasPrefix("/") ? String($0.dropFirst()) : $0 }
        if let usage = SlashCommand.all.first(where: { $0.name == word }) { return ["\(usage.line): \(usage.meaning)"] }
        return SlashCommand.all.map { "\($0.line): \($0.meaning)" } + [
            """
            ID: the letters behind a message; the first four are enough. Tab completes commands, ids, paths and :emoji:.
            """,
            "A text that begins with /: write // or a space before it.",
            "Alt-Enter: a new line. Up and Down: what you wrote before. PgUp and PgDn: older and newer.",
            "Ctrl-Z: suspend. Ctrl-D: leave.",
        ]
    }

    // MARK: finding what is meant

    private static func check(_ prefix: String) throws(SlashCommand.Problem) -> String {
        guard prefix.count >= self.shortestID else {
            throw SlashCommand.Problem(
                message: "\(prefix) is too short: an id takes at least \(self.shortestID) letters.")
        }
        return prefix.lowercased()
    }

    private func find(_ typed: String) throws(SlashCommand.Problem) -> ChatMessage {
        let prefix = try Self.check(typed)
        let found = self.messages.filter { $0.id.hasPrefix(prefix) }
        guard let message = found.first else {
            throw SlashCommand.Problem(
                message: "There is no message \(typed) here.\(self.isWhole ? "" : " PgUp shows older ones.")")
        }
        guard found.count == 1 else {
            throw SlashCommand.Problem(message: "Several messages begin with \(typed): give more of the id.")
        }
        return message
    }

    private func own(_ typed: String) throws(SlashCommand.Problem) -> ChatMessage {
        let message = try self.find(typed)
        guard message.isMine else { throw SlashCommand.Problem(message: "That message is not yours.") }
        guard !message.isDeleted else { throw SlashCommand.Problem(message: "That message is already deleted.") }
        return message
    }

    private func transfer(_ typed: String, _ what: String) throws(SlashCommand.Problem) -> EnvelopeID {
        let prefix = try Self.check(typed)
        let found = self.transfers.keys.filter { $0.hasPrefix(prefix) }
        guard let id = found.first else {
            throw SlashCommand.Problem(message: "There is no \(what) \(typed) here. /transfers lists them.")
        }
        guard found.count == 1 else {
            throw SlashCommand.Problem(message: "Several begin with \(typed): give more of the id.")
        }
        return id
    }

    // MARK: saying yes and no

    private func accept(_ id: String?, _ folder: String?) throws(SlashCommand.Problem) -> [Ask] {
        if let id {
            return [.acceptFile(id: try self.transfer(id, "offer"), folder: folder)]
        }
        if self.with.peer.trust == .requested, folder == nil { return [.acceptPerson] }
        return [.acceptFile(id: try self.onlyOffer("accept"), folder: folder)]
    }

    private func decline(_ id: String?) throws(SlashCommand.Problem) -> [Ask] {
        if let id {
            return [.transfer(.decline, id: try self.transfer(id, "offer"))]
        }
        if self.offers.isEmpty, self.with.peer.trust == .requested {
            throw SlashCommand.Problem(
                message:
                    "\(self.with.peer.name) asks to talk: /block blocks them; if you do not answer, they are not told.")
        }
        return [.transfer(.decline, id: try self.onlyOffer("decline"))]
    }

    /// The offer that waits, where it is clear which.
    private func onlyOffer(_ verb: String) throws(SlashCommand.Problem) -> EnvelopeID {
        let ids = self.offers.map(\.id)
        guard let id = ids.first else {
            throw SlashCommand.Problem(message: "\(self.with.peer.name) has no open offers.")
        }
        guard ids.count == 1 else { throw SlashCommand.Problem(message: self.several(ids, verb)) }
        return id
    }

    private func several(_ ids: [EnvelopeID], _ verb: String) -> String {
        let names = ids.prefix(6).map { "\($0.mark) \(self.transfers[$0]?.name ?? "?")" }
        let more = ids.count > 6 ? " and \(ids.count - 6) more" : ""
        return "Which one? /\(verb) and its id: \(names.joined(separator: ", "))\(more)"
    }

    /// The transfer a command is for: the one that is named, or the only one it can be.
    private func transfer(_ verb: Ask.Verb, _ typed: String?) throws(SlashCommand.Problem) -> EnvelopeID {
        if let typed { return try self.transfer(typed, "transfer") }
        let open: Set<TransferState> =
            switch verb {
            case .resume: [.paused]
            case .retry: [.failed]
            case .decline: [.offered]
            case .pause: [.active, .waiting]
            case .cancel: [.active, .waiting, .paused, .offered]
            }
        let ids = self.transfers.values.filter { open.contains($0.state) }.sorted(by: Self.isOlder).map(\.id)
        guard let id = ids.first else { throw SlashCommand.Problem(message: "There is nothing to \(verb.rawValue).") }
        guard ids.count == 1 else { throw SlashCommand.Problem(message: self.several(ids, verb.rawValue)) }
        return id
    }
}
