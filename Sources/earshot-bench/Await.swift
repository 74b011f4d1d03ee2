import EarshotControl
import Glibc

/// Waiting, in one place: for something that must come within its time, or the measurement fails and says what was
/// missing; or for a time that is itself what is asked for.
enum Await {
    /// Looks again and again until it is so.
    /// - Parameters:
    ///   - limit: seconds after which it counts as missing.
    ///   - step: ms between two looks.
    static func until(
        _ what: String, within limit: Double = 60, every step: Int32 = 5, _ isSo: () throws -> Bool
    ) throws {
        let end = seconds() + limit
        while try !isSo() {
            guard seconds() < end else { throw self.missing(what, limit) }
            self.span(Double(step) / 1_000)
        }
    }

    /// The first event that `read` makes something of.
    static func event<T>(
        _ what: String, at door: ControlClient, within limit: Double = 60, _ read: (EventView.What) -> T?
    ) throws -> T {
        let deadline = Deadline(milliseconds: Int64(limit * 1_000))
        while let incoming = try door.next(until: deadline) {
            if case .event(let event) = incoming, let found = read(event.what) { return found }
        }
        throw self.missing(what, limit)
    }

    /// The next answer, which must be none of an error.
    static func answer(_ what: String, at door: ControlClient, within limit: Double = 60) throws -> Incoming.Answer {
        let deadline = Deadline(milliseconds: Int64(limit * 1_000))
        while let incoming = try door.next(until: deadline) {
            guard case .answer(let answer) = incoming else { continue }
            if let error = answer.error { throw error }
            return answer
        }
        throw self.missing(what, limit)
    }

    /// Until what these nodes still had to do is done: together they use less than 2 ms of processor in a second.
    static func quiet(_ nodes: [NodeProcess], within limit: Double = 60) throws {
        try self.until("quiet after the start of \(nodes.count) nodes", within: limit, every: 0) {
            let before = nodes.reduce(0) { $0 + $1.processor }
            self.span(1)
            return nodes.reduce(0) { $0 + $1.processor } - before < 0.002
        }
    }

    /// Lets this many seconds pass.
    static func span(_ length: Double) {
        let end = seconds() + length
        while true {
            let left = end - seconds()
            guard left > 0 else { return }
            _ = poll(nil, 0, Int32((left * 1_000).rounded(.up)))
        }
    }

    static func missing(_ what: String, _ limit: Double) -> BenchError {
        .broken("\(what): not within \(Int(limit)) s")
    }
}
