import EarshotWire

/// How much strangers may cost before they have proved who they are (Protocol.md 3).
package struct TransportLimits: Sendable {
    package var halfOpen = Limits.halfOpen
    /// From one IPv4 address or IPv6 /64.
    package var halfOpenPerSource = Limits.halfOpenPerSource
    package var handshakesPerSecond = Limits.handshakesPerSecond
    package var burst = Limits.handshakesPerSecond
    package var handshakesPerSecondPerSource = Limits.handshakesPerSecondPerSource
    package var burstPerSource = Limits.handshakesPerSecondPerSource
    /// Ms from the connection to an open session.
    package var handshakeDeadline = Limits.handshakeTime
    /// Events of one link that may wait for the node before its socket is no longer read.
    package var outstanding = 64

    /// Bytes that may wait for somebody who does not read.
    package var unread = Limits.unreadBytes

    package init() {}
}
