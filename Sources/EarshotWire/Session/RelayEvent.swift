import EarshotModel

/// Somebody who stands before a door of ours, until they are let through or turned away. Numbers are never used again
/// while a node runs.
package struct KnockID: Hashable, Sendable {
    package let raw: UInt64
    package init(raw: UInt64) { self.raw = raw }
}

/// What happens at the doors of a relay, as the network tells it.
package enum RelayEvent: Sendable {
    case knocked(KnockID, door: Hash16)
    /// They have left, or their connection through us has ended.
    case left(KnockID)
}
