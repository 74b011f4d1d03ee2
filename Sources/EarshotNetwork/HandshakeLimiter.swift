import EarshotModel

/// Who may begin a handshake now: counts what is half-open and how often each source comes. Time is passed in, in ms.
struct HandshakeLimiter: Sendable {
    /// Sources kept in mind; more and the longest silent one is forgotten.
    private static let sources = 1_024

    private let limits: TransportLimits
    private var halfOpen: [[UInt8]: Int] = [:]
    private var total = 0
    private var buckets: [[UInt8]: TokenBucket] = [:]
    private var all: TokenBucket

    init(_ limits: TransportLimits) {
        self.limits = limits
        self.all = TokenBucket(
            UInt64(clamping: limits.handshakesPerSecond), burst: UInt64(clamping: limits.burst))
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
            let oldest = self.buckets.min(by: { $0.value.askedAt ?? 0 < $1.value.askedAt ?? 0 })
        {
            self.buckets[oldest.key] = nil
        }
        var bucket =
            self.buckets[source]
            ?? TokenBucket(
                UInt64(clamping: self.limits.handshakesPerSecondPerSource),
                burst: UInt64(clamping: self.limits.burstPerSource))
        let passes = bucket.take(now: now) == nil
        self.buckets[source] = bucket
        guard passes, self.all.take(now: now) == nil else { return false }
        self.halfOpen[source, default: 0] += 1
        self.total += 1
        return true
    }

    mutating func leaves(_ source: [UInt8]) {
        self.total -= 1
        let left = (self.halfOpen[source] ?? 1) - 1
        self.halfOpen[source] = left > 0 ? left : nil
    }
}
