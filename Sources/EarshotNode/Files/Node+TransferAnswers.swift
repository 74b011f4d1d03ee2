import EarshotControl
import EarshotModel
import EarshotRules
import EarshotStore
import EarshotVault
import FoundationEssentials
import Glibc
import Logging

/// What is told and asked of transfers at the door.
extension Node {
    func offerJSON(_ offer: FileOffer) -> JSON {
        let name = SafeName(offer.name)
        return .compact([
            "name": .string(name.text), "size": offer.isOpen ? nil : .integer(Int64(clamping: offer.size)),
            "count": .integer(Int64(clamping: offer.files)),
            "tops": offer.tops > 1 ? .integer(Int64(clamping: offer.tops)) : nil, "folder": offer.isFolder ? true : nil,
            "open": offer.isOpen ? true : nil,
            "type": offer.type.isEmpty ? nil : .string(SafeText.name(offer.type)),
            "warning": name.suspicion.map { .string($0.rawValue) },
            "picture": offer.picture.isEmpty ? nil : .string(Data(offer.picture).base64EncodedString()),
            "duration": offer.duration > 0 ? .integer(Int64(clamping: offer.duration)) : nil,
        ])
    }

    func json(_ transfer: Transfer, _ state: RunState, running: Bool? = nil) -> JSON {
        var object = self.offerJSON(transfer.offer).object ?? [:]
        let (engine, now) = (state.engine, Self.now().uptime)
        let isRunning = running ?? engine.isRunning(transfer.id)
        let shown = self.state(transfer, isRunning)
        let have = transfer.have > transfer.listing ? transfer.have - transfer.listing : 0
        let size =
            transfer.offer.isOpen && transfer.state == .complete && transfer.length > transfer.listing
            ? transfer.length - transfer.listing : nil
        let isSilent = shown == "active" && state.transfers.isSilent(transfer.id, now: now)
        let reason = isSilent ? "nothing comes just now" : self.reason(transfer, shown, engine)
        let rate: Int64? = shown == "active" ? Int64(clamping: state.transfers.rate(transfer.id, now: now)) : nil
        let programs: Int64? = transfer.contents.flatMap { $0.programs > 0 ? Int64(clamping: $0.programs) : nil }
        let examples = transfer.contents?.examples ?? []
        let isUnseen = transfer.isUnseen && !transfer.state.isFinal
        // The whole listing counts, not the first name.
        if let contents = transfer.contents { object["warning"] = contents.suspicion.map { .string($0.rawValue) } }
        let more: JSON = .compact(
            [
                "id": .string(transfer.id.description), "direction": transfer.isIncoming ? "in" : "out",
                "person": .string(transfer.person.description),
                "peer": .string(self.name(transfer.person, engine)), "state": .string(shown),
                "have": .integer(Int64(clamping: have)),
                "size": size.map { .integer(Int64(clamping: $0)) }, "at": .string(transfer.at.rfc3339),
                "reason": reason.map { .string($0) }, "rate": rate.map { .integer($0) },
                "programs": programs.map { .integer($0) },
                "programNames": examples.isEmpty ? nil : .array(examples.map { .string($0) }),
                "unseen": isUnseen ? true : nil, "to": transfer.folder.map { .string($0) },
                "files": transfer.names.isEmpty
                    ? nil : .array(transfer.names.map { .string("\(transfer.folder ?? "")/\($0)") }),
            ].merging(self.alarm(transfer.person, engine)) { $1 })
        object.merge(more.object ?? [:]) { $1 }
        object.merge(self.json(transfer.notes)) { $1 }
        return .object(object)
    }

    /// What did not come along, and what is called otherwise at its receiver's: the first of each, and how many.
    func json(_ notes: TransferNotes) -> [String: JSON] {
        let notSent = notes.omitted.map {
            JSON.object(["path": .string(SafeText.path($0.path)), "reason": .string($0.reason.words)])
        }
        let renamed = notes.renamed.map {
            JSON.object(["from": .string(SafeText.path($0.from)), "to": .string(SafeText.path($0.to))])
        }
        return JSON.compact([
            "notSent": notes.omittedCount == 0 ? nil : .array(notSent),
            "notSentCount": notes.omittedCount == 0 ? nil : .integer(Int64(clamping: notes.omittedCount)),
            "renamed": notes.renamedCount == 0 ? nil : .array(renamed),
            "renamedCount": notes.renamedCount == 0 ? nil : .integer(Int64(clamping: notes.renamedCount)),
        ]).object ?? [:]
    }

    /// Why a transfer does not go on, where that is known.
    private func reason(_ transfer: Transfer, _ shown: String, _ engine: Engine) -> String? {
        if let reason = transfer.reason { return reason }
        guard shown == "waiting" || shown == "offered" else { return nil }
        let name = self.name(transfer.person, engine)
        guard case .presence = engine.waitingFor(transfer.person, now: Self.now().uptime) else {
            return shown == "waiting" && transfer.isIncoming ? "waits for its turn" : nil
        }
        if transfer.isIncoming, shown == "offered" {
            return transfer.isUnseen ? "what is in it can be seen when \(name) is here" : nil
        }
        return "\(name) is not here; it goes on when \(name) appears"
    }

    private func state(_ transfer: Transfer, _ isRunning: Bool) -> String {
        switch transfer.state {
        // A look at the listing is nothing that people wait for.
        case .offered where transfer.isIncoming: "offered"
        case .offered: isRunning ? "active" : transfer.have == 0 ? "offered" : "waiting"
        case .accepted: isRunning ? "active" : "waiting"
        case .paused, .complete, .declined, .cancelled, .failed: transfer.state.rawValue
        }
    }

    /// Tells listeners of a transfer; while it runs, only now and then.
    func announce(_ transfer: Transfer, _ isRunning: Bool, _ state: inout RunState) {
        let have = transfer.have > transfer.listing ? transfer.have - transfer.listing : 0
        if isRunning { state.transfers.note(transfer.id, have: have, now: Self.now().uptime) }
        if isRunning, !state.transfers.tells(transfer.id, now: Self.now().uptime) { return }
        if transfer.isIncoming, transfer.state == .offered {
            self.log.info("\(transfer.person.description.prefix(8)) offers \(SafeName(transfer.offer.name))")
        }
        guard !state.subscribers.isEmpty else { return }
        let event = self.event(transfer, running: isRunning, state)
        state.subscribers.tell(.transfer(transfer.id)) { event }
    }

    /// Of those that run and were not heard of for a second: so a rate falls when nothing comes.
    func tellQuiet(_ state: inout RunState, _ now: Moment) {
        guard !state.subscribers.listening.isEmpty else { return }
        for id in state.transfers.untold(now: now.uptime) {
            guard let transfer = state.engine.transfer(id), state.engine.isRunning(id) else { continue }
            self.announce(transfer, true, &state)
        }
    }

    func answer(transfers request: Request.OfTransfers, _ caller: CallerID, _ state: inout RunState, _ now: Moment)
        throws -> (JSON, [Effect])
    {
        var found: Transfer?
        func transfer(_ id: String) throws -> Transfer {
            let transfer = try self.transfer(id)
            found = transfer
            return transfer
        }
        do {
            switch request {
            case .list(let limit, let who, let incoming):
                let person = try who.map { try self.person($0, state.engine) }
                let found = try self.store.transfers(limit: limit, with: person, incoming: incoming)
                return (.array(found.map { self.json(state.engine.transfer($0.id) ?? $0, state) }), [])
            case .accept(let id, let folder):
                let transfer = try transfer(id)
                let target =
                    folder ?? (transfer.state == .failed ? transfer.folder : nil) ?? self.downloads(state.engine)
                let effects =
                    transfer.state == .failed
                    ? try state.engine.accept(failed: transfer, into: target, at: now)
                    : try state.engine.accept(transfer.id, into: target, isNamed: folder != nil, at: now)
                if Destination.isStream(target, state: self.directory.path) {
                    state.transfers.streams[transfer.id] = (caller, target)
                }
                return (self.json(state.engine.transfer(transfer.id) ?? transfer, state), effects)
            case .decline(let id), .cancel(let id):
                let transfer = try transfer(id)
                if case .decline = request, !transfer.isIncoming { throw Engine.TransferRefusal.notIncoming }
                let effects =
                    transfer.isIncoming
                    ? try state.engine.decline(transfer.id, at: now) : try state.engine.withdraw(transfer.id, at: now)
                var ended = transfer
                ended.state = transfer.isIncoming ? .declined : .cancelled
                return (self.json(ended, state, running: false), effects)
            case .pause(let id):
                let transfer = try transfer(id)
                let effects = try state.engine.pause(transfer.id)
                return (self.json(state.engine.transfer(transfer.id) ?? transfer, state), effects)
            case .resume(let id):
                let transfer = try transfer(id)
                let effects = try state.engine.resume(transfer.id)
                return (self.json(state.engine.transfer(transfer.id) ?? transfer, state), effects)
            case .offerOpen(let to, let path, let name):
                return try self.offer(open: path, as: name, to: self.persons(to, state.engine), caller, &state, now)
            case .grew(let share, let size, let isOpen): return try self.grew(share, size, isOpen, caller, &state, now)
            case .rules: return (self.rules(state.engine), [])
            case .addRule(let rule):
                let from = try rule.from.map { try self.person($0, state.engine) }
                let added = AcceptanceRule(
                    from: from?.description, verified: rule.verified, most: rule.most.map { UInt64(clamping: $0) },
                    types: rule.types, folder: rule.folder,
                    quota: rule.quota.map { UInt64(clamping: $0) })
                let effects = state.engine.set(rules: state.engine.filesSettings.rules + [added])
                return (self.rules(state.engine), effects)
            case .removeRule(let number):
                var rules = state.engine.filesSettings.rules
                guard let place = Int(exactly: number), (1...).contains(place), place <= rules.count else {
                    throw DoorError(.unknownName, "There is no rule \(number). `earshot rules` lists them.")
                }
                rules.remove(at: place - 1)
                let effects = state.engine.set(rules: rules)
                return (self.rules(state.engine), effects)
            case .retry(let id):
                let transfer = try transfer(id)
                let effects = try state.engine.retry(transfer)
                return (self.json(state.engine.transfer(transfer.id) ?? transfer, state), effects)
            }
        } catch let refusal as Engine.TransferRefusal {
            switch refusal {
            case .notIncoming:
                throw DoorError(
                    .refused,
                    "That is an offer of yours: it is for the other to say yes or no. `earshot transfers cancel` takes it back."
                )
            case .elsewhere(let folder):
                throw DoorError(
                    .refused, "Part of it is in \(folder) already. Cancel it first if it should not go there.")
            case .over:
                throw DoorError(.refused, "That transfer is over\(found.map { ": \($0.state.rawValue)" } ?? "").")
            }
        }
    }

    /// Whether files got where they were to go, are not wanted there, or time is up.
    func outcome(ofOffers waiting: RunState.Waiting, _ state: RunState, _ now: Moment) -> Result<JSON, DoorError>? {
        guard now.uptime >= waiting.until || waiting.said.allSatisfy({ state.engine.transfer($0.id) == nil }) else {
            return nil
        }
        return .success(
            .array(
                waiting.said.compactMap { said in
                    let kept = try? self.store.transfers(idPrefix: said.id.description).first
                    return (state.engine.transfer(said.id) ?? kept).map { self.json($0, state) }
                }))
    }

    private func rules(_ engine: Engine) -> JSON {
        .array(
            engine.filesSettings.rules.enumerated().map { index, rule in
                let person = rule.from.flatMap { PersonID(text: $0) }
                return .compact(
                    [
                        "number": .integer(Int64(clamping: index) + 1), "from": rule.from.map { .string($0) },
                        "name": person.map { .string(self.name($0, engine)) }, "verified": rule.verified ? true : nil,
                        "most": rule.most.map { .integer(Int64(clamping: $0)) },
                        "types": rule.types.isEmpty ? nil : .array(rule.types.map { .string($0) }),
                        "folder": .string(rule.folder ?? self.downloads(engine)),
                        "quota": rule.quota.map { .integer(Int64(clamping: $0)) },
                    ].merging(self.alarm(person, engine)) { $1 })
            })
    }

    /// Where files go if nothing else is said.
    func downloads(_ engine: Engine) -> String {
        engine.filesSettings.folder ?? self.usualDownloads
    }

    /// Where they go if nothing was ever said.
    var usualDownloads: String {
        if let folder = getenv("XDG_DOWNLOAD_DIR").map({ String(cString: $0) }), folder.hasPrefix("/") { return folder }
        if let home = getenv("HOME").map({ String(cString: $0) }), home.hasPrefix("/") { return home + "/Downloads" }
        return self.directory.path + "/downloads"
    }
}
