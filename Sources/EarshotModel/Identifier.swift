/// An id made of 32 bytes. Each kind of id is a type of its own, so that they are never mixed up.
/// As text it is base32 (RFC 4648, lower case, no padding), 52 characters.
package protocol Identifier: Hashable, Sendable, Comparable, CustomStringConvertible {
    var hash: Hash32 { get }
    init(hash: Hash32)
}

extension Identifier {
    /// Fails unless there are exactly 32 bytes.
    package init?(_ bytes: some Sequence<UInt8>) {
        guard let hash = Hash32(bytes) else { return nil }
        self.init(hash: hash)
    }

    /// Reads the 52 characters that `description` gives.
    package init?(text: String) {
        guard let bytes = Base32.decode(text) else { return nil }
        self.init(bytes)
    }

    package var bytes: [UInt8] { self.hash.bytes }
    package var description: String { Base32.encode(self.hash.bytes) }
    /// Its first eight letters: enough to tell it from others, and to be typed.
    package var brief: String { String(self.description.prefix(8)) }
    /// Its first six letters: what stands behind a message.
    package var mark: String { String(self.description.prefix(6)) }
    /// Whether its text begins so.
    package func hasPrefix(_ beginning: String) -> Bool { self.description.hasPrefix(beginning) }
    package static func < (left: Self, right: Self) -> Bool { left.hash < right.hash }
}

/// Which machine someone speaks from: the hash of its two public keys (Protocol.md 2).
package struct DeviceID: Identifier {
    package let hash: Hash32
    package init(hash: Hash32) { self.hash = hash }

    /// The first ten bytes, 16 characters: what an advert carries.
    package var shortID: String { Base32.encode(Array(self.hash.bytes.prefix(10))) }
}

/// Who someone is: the Ed25519 public key that signs their device list (Protocol.md 2).
package struct PersonID: Identifier {
    package let hash: Hash32
    package init(hash: Hash32) { self.hash = hash }
}

/// What is talked in: two people, oneself, or a room (Protocol.md 6).
package struct ConversationID: Identifier {
    package let hash: Hash32
    package init(hash: Hash32) { self.hash = hash }
}

/// One envelope: the hash of its body (Protocol.md 6).
package struct EnvelopeID: Identifier {
    package let hash: Hash32
    package init(hash: Hash32) { self.hash = hash }
}
