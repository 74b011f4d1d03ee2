import EarshotModel
import EarshotWire
import Glibc
import NIOCore

/// The UDP side of all sessions: finds the session of a datagram by its index, and is silent about everything else.
final class DatagramPort: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    private struct Entry {
        let link: LinkID
        var datagrams: Datagrams
        let remote: Endpoint
        /// Where to send: known at once to who called, learned by who was called.
        var address: Endpoint?
    }

    private let transport: Transport
    private let isV6: Bool
    private var entries: [UInt64: Entry] = [:]
    private var indices: [LinkID: UInt64] = [:]

    init(transport: Transport, isV6: Bool) {
        self.transport = transport
        self.isV6 = isV6
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = self.unwrapInboundIn(data)
        guard let index = Datagrams.index(of: envelope.data.readableBytesView), var entry = self.entries[index],
            let source = Endpoint(envelope.remoteAddress),
            let (plaintext, isNewest) = entry.datagrams.open(Array(envelope.data.readableBytesView), now: uptime())
        else { return }
        if isNewest, source.isNear(entry.remote) { entry.address = source }
        self.entries[index] = entry
        self.transport.deliver(datagram: plaintext, to: entry.link)
    }

    // An unreachable port of one peer is no trouble of ours.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}

    func add(_ link: LinkID, _ datagrams: Datagrams, remote: Endpoint, called: Bool) {
        self.entries[datagrams.mine] = Entry(
            link: link, datagrams: datagrams, remote: remote, address: called ? remote : nil)
        self.indices[link] = datagrams.mine
    }

    func remove(index: UInt64) {
        if let entry = self.entries.removeValue(forKey: index) { self.indices[entry.link] = nil }
    }

    func send(_ frame: Frame, to link: LinkID, on channel: any Channel) {
        guard let index = self.indices[link], var entry = self.entries[index], let address = entry.address,
            let bytes = entry.datagrams.seal(frame, now: uptime())
        else { return }
        self.entries[index] = entry
        guard let target = self.isV6 ? address.mappedSocketAddress : address.socketAddress else { return }
        channel.writeAndFlush(
            AddressedEnvelope(remoteAddress: target, data: ByteBuffer(bytes: bytes)), promise: nil)
    }
}

/// Ms since the machine started, sleep included.
package func uptime() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return UInt64(time.tv_sec) * 1_000 + UInt64(time.tv_nsec) / 1_000_000
}
