import EarshotModel

/// Who may begin a handshake now: counts what is half-open and how often each source comes. Time is passed in, in ms.
struct HandshakeLimiter: Sendable {
    private struct Bucket: Sendable {
        var tokens: Double
        var at: UInt64
    }

    /// Sources kept in mind; more and the longest silent one is forgotten.
    private static let sources = 1_024

    private let limits: TransportLimits
    private var halfOpen: [[UInt8]: Int] = [:]
    private var total = 0
    private var buckets: [[UInt8]: Bucket] = [:]
    private var all: Bucket

    init(_ limits: TransportLimits) {
        self.limits = limits
        self.all = Bucket(tokens: Double(limits.burst), at: 0)
    }

    /// An IPv4 address stands for itself, an IPv6 address for its /64.
    static func source(_ endpoint: Endpoint) -> [UInt8] {
        endpoint.address.count == 4 ? endpoint.address : Array(endpoint.address.prefix(8))
    }

    mutating func admits(_ source: [UInt8], now: UInt64) -> Bool {
        guard self.total < self.limits.halfOpen, self.halfOpen[source] ?? 0 < self.limits.halfOpenPerSource else {
            return false
        }
        if self.buckets[source] == nil, self.buckets.count >= Self.sources,
            let oldest = self.buckets.min(by: { $0.value.at < $1.value.at })
        {
            self.buckets[oldest.key] = nil
        }
        var bucket = self.buckets[source] ?? Bucket(tokens: Double(self.limits.burstPerSource), at: now)
        let passes = Self.take(&bucket, self.limits.handshakesPerSecondPerSource, self.limits.burstPerSource, now)
        self.buckets[source] = bucket
        guard passes, Self.take(&self.all, self.limits.handshakesPerSecond, self.limits.burst, now) else {
            return false
        }
        self.halfOpen[source, default: 0] += 1
        self.total += 1
        return true
    }

    mutating func leaves(_ source: [UInt8]) {
        self.total -= 1
        let left = (self.halfOpen[source] ?? 1) - 1
        self.halfOpen[source] = left > 0 ? left : nil
    }

    private static func take(_ bucket: inout Bucket, _ perSecond: Int, _ burst: Int, _ now: UInt64) -> Bool {
        let since = now > bucket.at ? min(now - bucket.at, 60_000) : 0
        bucket.tokens = min(Double(burst), bucket.tokens + Double(since) * Double(perSecond) / 1_000)
        bucket.at = now
        guard bucket.tokens >= 1 else { return false }
        bucket.tokens -= 1
        return true
    }
}
