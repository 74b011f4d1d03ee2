import EarshotModel

/// One step of relaying (Protocol.md 20): what a relay and those it relays for tell each other.
package enum RelayStep: Hashable, Sendable {
    /// Relay: I relay for you; I am called at this port, at the address where you know me.
    case offer(port: UInt16)
    /// Relay: not any more.
    case withdraw
    /// To the relay: these pairs I am one of, and would meet the other. All of them, each time.
    case seek([Hash16])
    /// Relay: the other of this pair is here, behind this door.
    case there(tag: Hash16, door: Hash16)
    /// Relay: nobody is behind this door any more.
    case gone(door: Hash16)
    /// Relay: somebody has called you; fetch them with this ticket.
    case come(ticket: Hash16)
    /// Between two who met over a relay: where I am called on my own networks. 16 bytes each, IPv4 as
    /// `::ffff:a.b.c.d`; at most 8.
    case at([Hash16], port: UInt16)
    /// Something newer; it is ignored.
    case other(UInt32)

    private var number: UInt32 {
        switch self {
        case .offer: 1
        case .withdraw: 2
        case .seek: 3
        case .there: 4
        case .gone: 5
        case .come: 6
        case .at: 7
        case .other(let number): number
        }
    }

    package var encoded: [UInt8] {
        var out = ProtobufWriter()
        out.integer(1, self.number)
        switch self {
        case .withdraw, .other: break
        case .offer(let port): out.integer(2, UInt32(port))
        case .seek(let tags): for tag in tags { out.element(3, tag.bytes) }
        case .there(let tag, let door):
            out.element(3, tag.bytes)
            out.bytes(4, door.bytes)
        case .gone(let door): out.bytes(4, door.bytes)
        case .come(let ticket): out.bytes(4, ticket.bytes)
        case .at(let addresses, let port):
            out.integer(2, UInt32(port))
            for address in addresses { out.element(3, address.bytes) }
        }
        return out.bytes
    }

    package init(decoding body: some Collection<UInt8>) throws(ProtocolError) {
        var reader = try ProtobufReader(body)
        var (step, port): (UInt32, UInt32) = (0, 0)
        var tags: [Hash16] = []
        var word: Hash16?
        while let (field, value) = try reader.next() {
            if [1, 2, 4].contains(field) { try reader.once(field) }
            switch field {
            case 1: step = try ProtobufReader.integer32(value)
            case 2: port = try ProtobufReader.integer32(value)
            case 3:
                guard tags.count < Limits.relayTags else { throw .tooMuch("relay tags") }
                tags.append(try Self.hash(value))
            case 4: word = try Self.hash(value)
            default: continue
            }
        }
        guard let made = Self.of(step, port: UInt16(exactly: port), tags, word) else {
            throw .malformed("relay step with something too much or missing")
        }
        self = made
    }

    private static func hash(_ value: ProtobufReader.Value) throws(ProtocolError) -> Hash16 {
        guard let hash = Hash16(try ProtobufReader.bytes(value)) else {
            throw .malformed("relay value is not 16 bytes")
        }
        return hash
    }

    private static func of(_ step: UInt32, port: UInt16?, _ tags: [Hash16], _ word: Hash16?) -> RelayStep? {
        switch (step, tags.count, word) {
        case (1, 0, nil): port.flatMap { $0 == 0 ? nil : .offer(port: $0) }
        case (2, 0, nil): .withdraw
        case (3, _, nil): .seek(tags)
        case (4, 1, let door?): .there(tag: tags[0], door: door)
        case (5, 0, let door?): .gone(door: door)
        case (6, 0, let ticket?): .come(ticket: ticket)
        case (7, 1...Limits.addressesPerNode, nil): port.flatMap { $0 == 0 ? nil : .at(tags, port: $0) }
        case (0...7, _, _): nil
        default: .other(step)
        }
    }
}
