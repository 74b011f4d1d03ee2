import NIOCore

/// How long others may take, and how much of theirs is kept.
package struct WebLimits: Sendable {
    /// So long a connection may say nothing between requests.
    package var idle = TimeAmount.seconds(75)
    /// So long a request may take to come, but for the bytes of a file.
    package var sending = TimeAmount.seconds(60)
    /// So long whoever was refused may take to read why.
    package var lingering = TimeAmount.seconds(5)
    /// So long a client may leave unread what the door answers or tells.
    package var reading = TimeAmount.seconds(60)
    /// Seconds that whoever brings or takes a file may do nothing.
    package var file = 60
    /// So long an upload is kept that is not offered, after its last byte.
    package var upload = TimeAmount.hours(1)
    /// Bytes of all uploads together that are not offered yet.
    package var uploads: UInt64 = 64 << 30

    package init() {}
}
