#if DEBUG
    import Synchronization

    /// How often something was looked at. Tests count it, to say what a round costs; no build that is used has it.
    final class Looks: Sendable {
        private let count = Atomic<Int>(0)

        var total: Int { self.count.load(ordering: .relaxed) }
        func add(_ more: Int) { self.count.add(more, ordering: .relaxed) }
    }
#endif
