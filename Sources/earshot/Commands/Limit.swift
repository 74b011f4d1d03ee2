import ArgumentParser
import EarshotControl
import EarshotModel

/// How many of a list are wanted: one at least. What the node does not give at once is asked for piece by piece.
struct Limit: ExpressibleByArgument, ExpressibleByIntegerLiteral, CustomStringConvertible {
    let count: Int

    init(integerLiteral count: Int) { self.count = count }
    init?(argument: String) {
        guard let count = Int(argument), count > 0 else { return nil }
        self.count = count
    }

    var description: String { String(self.count) }
    var defaultValueDescription: String { self.description }

    /// The newest messages, so many at most, in the order in which the node gives them.
    /// - Parameter ask: for so many that are older than a message; without one, for the newest.
    func newest(
        _ order: Order, _ ask: (Count, EnvelopeID?) throws(DoorError) -> [MessageView]
    ) throws(DoorError) -> [MessageView] {
        var all: [MessageView] = []
        var oldest: EnvelopeID?
        while all.count < self.count {
            let wanted = min(self.count - all.count, Count.most)
            let page = try ask(Count(Int64(wanted)), oldest)
            all = order == .oldestFirst ? page + all : all + page
            // First words of who waits for an answer are no place in a conversation.
            let messages = page.filter { $0.state != .requested }
            guard page.count >= wanted, let last = order == .oldestFirst ? messages.first : messages.last else { break }
            oldest = last.id
        }
        return all
    }

    /// How a list begins.
    enum Order {
        case oldestFirst, newestFirst
    }
}
