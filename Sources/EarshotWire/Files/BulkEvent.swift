import EarshotModel

/// A bulk channel that others opened, until it is known what for. Numbers are never used again while a node runs.
package struct BulkID: Hashable, Sendable, Comparable {
    package let raw: UInt64
    package init(raw: UInt64) { self.raw = raw }
    package static func < (left: BulkID, right: BulkID) -> Bool { left.raw < right.raw }
}

/// What happens to the bytes of files, as the threads tell it that move them.
package enum BulkEvent: Sendable {
    /// Someone opened a bulk channel and says what for: `fetch` these, or here is the `source` that was asked for.
    case asked(BulkID, PersonID, DeviceID, handshake: [UInt8], BulkFrame)
    /// The receiver knows how much it is, and how much of it they have.
    case began(EnvelopeID, listing: UInt64, length: UInt64, have: UInt64)
    /// So much of the stream is on the receiver's disk, ours or theirs.
    case came(EnvelopeID, have: UInt64)
    /// The listing was seen: this is what would come.
    case looked(EnvelopeID, Contents)
    /// Sender: who was let see the listing fetches all of it there, as they have agreed meanwhile. That counts as
    /// giving.
    case gives(EnvelopeID, to: DeviceID)
    case ended(EnvelopeID, BulkEnd)
    /// Something of it does not come, or is called otherwise at the receiver's.
    case noted(EnvelopeID, TransferNotes)
    /// An open share has grown, or is complete.
    case grew(ShareID, size: UInt64, isOpen: Bool)
}

/// How the moving of bytes ended.
package enum BulkEnd: Hashable, Sendable {
    /// Receiver: everything is in its folder, under these names.
    case complete([String])
    /// Receiver: the listing was fetched, and nothing else.
    case seen
    /// Receiver: the listing is larger than anything that is looked at unasked.
    case tooLarge
    /// Receiver: the listing holds what was not known when it was agreed to; nothing of the contents was written.
    case unexpected(Contents)
    /// Receiver: not everything is here yet, so it has to be fetched.
    case incomplete
    /// It could not begin: nobody answered.
    case unreachable
    case broken(BulkBreak)
    /// The other end said why.
    case stopped(StopReason, String)
    /// We said so.
    case halted
    /// Someone else is to be asked.
    case referred(Referral)
    /// Our disk is full.
    case full
    /// What came was not what was offered.
    case dishonest(Mismatch)
    /// Our file is another now, or cannot be read.
    case changed(String)
    case unreadable(String)
    /// Our disk does not take it.
    case unwritable(DownloadError)
}

/// Why a bulk channel ended before all was moved: something is tried again, and nobody is told more than that.
package enum BulkBreak: Hashable, Sendable {
    /// The other end closed.
    case closed
    case silent
    /// What came does not open, or is no frame.
    case garbled
    /// There is no thread for it.
    case noThread
    /// What had come was taken away meanwhile.
    case vanished
    /// What the system, or a library, says.
    case system(String)
}

/// What is to be done with the bytes of files.
package enum BulkOrder: Sendable, Equatable {
    /// Call and fetch.
    case callToFetch(FetchPlan)
    /// Call them, who cannot call us, and give.
    case callToGive(Transfer, Share, isProven: Bool, DeviceID, Endpoint)
    /// On a link that they opened.
    case receive(FetchPlan, BulkID)
    case give(Transfer, Share, isProven: Bool, BulkID)
    /// Let someone see the listing who has not agreed to anything yet: on a link that they opened, or by calling
    /// them. Neither counts as giving.
    case show(Transfer, Share, isProven: Bool, BulkID)
    case callToShow(Transfer, Share, isProven: Bool, DeviceID, Endpoint)
    /// After a start: if everything is here, put it in its place.
    case recover(Transfer)
    /// It is kept that everything is in its place: nothing of it is needed where it was put together. Then people are
    /// told.
    case tidy(Transfer)
    /// Give what we are getting ourselves, or got.
    case passOn(Transfer, BulkID)
    case refer(BulkID, Referral)
    case refuse(BulkID, StopReason)
    /// Stop what runs for this offer, and tell them why.
    case halt(EnvelopeID, StopReason)
    /// Stop passing on to a person, or to one device of theirs, and letting them look.
    case haltPassing(PersonID, DeviceID?)
    /// It is kept that so much has come: now the other end may be told.
    case confirm(EnvelopeID, have: UInt64)
    /// Remove what was received so far.
    case discard(Transfer)
    /// Nobody may fetch this any more.
    case forget(Share)
}

/// From whom something is fetched, and what is needed for it.
package struct FetchPlan: Hashable, Sendable {
    package let transfer: Transfer
    /// The author, or someone who passes on.
    package let device: DeviceID
    package let endpoints: [Endpoint]
    package let avoid: [DeviceID]
    /// What the author signs with, if we know it.
    package let authorKey: [UInt8]?

    package init(
        transfer: Transfer, device: DeviceID, endpoints: [Endpoint], avoid: [DeviceID], authorKey: [UInt8]?
    ) {
        self.transfer = transfer
        self.device = device
        self.endpoints = endpoints
        self.avoid = avoid
        self.authorKey = authorKey
    }

    package var isFromAuthor: Bool { self.device == self.transfer.device }
    /// Only the listing is fetched: nobody has agreed to the rest yet.
    package var looks: Bool { self.transfer.state == .offered }
}
