import NIOConcurrencyHelpers
import NIOCore

/// What has happened and nobody has looked at yet. Posting never waits; what keeps it small is that whoever posts a
/// lot stops reading its socket until the node has caught up. One reader, on one event loop, who takes everything
/// there is at once, so that a hundred things that came together cost one commit.
final class Mailbox<Item: Sendable>: Sendable {
    private struct State {
        var items: [Item] = []
        /// The reader is on its way.
        var isDue = false
        var isClosed = false
        var reader: (@Sendable ([Item]) -> Void)?
    }

    private static var most: Int { 2_048 }
    private let state = NIOLockedValueBox(State())
    private let loop: any EventLoop

    init(on loop: any EventLoop) { self.loop = loop }

    func post(_ item: Item) {
        let wakes = self.state.withLockedValue { state in
            guard !state.isClosed else { return false }
            state.items.append(item)
            guard state.reader != nil, !state.isDue else { return false }
            state.isDue = true
            return true
        }
        if wakes { self.loop.execute { self.read() } }
    }

    /// Reads from now on, beginning with what waits.
    func open(_ reader: @escaping @Sendable ([Item]) -> Void) {
        let wakes = self.state.withLockedValue { state in
            state.reader = reader
            state.isDue = !state.items.isEmpty
            return state.isDue
        }
        if wakes { self.loop.execute { self.read() } }
    }

    private func read() {
        let (items, reader, isMore) = self.state.withLockedValue {
            state -> ([Item], (@Sendable ([Item]) -> Void)?, Bool) in
            let isMore = state.items.count > Self.most
            let items = isMore ? Array(state.items.prefix(Self.most)) : state.items
            if isMore { state.items.removeFirst(Self.most) } else { state.items = [] }
            state.isDue = isMore
            return (items, state.reader, isMore)
        }
        reader?(items)
        if isMore { self.loop.execute { self.read() } }
    }

    func close() {
        self.state.withLockedValue { state in
            state.isClosed = true
            state.reader = nil
            state.items = []
        }
    }
}
