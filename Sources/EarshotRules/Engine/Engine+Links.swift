import EarshotModel
import EarshotWire

/// What happens on links: they open and close, and frames come in.
extension Engine {
    mutating func handle(_ event: TransportEvent, at now: Moment) -> [Effect] {
        switch event {
        case .opened(let link, let introduction, let remote, let dial):
            return self.opened(link, introduction, remote, dial, at: now)
        case .frame(let link, let frame, let path):
            guard self.links.hear(link, path, now: now.uptime), let state = self.links[link] else { return [] }
            return self.receive(frame, link, state, at: now)
        case .envelopes(let link, let verified, let unverified, let path):
            guard self.links.hear(link, path, now: now.uptime) else { return [] }
            return self.perform(
                self.conversations.receive(verified, unverified, link, self.peers, at: now))
        case .writable: return []
        case .worn(let link): return self.perform(self.links.wear(link, now: now.uptime))
        case .closed(let link, _): return self.closed(link, at: now)
        case .dialFailed(let dial, _, let failure):
            self.whereabouts.dialer.failed(dial)
            return failure == .violated(.downgrade) ? self.downgraded(dial) : []
        case .refused: return []
        }
    }

    private func downgraded(_ dial: DialID) -> [Effect] {
        guard case .shortID(let shortID) = self.whereabouts.dialer.target(of: dial) else { return [] }
        return self.trust.people.owners(ofShortID: shortID).first.map { [.announce(.warning(.downgrade, $0.person))] }
            ?? []
    }

    // MARK: opening and closing

    private mutating func opened(
        _ link: LinkID, _ introduction: Introduction, _ remote: Endpoint, _ dial: DialID?, at now: Moment
    ) -> [Effect] {
        let (person, device) = (introduction.person, introduction.device)
        self.health.witness.met(person)
        let talks = self.peers.hears(person, device)
        self.whereabouts.dialer.linked(
            device, remote: remote, dial: dial, isContact: talks && self.isSought(person), now: now.uptime)
        let standing = self.trust.people.manifests.standing(
            of: device, person, claiming: introduction.peer.manifestVersion)
        // Whoever was accepted is let in, also before we hold a list of their devices.
        let isExpected = self.trust.hasToDo(with: person)
        // They passed the gate when it was still open to them.
        let isLate =
            !introduction.isInitiator && !self.gate.isOpen && person != self.me && !self.trust.people.talks(person)
        if standing.isOver || isLate || !isExpected && !self.links.mayTakeStrangers {
            self.whereabouts.dialer.unlinked(device, isContact: false)
            return [.close(link, standing.isOver || isLate ? .notWanted : .tooMany)]
        }
        let wasOnline = self.isOnline(person)
        self.links.add(link, LinkState(introduction, remote: remote, now: now.uptime))
        self.links.note(link, isStranger: !talks)
        self.conversations.opened(link)
        var effects = self.settleRivals(of: link, at: now)
        guard self.links[link] != nil else { return effects }

        // The session heard envelopes from its first frame on if we talked to them when it began; perhaps that changed.
        effects.append(.hear(link, talks))
        var frames = self.presenceFrames(on: link, at: now) + [self.profileFrame(on: link)]
        let rooms = self.rooms.telling
        if !rooms.isEmpty { frames.append(.rooms(rooms)) }
        if self.trust.people.lacksManifest(introduction) { frames.append(.manifestAsk(person)) }
        effects.append(.transmit(frames, link))
        if standing == .listed {
            effects += self.welcome(link, ask: false, at: now)
        } else if self.trust.people.isHeard(person, device) {
            self.trust.people.met(person)
        }
        self.files.hurry(device)
        if introduction.isInitiator { effects.append(.datagram(.ping(now.uptime), link)) }
        if !wasOnline, self.isOnline(person) { effects.append(.announce(.presence(person, online: true))) }
        return effects
    }

    /// A manifest lists the device at the other end: from here on what it says is its person's word.
    /// - Parameter ask: whether the other end should say again what it holds, as we did not heed it until now.
    private mutating func welcome(_ link: LinkID, ask: Bool, at now: Moment) -> [Effect] {
        guard let state = self.links[link], !state.isWelcome else { return [] }
        self.links.welcome(link)
        let isMate = self.trust.mates.contains(state.person)
        var effects = self.perform(self.trust.people.welcome(state.introduction, isMate: isMate))
        let hears = self.peers.hears(state.person, state.device)
        self.links.note(link, isStranger: !hears)
        if self.talks(state.person, state.device) {
            // What we showed them before was what strangers see.
            if ask {
                let frames = self.presenceFrames(on: link, at: now) + [self.profileFrame(on: link)]
                effects.append(.transmit(frames, link))
            }
            effects += self.noteSeen(state, at: now)
        }
        if hears {
            if state.isOurs, !state.remote.isRelayed {
                effects.append(.keep(.reached(state.device, state.person, state.remote, at: now.wall)))
            }
            self.whereabouts.dialer.linked(
                state.device, remote: state.remote, dial: nil, isContact: self.isSought(state.person), now: now.uptime)
            let frames = self.keyFrames(to: state.person) + self.greeting(link, ask: ask)
            effects.append(.transmit(frames + self.liveFrames(to: state.person), link))
            effects += self.mailEffects(on: link, at: now)
            effects += self.learnKey(on: link)
            effects += self.openedTrust(link, at: now)
            effects += self.openedRelay(link)
        }
        if let name = state.unheard.name {
            effects += self.hear(name: name, state.unheard.profile, link, state.person)
        }
        if let request = state.unheard.request { effects += self.receive(request: request, link, state, at: now) }
        return effects + self.provide(state.person, at: now) + self.openedJoin(link, at: now)
    }

    /// Heads for our conversation and the rooms that we share, and the request that goes with a first word.
    mutating func greeting(_ link: LinkID, ask: Bool) -> [Frame] {
        guard let state = self.links[link] else { return [] }
        let rooms = self.conversations.greetRooms(link, ask: ask, self.peers).map { Frame.heads($0) }
        guard self.talks(state.person, state.device),
            let greeting = self.conversations.greet(link, state.person, ask: ask)
        else { return rooms }
        guard greeting.isUnanswered, let request = self.trust.people.request(to: state.person),
            self.links.takeRequest(link, hasWords: self.trust.people.hasBegun(with: state.person))
        else { return [.heads(greeting.heads)] + rooms }
        return [request, .heads(greeting.heads)] + rooms
    }

    /// What we wrote first, to somebody who was only greeted because we had written nothing.
    mutating func tellFirstWords(to person: PersonID) -> [Effect] {
        guard self.trust.people.hasBegun(with: person), self.conversations.isUnanswered(by: person),
            let request = self.trust.people.request(to: person)
        else { return [] }
        return self.links.of(person).compactMap { link in
            guard let state = self.links[link], self.talks(person, state.device),
                self.links.takeRequest(link, hasWords: true)
            else { return nil }
            return .transmit([request], link)
        }
    }

    /// Heads of one conversation, as they were asked for.
    mutating func greet(_ link: LinkID, _ id: ConversationID) -> [Effect] {
        if self.conversations.membership.room(of: id) != nil {
            return self.conversations.greet(link, id, ask: false, self.peers).map { [.transmit([.heads($0)], link)] }
                ?? []
        }
        guard let state = self.links[link], self.talks(state.person, state.device),
            let greeting = self.conversations.greet(link, state.person, ask: false)
        else { return [] }
        return [.transmit([.heads(greeting.heads)], link)]
    }

    private mutating func settleRivals(of link: LinkID, at now: Moment) -> [Effect] {
        let losers = self.links.losers(to: link, now: now.uptime)
        var effects: [Effect] = losers.map { .close($0, .replaced) }
        let device = self.links[link]?.device
        for loser in losers {
            let losing = self.links.remove(loser)
            self.conversations.closed(loser)
            effects += self.perform(self.rooms.closed(loser), at: now)
            effects += self.closedTrust(loser, at: now)
            self.presence.profiles.closed(loser)
            if let device = losing { self.closedMail(loser, of: device.person, at: now) }
        }
        // What was pushed on the one that goes may be lost: offer it on the one that stays.
        if losers.contains(link), let stays = device.flatMap({ self.links.of($0).first }) {
            effects += self.offerAgain(stays)
        }
        return effects
    }

    mutating func offerAgain(_ link: LinkID) -> [Effect] {
        guard self.peers.hears(link) else { return [] }
        let frames = self.greeting(link, ask: true)
        return frames.isEmpty ? [] : [.transmit(frames, link)]
    }

    private mutating func closed(_ link: LinkID, at now: Moment) -> [Effect] {
        let wasOnline = self.links[link].map { self.isOnline($0.person) } ?? false
        self.conversations.closed(link)
        let open = self.perform(self.rooms.closed(link), at: now)
        self.presence.profiles.closed(link)
        let wasLive = self.links[link].map { self.live(with: $0.person).theirs } ?? false
        guard let gone = self.links.remove(link) else { return [] }
        var effects = open + self.closedTrust(link, at: now)
        self.closedMail(link, of: gone.person, at: now)
        if let other = self.links.of(gone.device).first { return effects + self.offerAgain(other) }
        let isMate = self.trust.mates.contains(gone.person)
        self.whereabouts.dialer.unlinked(gone.device, isContact: self.isSought(gone.person))
        effects += self.closedRelay(gone.device)
        effects += self.noteSeen(gone, at: now)
        if wasLive, !self.live(with: gone.person).theirs { effects.append(.announce(.live(gone.person, text: ""))) }
        if isMate {
            effects += self.perform(self.conversations.wantsAgain(gone.person, self.peers, now: now.uptime))
        } else if self.links.of(gone.person).isEmpty {
            effects += self.perform(self.trust.people.left(gone.person))
        }
        if wasOnline, !self.isOnline(gone.person) { effects.append(.announce(.presence(gone.person, online: false))) }
        return effects
    }

    /// The session is old or worn: a new one takes its place (make before break, Protocol.md 4).
    mutating func renew(_ link: LinkID, now: UInt64) -> [Effect] {
        guard let state = self.links[link],
            let dial = self.whereabouts.dialer.renewal(state.device, state.remote, now: now)
        else { return [] }
        return [.dial(dial, state.remote, self.expectation(of: state.device))]
    }

    // MARK: frames

    private mutating func receive(_ frame: Frame, _ link: LinkID, _ state: LinkState, at now: Moment) -> [Effect] {
        let person = state.person
        switch frame {
        // The session and its link have seen to them.
        case .close, .ready, .ping, .pong, .ignorable, .envelopes: return []
        case .heads(let heads):
            return self.knock(heads, state, at: now)
                + self.perform(self.conversations.receive(heads, link, self.peers, at: now))
        case .want(let want): return self.perform(self.conversations.receive(want, link, self.peers))
        case .gone(let gone):
            return self.perform(self.conversations.receive(gone, link, self.peers, at: now))
        case .fetch(let fetch):
            let peers = self.peers
            // Who was called calls us themselves.
            guard state.isOurs, peers.hears(link), peers.isWritable, self.links.mayFetch(link, now: now.uptime) else {
                return []
            }
            return self.noteFetch(fetch.share, by: state.person, at: now)
                + self.perform(self.files.receive(fetch, state, link, peers))
        case .refer(let referral):
            return self.perform(self.files.receive(referral, from: state.device, self.peers, at: now))
        case .manifestAsk(let asked):
            // Ours always; another's only to who shares a conversation with them: in a talk of two they themselves.
            guard asked == self.me || asked == person || self.rooms.share(person, asked),
                let manifest = self.trust.people.manifests[asked]
            else { return [] }
            return [.transmit([.manifestGive(manifest.wire)], link)]
        case .manifestGive(let bytes):
            return self.receive(manifest: bytes, from: person, link, at: now)
        case .profile(let name, let profile): return self.receive(name: name, profile, link, state)
        case .presence(let notice): return self.receive(notice, link, person, at: now)
        case .pictureAsk(let picture): return self.receive(pictureAsk: picture, link, at: now)
        case .picturePart(let part): return self.receive(part, link)
        case .draft(let draft): return self.receive(draft, link, person, at: now)
        case .discoveryKey(let key): return self.receive(key, link, state, at: now)
        case .mail(let mail): return self.receive(mail, link, state, at: now)
        case .request(let text): return self.receive(request: text, link, state, at: now)
        case .rooms(let rooms): return self.perform(self.rooms.told(rooms, by: person, link), at: now)
        case .typing(let conversation, let on):
            guard self.conversations.admits(link, to: conversation, self.peers),
                self.links.mayType(link, now: now.uptime)
            else { return [] }
            guard let room = self.conversations.membership.room(of: conversation) else {
                return [.announce(.typing(person, nil, on: on))]
            }
            // Who may not write there has nothing to type.
            guard conversation == room.talk, room.state.mayWrite(person) else { return [] }
            return [.announce(.typing(person, room.id, on: on))]
        case .relay(let step): return self.receive(step, link, state, at: now)
        case .verify(let step):
            guard self.links.mayVerify(link, now: now.uptime) else { return [] }
            return self.receive(step, link, at: now)
        }
    }

    private mutating func receive(request text: String, _ link: LinkID, _ state: LinkState, at now: Moment)
        -> [Effect]
    {
        guard self.trust.people.manifests.lists(state.person, state.device) else {
            self.links.keep(link, request: text)
            return []
        }
        if self.trust.people.talks(state.person) { return self.offerAgain(link) }
        let before = self.links.hearRequest(link)
        switch self.contacts.policy {
        case .lan: return self.accept(state.person, at: now)
        case .ask where before > 1: return []
        case .ask:
            return self.perform(self.trust.people.requested(state.person, text: text, isSecond: before == 1, at: now))
        }
    }

    /// What the newest manifest of a person says of the devices that are linked: who is not listed goes, who is may
    /// talk from now on.
    /// - Parameter given: who gave a manifest just now, and so has no newer one that could list them.
    mutating func settleDevices(of person: PersonID, given: LinkID?, at now: Moment) -> [Effect] {
        self.noteStrangers(of: person)
        var effects = self.settleKeys(of: person) + self.forgetPrekeys(of: person)
        for link in self.links.of(person) {
            guard let state = self.links[link] else { continue }
            let claimed = link == given ? 0 : state.introduction.peer.manifestVersion
            switch self.trust.people.manifests.standing(of: state.device, person, claiming: claimed) {
            case .unknown: break
            case .revoked, .unlisted:
                effects += [.close(link, .notWanted)]
                effects += self.perform(self.files.halt(with: state.device, of: person))
            case .listed where state.isWelcome: break
            case .listed:
                let wasOnline = self.isOnline(person)
                effects.append(.hear(link, self.peers.hears(state.person, state.device)))
                effects += self.welcome(link, ask: true, at: now)
                if !wasOnline, self.isOnline(person) { effects.append(.announce(.presence(person, online: true))) }
            }
        }
        return effects
    }

    /// We talk to a person from now on, or not any more: their links count as strangers' or do not.
    mutating func noteStrangers(of person: PersonID) {
        for link in self.links.of(person) { self.links.note(link, isStranger: !self.peers.hears(link)) }
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
