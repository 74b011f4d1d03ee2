import CAvahi
import CLinux
import Glibc

/// Tells when cables, addresses or the clock change: by netlink, and by a timer that the kernel cancels when the
/// clock is set or the machine wakes up. Sleeps otherwise.
package final class NetworkWatch: Sendable {
    private let netlink: Int32
    private let clock: Int32

    /// - Parameter changed: called on a thread of its own, once for changes that come together.
    package init?(changed: @escaping @Sendable () -> Void) {
        let netlink = socket(
            AF_NETLINK, Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue),
            NETLINK_ROUTE)
        guard netlink >= 0 else { return nil }
        var address = sockaddr_nl()
        address.nl_family = sa_family_t(AF_NETLINK)
        // RTMGRP_LINK, RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR
        address.nl_groups = 0x1 | 0x10 | 0x100
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(netlink, $0, socklen_t(MemoryLayout<sockaddr_nl>.size))
            }
        }
        guard bound == 0 else {
            close(netlink)
            return nil
        }
        self.netlink = netlink
        self.clock = timerfd_create(CLOCK_REALTIME, Int32(TFD_CLOEXEC) | Int32(TFD_NONBLOCK))
        let clock = self.clock
        Worker.start {
            Self.arm(clock)
            while true {
                var polls = [
                    pollfd(fd: netlink, events: Int16(POLLIN), revents: 0),
                    pollfd(fd: clock, events: Int16(POLLIN), revents: 0),
                ]
                guard poll(&polls, 2, -1) > 0 || errno == EINTR else { return }
                // What changes together, as a cable and its addresses do, is told once.
                var pause = timespec(tv_sec: 0, tv_nsec: 200_000_000)
                nanosleep(&pause, nil)
                var buffer = [UInt8](repeating: 0, count: 16_384)
                while recv(netlink, &buffer, buffer.count, 0) > 0 {}
                if polls[1].revents != 0 {
                    read(clock, &buffer, 8)
                    Self.arm(clock)
                }
                changed()
            }
        }
    }

    private static func arm(_ clock: Int32) {
        var far = itimerspec()
        far.it_value.tv_sec = Int.max / 2
        // TFD_TIMER_ABSTIME and TFD_TIMER_CANCEL_ON_SET
        timerfd_settime(clock, 1 | 2, &far, nil)
    }
}
