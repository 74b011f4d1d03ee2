/// Everything as it happens.
extension Methods {
    package static let events: [any Method.Type] = [
        Subscribe.self, Unsubscribe.self, Discover.self,
    ]

    /// Tells everything after a cursor, then everything as it happens.
    package struct Subscribe: Method {
        package typealias Answer = CursorView
        package static let name = "subscribe"
        package static let summary = "Tells everything after a cursor, then everything as it happens."

        /// A cursor.
        package let since: Int64?
        /// What an event told as its place, which counts before `since`.
        package let place: EventPlace?

        package init(since: Int64? = nil, place: EventPlace? = nil) {
            self.since = since
            self.place = place
        }
    }

    /// Tells nothing more.
    package struct Unsubscribe: Method {
        package typealias Answer = Done
        package static let name = "unsubscribe"
        package static let summary = "Tells nothing more."

        package init() {}
    }

    /// Describes every method, as OpenRPC has it.
    package struct Discover: Method {
        package typealias Answer = JSON
        package static let name = "rpc.discover"
        package static let summary = "Describes every method, as OpenRPC has it."
        package static let mayAnswerMuch = true

        package init() {}
    }
}
