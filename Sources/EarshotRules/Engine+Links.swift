import EarshotModel
import EarshotWire

/// What happens on links: they open and close, and frames come in.
extension Engine {
    mutating func handle(_ event: TransportEvent, at now: Moment) -> [Effect] {
        switch event {
        case .opened(let link, let introduction, let remote, let dial):
            return self.opened(link, introduction, remote, dial, at: now)
        case .frame(let link, let frame, let path):
            guard self.heard(link, path, at: now) else { return [] }
            return self.receive(frame, link, at: now)
        case .envelopes(let link, let verified, let unverified, let path):
            guard self.heard(link, path, at: now) else { return [] }
            return self.receive(verified, unverified, link, at: now)
        case .writable: return []
        case .worn(let link): return self.renew(link, at: now)
        case .closed(let link, let end): return self.closed(link, end, at: now)
        case .dialFailed(let dial, _, let failure):
            self.dialer.failed(dial)
            return failure == .violated(.downgrade) ? self.downgraded(dial) : []
        case .refused: return []
        }
    }

    private func downgraded(_ dial: DialID) -> [Effect] {
        guard case .shortID(let shortID) = self.dialer.target(of: dial) else { return [] }
        let person = self.contacts.all.first {
            self.manifests[$0.person]?.active.contains { $0.device.shortID == shortID } ?? false
        }
        return person.map { [.announce(.warning(.downgrade, $0.person))] } ?? []
    }

    private mutating func heard(_ link: LinkID, _ path: LinkPath, at now: Moment) -> Bool {
        guard self.links[link] != nil else { return false }
        self.links[link]?.heardAt = now.uptime
        self.links[link]?.askedAt = nil
        if path == .datagram { self.links[link]?.datagramAt = now.uptime }
        return true
    }

    // MARK: opening and closing

    private mutating func opened(
        _ link: LinkID, _ introduction: Introduction, _ remote: Endpoint, _ dial: DialID?, at now: Moment
    ) -> [Effect] {
        let person = introduction.person
        let device = introduction.device
        let fresh = LinkState(introduction, remote: remote, now: now.uptime)
        let talks = self.talks(fresh)
        self.dialer.linked(device, remote: remote, dial: dial, isContact: talks, now: now.uptime)
        let standing = self.manifests.standing(of: device, person, claiming: introduction.peer.manifestVersion)
        if standing.isOver || !talks && !self.mayCallStrangers {
            self.dialer.unlinked(device, isContact: false)
            return [.close(link, standing.isOver ? .notWanted : .tooMany)]
        }
        let wasOnline = self.isOnline(person)
        self.links[link] = fresh
        var effects = self.settleRivals(of: link, at: now)
        guard self.links[link] != nil else { return effects }

        // The session heard envelopes from its first frame on if we talked to them when it began; perhaps that changed.
        effects.append(.hear(link, talks))
        var frames: [Frame] = [.profile(name: self.name)]
        if self.lacksManifest(introduction) { frames.append(.manifestAsk(person)) }
        effects.append(.transmit(frames, link))
        if standing == .listed {
            effects += self.welcome(link, ask: false, at: now)
        } else if self.isHeard(fresh) {
            _ = self.contacts.met(person, wireVersion: 1)
        }
        self.transfers.hurry(device)
        if introduction.isInitiator { effects.append(.datagram(.ping(now.uptime), link)) }
        if !wasOnline, self.isOnline(person) { effects.append(.announce(.presence(person, online: true))) }
        return effects
    }

    /// Whether the other end has a manifest of its person that we do not hold, or we hold none.
    private func lacksManifest(_ introduction: Introduction) -> Bool {
        guard let held = self.manifests[introduction.person] else { return true }
        let (version, hash) = (introduction.peer.manifestVersion, introduction.peer.manifestHash)
        return version > held.version || version == held.version && hash != held.hash
    }

    /// A manifest lists the device at the other end: from here on what it says is its person's word.
    /// - Parameter ask: whether the other end should say again what it holds, as we did not heed it until now.
    private mutating func welcome(_ link: LinkID, ask: Bool, at now: Moment) -> [Effect] {
        guard let state = self.links[link], !state.isWelcome else { return [] }
        self.links[link]?.isWelcome = true
        let (person, peer) = (state.person, state.introduction.peer)
        var effects: [Effect] = []
        if let contact = self.contacts.met(person, wireVersion: peer.wireVersions.max() ?? 1) {
            effects.append(.keep(.contact(contact)))
        }
        let isNews = self.manifests.receive(peer.certificate)
        if self.talks(state) {
            if isNews { effects.append(.keep(.certificate(peer.certificate))) }
            let isCaller = state.introduction.isInitiator
            if isCaller { effects.append(.keep(.reached(state.device, person, state.remote, at: now.wall))) }
            self.dialer.linked(state.device, remote: state.remote, dial: nil, isContact: true, now: now.uptime)
            effects.append(.transmit(self.greeting(link, ask: ask), link))
        }
        if let name = state.unheard.name { effects += self.receive(profile: name, link) }
        if let request = state.unheard.request { effects += self.receive(request: request, link, at: now) }
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

    /// Of several sessions with one device one stays: of two called at once the one opened by the lower device, else
    /// the newer.
    private mutating func settleRivals(of link: LinkID, at now: Moment) -> [Effect] {
        guard let fresh = self.links[link] else { return [] }
        var effects: [Effect] = []
        for (rival, old) in self.links where rival != link && old.device == fresh.device {
            let crossed =
                old.introduction.isInitiator != fresh.introduction.isInitiator
                && now.uptime < old.openedAt + Limits.crossing && old.renewingAt == nil
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
        guard let state = self.links[link], self.talks(state) else { return [] }
        return [.transmit(self.greeting(link, ask: true), link)]
    }

    private mutating func closed(_ link: LinkID, _ end: LinkEnd, at now: Moment) -> [Effect] {
        self.owed[link] = nil
        let wasOnline = self.links[link].map { self.isOnline($0.person) } ?? false
        guard let gone = self.links.removeValue(forKey: link) else { return [] }
        if let other = self.links.first(where: { $0.value.device == gone.device }) { return self.offerAgain(other.key) }
        self.dialer.unlinked(gone.device, isContact: self.contacts.talks(gone.person))
        var effects: [Effect] = []
        if !self.links.values.contains(where: { $0.person == gone.person }) {
            self.contacts.left(gone.person)
            if self.contacts[gone.person]?.trust ?? .new == .new, gone.person != self.me,
                self.manifests[gone.person] != nil
            {
                self.manifests.forget(gone.person)
                effects.append(.admit(self.admission))
            }
        }
        if wasOnline, !self.isOnline(gone.person) { effects.append(.announce(.presence(gone.person, online: false))) }
        return effects
    }

    package func isOnline(_ person: PersonID) -> Bool {
        self.links.values.contains { $0.person == person && self.isPresent($0) }
    }

    // MARK: frames

    private mutating func receive(_ frame: Frame, _ link: LinkID, at now: Moment) -> [Effect] {
        guard let state = self.links[link] else { return [] }
        let person = state.person
        switch frame {
        // The session and its link have seen to them.
        case .close, .ready, .ping, .pong, .ignorable, .envelopes: return []
        case .heads(let heads): return self.receive(heads, link, at: now)
        case .want(let want): return self.receive(want, link)
        case .gone(let gone): return self.receive(gone, link, at: now)
        case .fetch(let fetch): return self.receive(fetch, link, at: now)
        case .refer(let referral): return self.receive(referral, link, at: now)
        case .manifestAsk(let asked):
            // Ours always; another's only to who shares a conversation with him, and in a talk of two that is himself.
            guard asked == self.me || asked == person, let manifest = self.manifests[asked] else { return [] }
            return [.transmit([.manifestGive(manifest.wire)], link)]
        case .manifestGive(let bytes): return self.receive(manifest: bytes, link, at: now)
        case .profile(let raw): return self.receive(profile: raw, link)
        case .request(let text): return self.receive(request: text, link, at: now)
        case .typing(let conversation, let on):
            guard self.talks(state), conversation == Derive.conversation(self.me, person),
                self.links[link]?.typing.take(now: now.uptime) == nil
            else { return [] }
            return [.announce(.typing(person, on: on))]
        }
    }

    /// Whether a name counts at once: the device is listed, or we know no device of this person and it is as good as
    /// any.
    private func isHeard(_ link: LinkState) -> Bool {
        self.manifests[link.person] == nil && !self.contacts.talks(link.person)
            || self.manifests.lists(link.person, link.device)
    }

    private mutating func receive(profile raw: String, _ link: LinkID) -> [Effect] {
        guard let state = self.links[link] else { return [] }
        guard self.isHeard(state) else {
            self.links[link]?.unheard.name = raw
            return []
        }
        let (contact, isNews) = self.contacts.named(state.person, raw)
        guard isNews else { return [] }
        return (contact.trust == .new ? [] : [.keep(.contact(contact))]) + [.announce(.peer(state.person))]
    }

    private mutating func receive(request text: String, _ link: LinkID, at now: Moment) -> [Effect] {
        guard let state = self.links[link] else { return [] }
        guard self.manifests.lists(state.person, state.device) else {
            self.links[link]?.unheard.request = state.unheard.request ?? text
            return []
        }
        if self.contacts.talks(state.person) { return self.offerAgain(link) }
        switch self.contacts.policy {
        case .lan: return self.accept(state.person, at: now)
        case .ask:
            guard let contact = self.contacts.requested(state.person, text: text, at: now) else { return [] }
            return [.keep(.contact(contact))]
        }
    }

    private mutating func receive(manifest bytes: [UInt8], _ link: LinkID, at now: Moment) -> [Effect] {
        let manifest: Manifest
        do { manifest = try Manifest(decoding: bytes) } catch { return [.close(link, .protocolError)] }
        guard let person = self.links[link]?.person, manifest.person == person else { return [] }
        var effects: [Effect] = []
        let before = self.manifests[person]
        switch self.manifests.receive(manifest) {
        case .known, .old: break
        case .equivocation:
            if let contact = self.contacts.conflict(person) { effects.append(.keep(.contact(contact))) }
            effects += [.admit(self.admission), .announce(.warning(.equivocation, person))]
        case .taken:
            if self.contacts.talks(person) {
                // What devices wrote that are not listed any more stays, and is checked by what certified them.
                let gone = before?.active.filter { old in !manifest.active.contains { $0.device == old.device } } ?? []
                effects += gone.map { .keep(.certificate($0)) } + [.keep(.manifest(manifest))]
            }
            effects.append(.admit(self.admission))
        }
        return effects + self.settleDevices(of: person, given: link, at: now)
    }

    /// What the newest manifest of a person says of the devices that are linked: who is not listed goes, who is may
    /// talk from now on.
    /// - Parameter given: who gave a manifest just now, and so has no newer one that could list them.
    private mutating func settleDevices(of person: PersonID, given: LinkID, at now: Moment) -> [Effect] {
        var effects: [Effect] = []
        for (link, state) in self.links.sorted(by: { $0.key < $1.key }) where state.person == person {
            let claimed = link == given ? 0 : state.introduction.peer.manifestVersion
            switch self.manifests.standing(of: state.device, person, claiming: claimed) {
            case .unknown: break
            case .revoked, .unlisted:
                effects += [.close(link, .notWanted)] + self.haltTransfers(with: state.device, of: person)
            case .listed where state.isWelcome: break
            case .listed:
                let wasOnline = self.isOnline(person)
                effects.append(.hear(link, self.talks(state)))
                effects += self.welcome(link, ask: true, at: now)
                if !wasOnline, self.isOnline(person) { effects.append(.announce(.presence(person, online: true))) }
            }
        }
        return effects
    }
}

extension DeviceStanding {
    /// There is nothing to wait for: the device is not its person's.
    fileprivate var isOver: Bool {
        switch self {
        case .revoked, .unlisted: true
        case .listed, .unknown: false
        }
    }
}
