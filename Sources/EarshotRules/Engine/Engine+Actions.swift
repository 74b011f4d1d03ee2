import EarshotModel
import EarshotWire

/// What the machines want done becomes an effect, or a verb of another machine.
extension Engine {
    mutating func perform(_ actions: [Links.Action]) -> [Effect] {
        actions.flatMap { action -> [Effect] in
            switch action {
            case .ping(let link, let now): [.transmit([.ping(now)], link)]
            case .beat(let link, let now): [.datagram(.ping(now), link)]
            case .close(let link, let code): [.close(link, code)]
            case .renew(let link, let now): self.renew(link, now: now)
            }
        }
    }

    mutating func perform(_ actions: [People.Action], from link: LinkID? = nil) -> [Effect] {
        actions.flatMap { action -> [Effect] in
            switch action {
            case .keep(let fact): [.keep(fact)]
            case .announce(let news): [.announce(news)]
            case .admit: [.admit(self.admission)]
            case .settle(let person, let now): self.settleDevices(of: person, given: link, at: now)
            case .refuse: link.map { [.close($0, .protocolError)] } ?? []
            }
        }
    }

    mutating func perform(_ actions: [Conversations.Action]) -> [Effect] {
        actions.flatMap { action -> [Effect] in
            switch action {
            case .keep(let fact): self.keep(fact)
            case .transmit(let frames, let link): [.transmit(frames, link)]
            case .datagram(let frame, let link): [.datagram(frame, link)]
            case .serve(let want, let link): [.serve(want, link)]
            case .greet(let link, let id): self.greet(link, id)
            case .persons(let versions, let id, let link, let now): self.compare(versions, id, link, at: now)
            case .pause(let link, let wait): [.pause(link, wait)]
            case .close(let link, let code): [.close(link, code)]
            case .warn(let warning, let person): [.announce(.warning(warning, person))]
            case .came(let envelope, let content, let author, let now):
                self.came(envelope, content, by: author, at: now)
            }
        }
    }

    private mutating func keep(_ fact: Fact) -> [Effect] {
        self.noteMail(fact)
        return [.keep(fact)]
    }

    mutating func perform(_ actions: [Files.Action]) -> [Effect] {
        actions.flatMap { action -> [Effect] in
            switch action {
            case .keep(let fact): [.keep(fact)]
            case .announce(let news): [.announce(news)]
            case .bulk(let order): [.bulk(order)]
            case .transmit(let frames, let link): [.transmit(frames, link)]
            case .say(let content, let conversation, let person, let now):
                (try? self.answer(content, in: conversation, to: person, at: now)) ?? []
            }
        }
    }
}
