/// So many bytes as people write them: `500`, `20k`, `1.5M`, `2G`, `1T`; thousands, as disks and networks count.
package struct ByteCount: Hashable, Sendable {
    package let bytes: UInt64

    package init?(_ text: String) {
        var number = text.lowercased()
        if number.hasSuffix("b") { number.removeLast() }
        let units: [Character: Double] = ["k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12]
        var unit = 1.0
        if let last = number.last, let found = units[last] {
            unit = found
            number.removeLast()
        }
        guard let value = Double(number), value >= 0, value * unit < 9e18 else { return nil }
        self.bytes = UInt64(value * unit)
    }
}
