import Glibc

/// What time it is.
enum HookClock {
    /// Ms since the machine started, also while it slept.
    static var uptime: UInt64 { self.read(CLOCK_BOOTTIME) }
    /// Ms since 1970.
    static var wall: UInt64 { self.read(CLOCK_REALTIME) }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(clamping: time.tv_sec) * 1_000 + UInt64(clamping: time.tv_nsec) / 1_000_000
    }
}
