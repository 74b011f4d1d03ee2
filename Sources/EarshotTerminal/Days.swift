import EarshotModel

/// Puts the day between messages of different days. It begins with today, so that nothing stands above what was said
/// today.
package struct Days: Sendable {
    private let zone: Zone
    private let style: Style
    private var last: CivilDate

    package init(zone: Zone, style: Style, today: CivilDate) {
        self.zone = zone
        self.style = style
        self.last = today
    }

    /// What belongs above something of this time, if its day is another than that of what came before.
    package mutating func line(before time: Timestamp) -> String? { self.line(before: self.zone.local(time)) }

    package mutating func line(before time: LocalTime) -> String? {
        guard time.date != self.last else { return nil }
        self.last = time.date
        let rule = self.style.isUnicode ? "──" : "--"
        return self.style.dim("\(rule) \(time.day) \(rule)")
    }
}
