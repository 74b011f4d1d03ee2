import EarshotModel
import EarshotNetwork
import NIOConcurrencyHelpers

/// How fast files may go: in all and to each device, bytes a second. Workers wait here.
package final class Throttle: Sendable {
    private struct State {
        var total: UInt64 = 0
        var perDevice: UInt64 = 0
        /// What may go now; `nil` where there is no limit.
        var all: TokenBucket?
        var each: [DeviceID: TokenBucket] = [:]
        /// Counts how often the limits were set.
        var rule = 0
        /// Those who wait.
        var bells = Bells()
    }

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
            state.all = Self.bucket(total)
            state.each = [:]
            state.rule += 1
            state.bells.ring()
        }
    }

    /// At once goes what a tenth of a second allows.
    private static func bucket(_ rate: UInt64) -> TokenBucket? {
        rate > 0 ? TokenBucket(rate, burst: max(rate / 10, 1)) : nil
    }

    /// How many of so many bytes go at a time: the other end should hear of us several times a second.
    func portion(_ most: Int) -> Int {
        let (total, each) = self.state.withLockedValue { ($0.total, $0.perDevice) }
        let rate = total == 0 ? each : each == 0 ? total : min(total, each)
        return rate == 0 ? most : min(most, max(Self.least, Int(clamping: rate / 4)))
    }

    /// Takes so many bytes, at this uptime in ms. How many ms until they may go, and under which rule.
    func take(_ bytes: Int, to device: DeviceID, now: UInt64) -> (wait: UInt64, rule: Int) {
        let bytes = UInt64(clamping: bytes)
        return self.state.withLockedValue { state in
            var wait = state.all?.take(upFront: bytes, now: now) ?? 0
            if var bucket = state.each[device] ?? Self.bucket(state.perDevice) {
                wait = max(wait, bucket.take(upFront: bytes, now: now))
                state.each[device] = bucket
            }
            return (wait, state.rule)
        }
    }

    /// Returns when so many bytes may go, the limits are others, or it is no use any more.
    func wait(for bytes: Int, to device: DeviceID, on channel: BulkChannel) throws(BulkChannel.Failure) {
        let now = uptime()
        let (wait, rule) = self.take(bytes, to: device, now: now)
        guard wait > 0 else { return }
        let (until, isOver) = now.addingReportingOverflow(wait)
        self.state.withLockedValue { $0.bells.add(channel.bell) }
        defer { self.state.withLockedValue { $0.bells.remove(channel.bell) } }
        while self.state.withLockedValue({ $0.rule }) == rule, isOver || uptime() < until {
            guard try channel.rest(until: isOver ? .max : until) else { return }
        }
    }
}
