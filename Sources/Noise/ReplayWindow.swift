/// Which counters of a direction were seen, as in RFC 6479: a ring of bits, 2,048 wide.
package struct ReplayWindow: Sendable {
    private static let words = 33
    package static let width = UInt64((Self.words - 1) * 64)

    private var ring = [UInt64](repeating: 0, count: Self.words)
    private var highest: UInt64 = 0
    private var isEmpty = true

    package init() {}

    /// The highest counter that was set.
    package var newest: UInt64? { self.isEmpty ? nil : self.highest }

    /// Whether a counter is new. Ask before opening what carries it; set it only after that succeeded.
    package func admits(_ counter: UInt64) -> Bool {
        guard counter != .max else { return false }
        if self.isEmpty || counter > self.highest { return true }
        guard self.highest - counter <= Self.width else { return false }
        return self.ring[Self.word(counter)] & Self.bit(counter) == 0
    }

    /// Notes a counter that was seen. Says whether it was new.
    package mutating func set(_ counter: UInt64) -> Bool {
        guard self.admits(counter) else { return false }
        if self.isEmpty {
            self.isEmpty = false
            self.highest = counter
        } else if counter > self.highest {
            let ahead = min(counter / 64 - self.highest / 64, UInt64(Self.words))
            for step in 0..<ahead { self.ring[Int((self.highest / 64 + 1 + step) % UInt64(Self.words))] = 0 }
            self.highest = counter
        }
        self.ring[Self.word(counter)] |= Self.bit(counter)
        return true
    }

    private static func word(_ counter: UInt64) -> Int { Int(counter / 64 % UInt64(Self.words)) }
    private static func bit(_ counter: UInt64) -> UInt64 { 1 << (counter % 64) }
}
