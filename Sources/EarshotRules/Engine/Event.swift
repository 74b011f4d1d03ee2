import EarshotModel
import EarshotWire

/// Everything that can happen to a node, save what its own people ask for: those are verbs of the engine.
package enum Event: Sendable {
    /// Something on the links.
    case transport(TransportEvent)
    /// An advert: whose it is and where it says they can be reached.
    case sighted(shortID: String, [Endpoint])
    /// An advert that only those recognise who know its node's key.
    case sightedTag(AdvertTag, [Endpoint])
    /// An advert was taken back: what it was called, an id or a tag.
    case vanished(shortID: String)
    /// What a typed address stands for just now; empty when it could not be found out.
    case resolved(String, [Endpoint])
    /// Cables, addresses or the clock changed, or the machine slept.
    case networkChanged
    /// No network is left but the machine itself.
    case cutOff
    /// The moment that `wakeAt` named has come.
    case woke
    /// Bytes free where the database lies, and why nothing can be written there if that is so.
    case space(UInt64, StorageTrouble? = nil)
    /// Words of ours were sealed as ordered, up to a place in our log; `nil` where that could not be done.
    case sealed(SealOrder, SealedBlob?, to: UInt64)
    /// The bodies at these places are on this disk no more: they were deleted, or their time was over.
    case dropped([(log: LogID, seq: UInt64)])
    /// Something about the bytes of files.
    case bulk(BulkEvent)
    /// Somebody wants to be let through to others, or does not any more.
    case relay(RelayEvent)
}
