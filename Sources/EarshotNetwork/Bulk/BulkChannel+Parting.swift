import EarshotWire
import Glibc

extension BulkChannel {
    /// Ms that the other end has to hear why we leave.
    private static let parting: UInt64 = 1_000
    /// Bytes of theirs that are dropped meanwhile.
    private static let mostDropped = 16 << 20

    /// The last word. What they still say is read and dropped for a moment: a connection that is closed over it is
    /// reset, and a reset takes the last word with it. Whoever has left is not told.
    package func part(with frame: BulkFrame) {
        guard (try? self.send(frame)) != nil, (try? self.flush()) != nil else { return }
        shutdown(self.descriptor, Int32(SHUT_WR))
        let end = uptime() + Self.parting
        var left = Self.mostDropped
        withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { buffer in
            while left > 0 {
                let now = uptime()
                var waiting = pollfd(fd: self.descriptor, events: Int16(POLLIN), revents: 0)
                guard now < end, Glibc.poll(&waiting, 1, Int32(clamping: end - now)) > 0 else { return }
                let count = recv(self.descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
                guard count > 0 else { return }
                left -= count
            }
        }
    }
}
