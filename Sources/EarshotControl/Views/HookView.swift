import EarshotModel

/// Something that a node does by itself, and how that goes (docs/Hooks.md).
package struct HookView: View {
    package enum Sort: String, Keyword { case hook, webhook, announce }

    package var name: String
    package var sort: Sort
    /// The events it is for.
    package var on: [String]?
    /// What it does: a program, an address, whom it tells and when.
    package var does: String
    /// How often it ran, was posted to, or was said; and how often that went wrong.
    package var runs: UInt64
    package var failures: UInt64
    /// Failures since it last went well.
    package var failing: UInt64
    /// Events that wait for it, and that were dropped because too many waited.
    package var waiting: UInt64?
    package var dropped: UInt64?
    package var running: UInt64?
    /// Answers of it that were sent, and that were not because they were too many.
    package var replies: UInt64?
    package var unsaid: UInt64?
    /// How it ended last, and when.
    package var last: String?
    package var lastAt: Timestamp?
    /// When it is said next.
    package var next: Timestamp?

    package init(
        _ name: String, _ sort: Sort, does: String, runs: UInt64 = 0, failures: UInt64 = 0, failing: UInt64 = 0
    ) {
        self.name = name
        self.sort = sort
        self.does = does
        self.runs = runs
        self.failures = failures
        self.failing = failing
    }
}
