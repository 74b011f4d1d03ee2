/// One signed entry in a device's log (Protocol.md 6). Only the reader of envelopes and the writer of our own log
/// make one, so `wire` and the fields always say the same.
package struct Envelope: Hashable, Sendable {
    package let id: EnvelopeID
    package let conversation: ConversationID
    package let device: DeviceID
    package let log: LogID
    /// 1, 2, 3, … without gaps.
    package let seq: UInt64
    /// The id of `seq - 1`; nothing for the first.
    package let prev: EnvelopeID?
    /// Heads of the other logs when this was written: what it may be an answer to. At most 16.
    package let parents: [EnvelopeID]
    package let stamp: HybridTime
    /// In a room the number of the membership under which its author writes (Protocol.md 17); else 0.
    package let membership: UInt64
    /// Open: kinds we do not know are kept and passed on.
    package let kind: UInt32
    /// At most 48 KiB.
    package let payload: [UInt8]
    /// All of it as it goes over the wire, signature included, byte for byte as it came.
    package let wire: [UInt8]

    package init(
        id: EnvelopeID, conversation: ConversationID, device: DeviceID, log: LogID, seq: UInt64, prev: EnvelopeID?,
        parents: [EnvelopeID], stamp: HybridTime, membership: UInt64, kind: UInt32, payload: [UInt8], wire: [UInt8]
    ) {
        self.id = id
        self.conversation = conversation
        self.device = device
        self.log = log
        self.seq = seq
        self.prev = prev
        self.parents = parents
        self.stamp = stamp
        self.membership = membership
        self.kind = kind
        self.payload = payload
        self.wire = wire
    }
}
