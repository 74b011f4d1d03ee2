import EarshotModel
import Noise

/// Who gets an answer to a first message (Protocol.md 3). Everybody else gets not a byte.
package struct Gate: Hashable, Sendable {
    /// Whether whoever has seen our advert passes, or knows an address.
    package var isOpen: Bool
    /// Those to whom it was told pass in any case.
    package var key: DiscoveryKey?

    package init(isOpen: Bool = true, key: DiscoveryKey? = nil) {
        self.isOpen = isOpen
        self.key = key
    }

    /// Nobody passes.
    package static let shut = Gate(isOpen: false)
}

/// The hellos that passed by key, the latest of them. Who recorded one and sends it again is
/// no better than a stranger.
package struct PassedHellos: Sendable {
    private var known: Set<Hash16> = []
    /// In a ring: what is to be forgotten next is at `next`.
    private var ring: [Hash16] = []
    private var next = 0

    package init() {}

    /// - Parameter gate: the 16 bytes of a hello.
    /// - Returns: whether it comes for the first time.
    package mutating func isFirst(_ gate: [UInt8]) -> Bool {
        guard let hash = Hash16(gate), self.known.insert(hash).inserted else { return false }
        if self.ring.count < Limits.passedHellos {
            self.ring.append(hash)
        } else {
            self.known.remove(self.ring[self.next])
            self.ring[self.next] = hash
            self.next = (self.next + 1) % self.ring.count
        }
        return true
    }
}
