import EarshotControl
import EarshotModel

/// Who wants to hear, and up to where each of them has heard.
struct Newsroom {
    struct Caller {
        let tell: @Sendable (JSON) -> Bool
        /// The last commit he was told of, whole; nothing while he has not subscribed.
        var heard: UInt64?
        /// Up to where in a later commit he was told, when he could take no more.
        var within: (cursor: UInt64, order: Int64)?

        func knows(_ change: Change) -> Bool { self.within.map { (change.cursor, change.order) <= $0 } ?? false }
        /// He could not take an event, and will say when he can.
        var isBehind = false
    }

    private(set) var callers: [CallerID: Caller] = [:]

    mutating func enter(_ id: CallerID, _ tell: @escaping @Sendable (JSON) -> Bool) { self.callers[id] = Caller(tell: tell) }
    mutating func leave(_ id: CallerID) { self.callers[id] = nil }
    mutating func subscribe(_ id: CallerID, heard: UInt64) {
        self.callers[id]?.heard = heard
        self.callers[id]?.within = nil
    }
    mutating func unsubscribe(_ id: CallerID) { self.callers[id]?.heard = nil }
    mutating func resume(_ id: CallerID) { self.callers[id]?.isBehind = false }

    /// Callers who listen and can take something now.
    var listening: [(id: CallerID, heard: UInt64)] {
        self.callers.compactMap { id, caller in caller.isBehind ? nil : caller.heard.map { (id, $0) } }
    }

    var isEmpty: Bool { self.callers.values.allSatisfy { $0.heard == nil } }

    /// Tells a caller of something that is kept, under the number of its commit.
    /// - Returns: whether he can take more.
    mutating func tell(_ id: CallerID, _ event: @autoclosure () -> JSON, _ change: Change) -> Bool {
        guard let caller = self.callers[id], !caller.isBehind else { return false }
        if caller.knows(change) { return true }
        guard caller.tell(ControlLine.event(event())) else {
            self.callers[id]?.isBehind = true
            return false
        }
        self.callers[id]?.within = (change.cursor, change.order)
        return true
    }

    /// Tells everybody of something that passes.
    func tell(_ event: JSON) {
        for caller in self.callers.values where caller.heard != nil && !caller.isBehind { _ = caller.tell(ControlLine.event(event)) }
    }
}
