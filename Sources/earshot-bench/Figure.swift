import EarshotControl
import Glibc

/// One thing measured: printed at once as a JSON line, and once more in the table at the end.
struct Figure {
    /// What a figure is held against.
    enum Goal {
        case atMost(Double)
        case atLeast(Double)
    }

    let name: String
    let value: Double
    let unit: String
    let goal: Goal?
    /// Under which conditions, and what else was measured beside it.
    let note: String

    init(_ name: String, _ value: Double, _ unit: String, _ goal: Goal? = nil, note: String = "") {
        self.name = name
        self.value = value
        self.unit = unit
        self.goal = goal
        self.note = note
        print(String(decoding: JSONWriter.bytes(self.line), as: UTF8.self))
        fflush(nil)
    }

    var isReached: Bool? {
        switch self.goal {
        case .atMost(let most): self.value <= most
        case .atLeast(let least): self.value >= least
        case nil: nil
        }
    }

    /// As it is printed at once.
    private struct Line: Encodable {
        let figure: String
        let value: Double
        let unit: String
        let goal: String?
        let reached: Bool?
        let note: String?
    }

    private var line: Line {
        Line(
            figure: self.name, value: (self.value * 1_000).rounded() / 1_000, unit: self.unit,
            goal: self.goal.map(Self.text), reached: self.isReached, note: self.note.isEmpty ? nil : self.note)
    }

    private static func text(_ goal: Goal) -> String {
        switch goal {
        case .atMost(let most): "≤ \(Self.short(most))"
        case .atLeast(let least): "≥ \(Self.short(least))"
        }
    }

    static func short(_ value: Double) -> String {
        let digits = abs(value) >= 100 ? 1.0 : abs(value) >= 10 ? 10.0 : 100.0
        let rounded = (value * digits).rounded() / digits
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }

    static func table(_ figures: [Figure]) -> String {
        func column(_ texts: [String]) -> Int { texts.map(\.count).max() ?? 0 }
        func pad(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.count))
        }
        let values = figures.map { "\(Self.short($0.value)) \($0.unit)" }
        let goals = figures.map { $0.goal.map(Self.text) ?? "" }
        let widths = (column(figures.map(\.name)), column(values), column(goals))
        return figures.indices.map { index in
            let mark = figures[index].isReached.map { $0 ? "✓" : "✗" } ?? " "
            return
                """
                \(mark) \(pad(figures[index].name, widths.0))  \(pad(values[index], widths.1))  \
                \(pad(goals[index], widths.2))  \(figures[index].note)
                """
        }.joined(separator: "\n")
    }
}

/// What was measured several times.
struct Spread {
    private var sorted: [Double]
    init(_ values: [Double]) { self.sorted = values.sorted() }

    func at(_ part: Double) -> Double {
        guard !self.sorted.isEmpty else { return .nan }
        return self.sorted[min(self.sorted.count - 1, Int(part * Double(self.sorted.count)))]
    }

    var median: Double { self.at(0.5) }
}

/// Seconds on a clock that only goes forward.
/// Seconds of processor time that this process has used.
func processor() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
