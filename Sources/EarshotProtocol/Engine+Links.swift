import EarshotModel

/// What happens on lines: they open and close, and frames come in.
extension Engine {
    /// Two sessions that opened within so many ms of each other were called by both sides at once.
    private static let crossing: UInt64 = 10_000

    mutating func handle(_ event: LineEvent, at now: Moment) -> [Effect] {
        switch event {
        case .opened(let link, let introduction, let remote, let dial):
            return self.opened(link, introduction, remote, dial, at: now)
        case .frame(let link, let frame, let road):
            guard self.heard(link, road, at: now) else { return [] }
            return self.receive(frame, link, at: now)
        case .envelopes(let link, let verified, let unverified, let road):
            guard self.heard(link, road, at: now) else { return [] }
            return self.receive(verified, unverified, link, at: now)
        case .writable: return []
        case .worn(let link): return self.renew(link, at: now)
        case .closed(let link, let end): return self.closed(link, end, at: now)
        case .dialFailed(let dial, _, let failure):
            self.roster.failed(dial)
            return failure == .violated(.downgrade) ? self.downgraded(dial) : []
        case .refused: return []
        }
    }

    private func downgraded(_ dial: DialID) -> [Effect] {
        guard case .short(let short) = self.roster.target(of: dial) else { return [] }
        let person = self.contacts.all.first { self.manifests[$0.person]?.active.contains { $0.device.short == short } ?? false }
        return person.map { [.announce(.warning(.downgrade, $0.person))] } ?? []
    }

    private mutating func heard(_ link: LinkID, _ road: Road, at now: Moment) -> Bool {
        guard self.links[link] != nil else { return false }
        self.links[link]?.heardAt = now.uptime
        self.links[link]?.askedAt = nil
        if road == .datagram { self.links[link]?.datagramAt = now.uptime }
        return true
    }

    // MARK: opening and closing

    private mutating func opened(
        _ link: LinkID, _ introduction: Introduction, _ remote: Endpoint, _ dial: DialID?, at now: Moment
    ) -> [Effect] {
        let person = introduction.person
        let device = introduction.device
        let talks = self.contacts.talks(person)
        self.roster.linked(device, remote: remote, dial: dial, isContact: talks, now: now.uptime)
        if !talks, !self.mayCallStrangers {
            self.roster.unlinked(device, isContact: false)
            return [.close(link, .tooMany)]
        }
        let wasOnline = self.isOnline(person)
        let fresh = LinkState(introduction, remote: remote, now: now.uptime)
        self.links[link] = fresh
        var effects = self.settleRivals(of: link, at: now)
        guard self.links[link] != nil else { return effects }

        if let contact = self.contacts.met(person, wireVersion: introduction.peer.wireVersions.max() ?? 1) {
            effects.append(.keep(.contact(contact)))
        }
        if self.manifests.receive(introduction.peer.certificate), talks {
            effects.append(.keep(.certificate(introduction.peer.certificate)))
        }
        if talks, dial != nil { effects.append(.keep(.reached(device, person, remote, at: now.wall))) }
        // The session heard envelopes from its first frame on if we talked to him when it began; perhaps that changed.
        effects.append(.hear(link, talks))
        var frames: [Frame] = [.profile(name: self.name)]
        let held = self.manifests[person]
        if introduction.peer.manifestVersion > held?.version ?? 0
            || introduction.peer.manifestVersion == held?.version && introduction.peer.manifestHash != held?.hash
        {
            frames.append(.manifestAsk(person))
        }
        if talks { frames += self.greeting(link, ask: false) }
        effects.append(.transmit(frames, link))
        self.transfers.hurry(device)
        if introduction.isInitiator { effects.append(.datagram(.ping(now.uptime), link)) }
        if !wasOnline { effects.append(.announce(.presence(person, online: true))) }
        return effects
    }

    /// Heads for our conversation, and the request that goes with a first word.
    mutating func greeting(_ link: LinkID, ask: Bool) -> [Frame] {
        guard let state = self.links[link] else { return [] }
        let id = self.open(with: state.person)
        guard let conversation = self.conversations[id] else { return [] }
        self.links[link]?.syncs[id, default: Sync()].toldHeads(said: conversation.said)
        var frames: [Frame] = []
        if !conversation.isHeldByOthers, conversation.logs.count <= 1, !state.requestSent,
            self.contacts[state.person]?.trust == .accepted
        {
            self.links[link]?.requestSent = true
            frames.append(.request(text: self.firstWords[state.person] ?? "\(self.name) would like to talk to you"))
        }
        return frames + [.heads(conversation.heads(readBy: self.me, ask: ask))]
    }

    /// Of several sessions with one device one stays: of two called at once the one opened by the lower device, else the newer.
    private mutating func settleRivals(of link: LinkID, at now: Moment) -> [Effect] {
        guard let fresh = self.links[link] else { return [] }
        var effects: [Effect] = []
        for (rival, old) in self.links where rival != link && old.device == fresh.device {
            let crossed = old.introduction.isInitiator != fresh.introduction.isInitiator
                && now.uptime < old.openedAt + Self.crossing && old.renewingAt == nil
            let lowerCalls = self.device < fresh.device
            let loser = crossed && fresh.introduction.isInitiator != lowerCalls ? link : rival
            effects.append(.close(loser, .replaced))
            self.links[loser] = nil
            self.owed[loser] = nil
            if loser == link {
                // What was pushed on the one that goes may be lost: offer it on the one that stays.
                effects += self.offerAgain(rival)
                return effects
            }
        }
        return effects
    }

    mutating func offerAgain(_ link: LinkID) -> [Effect] {
        guard let state = self.links[link], self.contacts.talks(state.person) else { return [] }
        return [.transmit(self.greeting(link, ask: true), link)]
    }

    private mutating func closed(_ link: LinkID, _ end: LinkEnd, at now: Moment) -> [Effect] {
        self.owed[link] = nil
        guard let gone = self.links.removeValue(forKey: link) else { return [] }
        if let other = self.links.first(where: { $0.value.device == gone.device }) { return self.offerAgain(other.key) }
        self.roster.unlinked(gone.device, isContact: self.contacts.talks(gone.person))
        if !self.isOnline(gone.person) {
            self.contacts.left(gone.person)
            if self.contacts[gone.person]?.trust ?? .new == .new, gone.person != self.me { self.manifests.forget(gone.person) }
        }
        return self.isOnline(gone.person) ? [] : [.announce(.presence(gone.person, online: false))]
    }

    package func isOnline(_ person: PersonID) -> Bool { self.links.values.contains { $0.person == person } }

    // MARK: frames

    private mutating func receive(_ frame: Frame, _ link: LinkID, at now: Moment) -> [Effect] {
        guard let state = self.links[link] else { return [] }
        let person = state.person
        switch frame {
        case .close, .ready, .ping, .pong, .ignorable, .envelopes: return []  // The session and its line have seen to them.
        case .heads(let heads): return self.receive(heads, link, at: now)
        case .want(let want): return self.receive(want, link)
        case .gone(let gone): return self.receive(gone, link, at: now)
        case .fetch(let fetch): return self.receive(fetch, link, at: now)
        case .refer(let referral): return self.receive(referral, link, at: now)
        case .manifestAsk(let asked):
            // Ours always; another's only to who shares a conversation with him, and in a talk of two that is himself.
            guard asked == self.me || asked == person, let manifest = self.manifests[asked] else { return [] }
            return [.transmit([.manifestGive(manifest.wire)], link)]
        case .manifestGive(let bytes): return self.receive(manifest: bytes, link)
        case .profile(let raw): return self.receive(profile: raw, person)
        case .request(let text): return self.receive(request: text, link, at: now)
        case .typing(let conversation, let on):
            guard self.contacts.talks(person), conversation == Derive.conversation(self.me, person),
                self.links[link]?.typing.take(now: now.uptime) == nil
            else { return [] }
            return [.announce(.typing(person, on: on))]
        }
    }

    private mutating func receive(profile raw: String, _ person: PersonID) -> [Effect] {
        let (contact, isNews) = self.contacts.named(person, raw)
        guard isNews else { return [] }
        return (contact.trust == .new ? [] : [.keep(.contact(contact))]) + [.announce(.peer(person))]
    }

    private mutating func receive(request text: String, _ link: LinkID, at now: Moment) -> [Effect] {
        guard let person = self.links[link]?.person else { return [] }
        if self.contacts.talks(person) { return self.offerAgain(link) }
        switch self.contacts.policy {
        case .lan: return self.accept(person, at: now)
        case .ask:
            guard let contact = self.contacts.requested(person, text: text, at: now) else { return [] }
            return [.keep(.contact(contact))]
        }
    }

    private mutating func receive(manifest bytes: [UInt8], _ link: LinkID) -> [Effect] {
        let manifest: Manifest
        do { manifest = try Manifest(decoding: bytes) } catch { return [.close(link, .protocolError)] }
        guard let person = self.links[link]?.person, manifest.person == person else { return [] }
        switch self.manifests.receive(manifest) {
        case .known, .old: return []
        case .equivocation:
            let conflict = self.contacts.conflict(person).map { [Effect.keep(.contact($0))] } ?? []
            return conflict + [.announce(.warning(.equivocation, person))]
        case .taken(let revoked):
            var effects: [Effect] = self.contacts.talks(person) ? [.keep(.manifest(manifest))] : []
            if !revoked.isEmpty {
                effects.append(.admit(self.admission))
                effects += self.links.filter { revoked.contains(PersonDevice($0.value.person, $0.value.device)) }.map { .close($0.key, .notWanted) }
            }
            return effects
        }
    }
}
