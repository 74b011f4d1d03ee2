import EarshotModel

/// The first bytes of a connection that a relay lets through (Protocol.md 20).
package enum RelayHello: Equatable {
    /// It is a call, or nothing that we know.
    case call
    /// It may still be one of the others.
    case incomplete
    /// Let me through to whoever is behind this door.
    case knock(Hash16)
    /// I come to fetch whoever waits for this ticket.
    case fetch(Hash16)

    /// Bytes of it; what follows is for whoever is at the other end.
    package static let length = 24
    private static let start = Array("EARSHOT".utf8)
    private enum Kind {
        static let knock: UInt8 = 2
        static let fetch: UInt8 = 3
    }

    package init(_ bytes: some Collection<UInt8>) {
        let kind = bytes.dropFirst(7).first
        guard zip(bytes, Self.start).allSatisfy({ $0 == $1 }),
            kind == nil || kind == Kind.knock || kind == Kind.fetch
        else {
            self = .call
            return
        }
        guard let kind, let word = Hash16(bytes.dropFirst(8).prefix(16)) else {
            self = .incomplete
            return
        }
        self = kind == Kind.knock ? .knock(word) : .fetch(word)
    }

    /// What whoever wants to be let through writes first.
    package static func knocking(at door: Hash16) -> [UInt8] { Self.start + [Kind.knock] + door.bytes }
    /// What whoever fetches somebody writes first.
    package static func fetching(_ ticket: Hash16) -> [UInt8] { Self.start + [Kind.fetch] + ticket.bytes }
}
