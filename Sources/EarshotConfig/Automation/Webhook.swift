/// A way in for programs: what they post to `/hook/NAME` with the right signature is said to somebody.
package struct Webhook: Hashable, Sendable {
    /// Bytes of a secret at least: it is all that keeps others out.
    package static let shortestSecret = 16

    package let name: String
    /// Whom, by a name or an id, or a #room.
    package let to: String
    package let secret: WebTarget.Secret

    package init(_ name: String, to: String, secret: WebTarget.Secret) {
        self.name = name
        self.to = to
        self.secret = secret
    }
}

/// Something that is said at a time of the day.
package struct Announcement: Hashable, Sendable {
    package let name: String
    /// Minutes since midnight, by the clock on the wall.
    package let minute: Int
    /// 0 is Monday, 6 Sunday.
    package let weekdays: Set<Int>
    /// Whom, by a name or an id, or a #room.
    package let to: String
    package let text: String
    /// Whether what was missed while the node was off, or the machine slept, is said late, once.
    package let catchesUp: Bool

    package init(
        _ name: String, minute: Int, weekdays: Set<Int> = Set(0...6), to: String, text: String, catchesUp: Bool = false
    ) {
        self.name = name
        self.minute = minute
        self.weekdays = weekdays
        self.to = to
        self.text = text
        self.catchesUp = catchesUp
    }

    /// The same under another name.
    func called(_ name: String) -> Announcement {
        Announcement(
            name, minute: self.minute, weekdays: self.weekdays, to: self.to, text: self.text, catchesUp: self.catchesUp)
    }

    /// The time as it is written.
    package var at: String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(two(self.minute / 60)):\(two(self.minute % 60))"
    }

    package static let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
}
