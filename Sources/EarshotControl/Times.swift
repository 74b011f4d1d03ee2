import EarshotModel

extension Timestamp {
    /// RFC 3339 in UTC, with milliseconds: `2026-11-21T05:30:00.125Z`.
    package var rfc3339: String {
        let seconds = self.milliseconds / 1_000
        let (days, rest) = (Int64(clamping: seconds / 86_400), seconds % 86_400)
        // Days to a date of the Gregorian calendar, counted from March of the year 0.
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let year = yearOfEra + era * 400 + (month >= 10 ? 1 : 0)
        func pad(_ value: some BinaryInteger, _ width: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        return "\(pad(year, 4))-\(pad(month < 10 ? month + 3 : month - 9, 2))-\(pad(day, 2))T"
            + "\(pad(rest / 3_600, 2)):\(pad(rest / 60 % 60, 2)):\(pad(rest % 60, 2)).\(pad(self.milliseconds % 1_000, 3))Z"
    }
}
