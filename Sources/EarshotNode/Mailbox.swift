import NIOConcurrencyHelpers

/// What has happened and nobody has looked at yet. Posting never waits; what keeps it small is that whoever posts a lot stops
/// reading its socket until the node has caught up. One reader, who takes everything there is at once, so that a hundred things
/// that came together cost one commit.
final class Mailbox<Item: Sendable>: Sendable {
    private struct State {
        var items: [Item] = []
        var reader: CheckedContinuation<[Item]?, Never>?
        var isClosed = false
    }

    private static var most: Int { 2_048 }
    private let state = NIOLockedValueBox(State())

    func post(_ item: Item) {
        let reader = self.state.withLockedValue { state -> (CheckedContinuation<[Item]?, Never>, [Item])? in
            guard !state.isClosed else { return nil }
            state.items.append(item)
            guard let reader = state.reader else { return nil }
            state.reader = nil
            defer { state.items = [] }
            return (reader, state.items)
        }
        if let (reader, items) = reader { reader.resume(returning: items) }
    }

    /// Waits for something and takes it with all that came since. Nothing once it is closed.
    func next() async -> [Item]? {
        await withCheckedContinuation { continuation in
            let items = self.state.withLockedValue { state -> [Item]?? in
                if state.isClosed { return .some(nil) }
                if state.items.isEmpty {
                    state.reader = continuation
                    return nil
                }
                let taken = Array(state.items.prefix(Self.most))
                state.items.removeFirst(taken.count)
                return taken
            }
            if let items { continuation.resume(returning: items) }
        }
    }

    func close() {
        let reader = self.state.withLockedValue { state in
            state.isClosed = true
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(returning: nil)
    }
}
