/// How much strangers may cost before they have proved who they are (Protocol.md 3).
package struct LineLimits: Sendable {
    package var halfOpen = 64
    /// From one IPv4 address or IPv6 /64.
    package var halfOpenPerSource = 4
    package var handshakesPerSecond = 200
    package var burst = 200
    package var handshakesPerSecondPerSource = 20
    package var burstPerSource = 20
    /// Ms from the connection to an open session.
    package var handshakeDeadline: Int64 = 5_000
    /// Events of one link that may wait for the node before its socket is no longer read.
    package var outstanding = 64

    /// Bytes that may wait for somebody who does not read.
    package var unread = 8 << 20

    package init() {}
}
