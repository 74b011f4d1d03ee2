import EarshotModel
import EarshotWire

/// Text that is shown while it is typed, where both have switched it on (Protocol.md 4, Draft). Nothing of it is kept.
extension Engine {
    /// Whether our people have switched it on for a talk, and whether the other has.
    package func live(with person: PersonID) -> (ours: Bool, theirs: Bool) {
        (self.presence.own.liveTalks.contains(person), self.links.states(of: person).contains(where: \.isLive))
    }

    package mutating func setLive(_ person: PersonID, on: Bool) -> [Effect] {
        guard self.trust.people.talks(person), on != self.presence.own.liveTalks.contains(person) else { return [] }
        if on { self.presence.own.liveTalks.insert(person) } else { self.presence.own.liveTalks.remove(person) }
        let frame = Frame.draft(Draft(self.conversation(with: person), on: on))
        return self.links.of(person).filter { self.peers.talks($0) }.map { .transmit([frame], $0) }
            + [.announce(.live(person, text: ""))]
    }

    /// What our people are writing now, to whoever sees it.
    package func draft(_ text: String, to person: PersonID) -> [Effect] {
        guard self.presence.own.liveTalks.contains(person) else { return [] }
        var shown = ""
        var bytes = 0
        for character in text {
            bytes += character.utf8.count
            guard bytes <= Limits.draftBytes else { break }
            shown.append(character)
        }
        let frame = Frame.draft(Draft(self.conversation(with: person), on: true, text: shown))
        return self.links.of(person).filter { self.links[$0]?.isLive ?? false && self.peers.talks($0) }
            .map { .transmit([frame], $0) }
    }

    /// A session opens: it is told that we have it on.
    func liveFrames(to person: PersonID) -> [Frame] {
        self.presence.own.liveTalks.contains(person) ? [.draft(Draft(self.conversation(with: person), on: true))] : []
    }

    mutating func receive(_ draft: Draft, _ link: LinkID, _ person: PersonID, at now: Moment) -> [Effect] {
        guard self.conversations.admits(link, to: draft.conversation, self.peers),
            self.links.mayDraft(link, now: now.uptime)
        else { return [] }
        let before = self.live(with: person)
        self.links.hear(link, live: draft.on)
        let isShown = self.presence.own.liveTalks.contains(person) && draft.on
        guard isShown || before != self.live(with: person) else { return [] }
        return [.announce(.live(person, text: isShown ? SafeText.message(draft.text) : ""))]
    }
}
