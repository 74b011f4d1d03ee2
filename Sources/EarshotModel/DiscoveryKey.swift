/// What somebody must know to recognise a device that is announced privately, and to be answered by it (Protocol.md 8):
/// 32 random bytes, drawn by the device and told to those it has accepted.
package struct DiscoveryKey: Identifier {
    package let hash: Hash32
    package init(hash: Hash32) { self.hash = hash }

    /// A secret: no log ever shows it.
    package var description: String { "a discovery key" }
    /// As it is kept.
    package var text: String { Base32.encode(self.hash.bytes) }
}

/// What a private advert carries in the place of an id: 16 characters that change every 15 minutes, and say nothing to
/// whoever does not know the key (Protocol.md 8).
package struct AdvertTag: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    /// Fails unless it is sixteen characters of base32.
    package init?(_ text: String) {
        let isTag = text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x32...0x37).contains($0) }
        guard text.utf8.count == 16, isTag else { return nil }
        self.text = text
    }

    package var description: String { self.text }
}

/// What a device is called in its advert.
package enum AdvertName: Hashable, Sendable {
    /// Its id16: the same for everybody, always.
    case id(String)
    case tag(AdvertTag)

    package var text: String {
        switch self {
        case .id(let id): id
        case .tag(let tag): tag.text
        }
    }
}
