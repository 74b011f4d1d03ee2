import EarshotModel

extension Timestamp {
    /// The last that has a year of four digits, as RFC 3339 wants it.
    private static let last: UInt64 = 253_402_300_799_999

    /// RFC 3339 in UTC, with milliseconds: `2026-11-21T05:30:00.125Z`. What is later is the end of the year 9999:
    /// others say of themselves when something was, and `init(rfc3339:)` reads all that is written here.
    package var rfc3339: String {
        let milliseconds = min(self.milliseconds, Self.last)
        let seconds = milliseconds / 1_000
        let date = CivilDate(daysSince1970: Int(clamping: seconds / 86_400))
        let rest = seconds % 86_400
        var out: [UInt8] = []
        out.reserveCapacity(24)
        func add(_ value: UInt64, _ width: Int, _ after: Unicode.Scalar) {
            let digits = String(value).utf8
            for _ in 0..<max(0, width - digits.count) { out.append(UInt8(ascii: "0")) }
            out += digits
            out.append(UInt8(ascii: after))
        }
        add(UInt64(clamping: date.year), 4, "-")
        add(UInt64(clamping: date.month), 2, "-")
        add(UInt64(clamping: date.day), 2, "T")
        add(rest / 3_600, 2, ":")
        add(rest / 60 % 60, 2, ":")
        add(rest % 60, 2, ".")
        add(milliseconds % 1_000, 3, "Z")
        return String(decoding: out, as: UTF8.self)
    }

    /// Reads what `rfc3339` writes; the fraction may be absent, or of any length. `nil` for anything else, and for
    /// times
    /// before 1970.
    package init?(rfc3339 text: String) {
        let text = Array(text.utf8)
        func number(_ from: Int, _ length: Int) -> Int? {
            var value = 0
            for byte in text[from..<from + length] {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int(byte - 0x30)  // lint: at most four digits
            }
            return value
        }
        guard text.count >= 20, text.last == 0x5A, text[4] == 0x2D, text[7] == 0x2D, text[10] == 0x54,
            text[13] == 0x3A, text[16] == 0x3A, let year = number(0, 4), let month = number(5, 2),
            let day = number(8, 2), let hour = number(11, 2), let minute = number(14, 2), let second = number(17, 2),
            hour < 24, minute < 60, second <= 60, let date = CivilDate(year: year, month: month, day: day)
        else { return nil }
        let fraction = text[19..<text.count - 1]
        guard fraction.isEmpty || fraction.first == 0x2E else { return nil }
        let digits = fraction.dropFirst().prefix(3)
        guard fraction.dropFirst().allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        var milliseconds = 0
        for place in 0..<3 {
            let digit = digits.dropFirst(place).first.map { Int($0 - 0x30) } ?? 0  // lint: a digit
            milliseconds = milliseconds * 10 + digit  // lint: three digits
        }
        let seconds = date.daysSince1970 * 86_400 + hour * 3_600 + minute * 60 + second
        guard let exact = UInt64(exactly: seconds * 1_000 + milliseconds) else { return nil }
        self.init(milliseconds: exact)
    }
}
