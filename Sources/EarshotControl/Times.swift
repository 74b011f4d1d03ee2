import EarshotModel

extension Timestamp {
    /// RFC 3339 in UTC, with milliseconds: `2026-11-21T05:30:00.125Z`.
    package var rfc3339: String {
        let seconds = self.milliseconds / 1_000
        let date = CivilDate(daysSince1970: Int(clamping: seconds / 86_400))
        let rest = seconds % 86_400
        func pad(_ value: some BinaryInteger, _ width: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        return "\(pad(date.year, 4))-\(pad(date.month, 2))-\(pad(date.day, 2))T"
            + "\(pad(rest / 3_600, 2)):\(pad(rest / 60 % 60, 2)):\(pad(rest % 60, 2)).\(pad(self.milliseconds % 1_000, 3))Z"
    }
}
