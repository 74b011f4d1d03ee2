import EarshotControl
import EarshotModel
import EarshotRules
import EarshotWire

/// Ticks that wait for the next commit. What others hold they tell again whenever they are asked, and after a message
/// nearly always another one follows: a commit of its own for each would be a third of the work, and what comes next
/// would wait for it.
struct DeferredTicks {
    /// Ms that one waits at most.
    private static let longest: UInt64 = 20

    private(set) var effects: [Effect] = []
    /// When they are to be on disk, uptime in ms; `nil` while there are none.
    private(set) var end: UInt64?

    /// Whether a round decided nothing but ticks.
    static func mayWait(_ effects: [Effect]) -> Bool {
        !effects.isEmpty && effects.allSatisfy { if case .keep(.held) = $0 { true } else { false } }
    }

    /// - Parameter now: uptime in ms.
    mutating func add(_ effects: [Effect], now: UInt64) {
        self.effects += effects
        self.end = self.end ?? now.addingReportingOverflow(Self.longest).partialValue
    }

    mutating func take() -> [Effect] {
        defer { (self.effects, self.end) = ([], nil) }
        return self.effects
    }

    /// Whether something that happened may look at what is on disk.
    static func isSeen(by items: [Node.Item]) -> Bool {
        items.contains { item in
            switch item {
            case .event: false
            case .asked(let asked): !(asked.method is Methods.Send)
            default: true
            }
        }
    }
}
