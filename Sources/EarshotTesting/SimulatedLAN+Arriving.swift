import EarshotModel
import EarshotRules
import EarshotWire

/// What comes in on a line, as a link would tell it.
extension SimulatedLAN {
    mutating func arrive(_ wire: Int, _ carried: Carried, _ host: Int) {
        let link = LinkID(raw: UInt64(wire))
        switch carried {
        case .opened(let introduction, let remote, let dial):
            guard self.wires[wire].isUp else { return }
            if dial != nil { self.wires[wire].calling = nil }
            self.handle(.transport(.opened(link, introduction, remote: remote, dial: dial)), host)
        case .closed(let end): self.handle(.transport(.closed(link, end)), host)
        case .bytes(let frames, let path):
            let end = self.wires[wire].ends[0] == host ? 0 : 1
            for (type, body) in frames {
                guard self.wires[wire].isUp || path == .stream && self.wires[wire].endedBy == host else { return }
                guard let frame = try? Frame(type: type, body: body[...]) else { return self.cut(wire) }
                // As the line does.
                if case .ping(let nonce) = frame { self.send([.pong(nonce)], wire, from: host) }
                guard case .envelopes(let envelopes) = frame else {
                    self.handle(.transport(.frame(link, frame, path)), host)
                    continue
                }
                guard self.wires[wire].hears[end] else { continue }
                let certificate = self.hosts[self.wires[wire].ends[1 - end]].identity.certificate
                let own = envelopes.filter { $0.device == certificate.device }
                guard let verified = try? own.map({ try VerifiedEnvelope($0, key: certificate.signingKey) }) else {
                    return self.cut(wire)
                }
                let others = envelopes.filter { $0.device != certificate.device }
                self.handle(.transport(.envelopes(link, verified, unverified: others, path)), host)
            }
        }
    }
}
