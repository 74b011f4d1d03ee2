// All of them declare `timespec`; which one counts depends on what else is compiled along.
import CAvahi
import CDNSSD
import CLinux
import Glibc

/// Ms since the machine started, also while it slept.
func uptime() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return UInt64(time.tv_sec) * 1_000 + UInt64(time.tv_nsec) / 1_000_000
}
