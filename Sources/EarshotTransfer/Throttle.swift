import EarshotModel
import EarshotNetwork
import Glibc
import NIOConcurrencyHelpers

/// How fast files may go: in all and to each device, bytes a second. Workers wait here.
package final class Throttle: Sendable {
    private struct State {
        var total: UInt64 = 0
        var perDevice: UInt64 = 0
        /// When what was taken will have been earned; uptime in µs.
        var due: UInt64 = 0
        var dueOf: [DeviceID: UInt64] = [:]
    }

    /// µs.
    private static let burst: UInt64 = 100_000
    private static let glance: UInt64 = 100_000
    /// Bytes.
    private static let least = 1_024
    private let state = NIOLockedValueBox(State())

    package init() {}

    /// 0 is no limit.
    package func set(total: UInt64, perDevice: UInt64) {
        self.state.withLockedValue { state in
            state.total = total
            state.perDevice = perDevice
            // What was taken under another rule is forgiven, or it might be waited for for days.
            state.due = 0
            state.dueOf = [:]
        }
    }

    /// How many of so many bytes go at a time: the other end should hear of us several times a second.
    func portion(_ most: Int) -> Int {
        let rate = self.state.withLockedValue { [$0.total, $0.perDevice].filter { $0 > 0 }.min() }
        return rate.map { min(most, max(Self.least, Int(clamping: $0 / 4))) } ?? most
    }

    /// Returns when so many bytes may go, or it is no use any more.
    func wait(for bytes: Int, to device: DeviceID, unless isVain: () -> Bool) {
        let now = uptime() * 1_000
        let until = self.state.withLockedValue { state -> UInt64 in
            var until = now
            if state.total > 0 {
                state.due =
                    max(state.due, now > Self.burst ? now - Self.burst : 0) + UInt64(bytes) * 1_000_000 / state.total
                until = max(until, state.due)
            }
            if state.perDevice > 0 {
                let due =
                    max(state.dueOf[device] ?? 0, now > Self.burst ? now - Self.burst : 0) + UInt64(bytes) * 1_000_000
                    / state.perDevice
                state.dueOf[device] = due
                until = max(until, due)
            }
            return until
        }
        while !isVain() {
            let now = uptime() * 1_000
            guard now < until else { return }
            usleep(UInt32(clamping: min(until - now, Self.glance)))
        }
    }
}
