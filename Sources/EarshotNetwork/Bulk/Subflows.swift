import EarshotModel
import EarshotWire
import Glibc

/// The subflows that carry one transfer: one that says everything, and where the network loses packets some beside it
/// for data only (Protocol.md 13, several connections). Not shared between threads.
package final class Subflows {
    /// Beside the first: eight in all.
    package static let most = Limits.linesBeside
    /// Bytes in a frame where there are several: a slow subflow should hold up little.
    package static let portion = 1 << 16

    package let main: BulkChannel
    private var subflows: [BulkChannel]
    /// Whether we have sent anything on each.
    private var isUsed = [true]
    private var reorder = ReorderBuffer()
    private var turn = 0
    /// What is waited for; kept, as this is done for each frame.
    private var polls: [pollfd] = []
    /// The giver spoke of more subflows: what comes need not be due, as another may still be on its way to us.
    package private(set) var isReordering = false
    /// Where the stream ends, once that is known.
    package var length: UInt64 {
        get { self.reorder.length }
        set { self.reorder.length = newValue }
    }

    package init(_ main: BulkChannel) {
        self.main = main
        self.subflows = [main]
    }

    package var isSingle: Bool { self.subflows.count == 1 }

    /// The giver wants, or will open, subflows beside the first.
    package func expectMore() { self.isReordering = true }

    package func add(_ subflow: BulkChannel) {
        self.subflows.append(subflow)
        self.isUsed.append(false)
        self.reorder.add()
    }

    /// One that carried nothing may go: it was opened in vain.
    private func remove(_ index: Int) {
        self.subflows.remove(at: index)
        self.isUsed.remove(at: index)
        self.reorder.remove(index)
        self.turn = 0
    }

    // MARK: giving

    /// One that takes something now, each in its turn.
    package func writable() throws(BulkChannel.Failure) -> BulkChannel {
        if self.isSingle { return self.main }
        let deadline = uptime() + BulkChannel.writing
        while true {
            try self.main.checkHalted()
            self.pollSubflows(for: Int16(POLLOUT)) { _ in true }
            guard try self.main.poll(&self.polls, until: deadline) else { throw .silent }
            self.hear()
            if let gone = self.subflows.indices.first(where: {
                !self.isUsed[$0] && self.polls[$0].revents & Int16(POLLHUP | POLLERR) != 0
            }) {
                self.remove(gone)
                continue
            }
            for step in 1...self.subflows.count {
                let index = (self.turn + step) % self.subflows.count
                // One that still has something to send holds up no other.
                guard self.polls[index].revents != 0, try self.subflows[index].flushNow() else { continue }
                self.turn = index
                self.isUsed[index] = true
                return self.subflows[index]
            }
        }
    }

    /// Sends the first bytes of the subflow's `room`, which belong at `offset`.
    package func sendData(_ count: Int, at offset: UInt64, on subflow: BulkChannel) throws(BulkChannel.Failure) {
        if self.isSingle { try subflow.sendData(count) } else { try subflow.sendData(count, at: offset) }
    }

    /// Returns when the sockets have taken everything: nobody comes back to what is left.
    package func flush() throws(BulkChannel.Failure) { for subflow in self.subflows { try subflow.flush() } }

    // MARK: taking

    /// What comes next in a stream of which everything before `offset` has come; `nil` once the bell of the main one
    /// has rung, or at the deadline, uptime in ms.
    /// - Parameter awaitsProof: a chunk has just ended, and what proves it comes first.
    package func receive(at offset: UInt64, awaitsProof: Bool = false, until deadline: UInt64)
        throws(BulkChannel.Failure) -> BulkChannel.Incoming?
    {
        if !self.isReordering { return try self.main.receive(until: deadline) }
        while true {
            if let incoming = try self.due(at: offset, awaitsProof) { return incoming }
            try self.main.checkHalted()
            if self.main.takeRing() { return nil }
            self.pollSubflows(for: Int16(POLLIN)) { self.reorder.hasRoom($0) }
            guard try self.main.poll(&self.polls, until: deadline) else { return nil }
            self.hear()
        }
    }

    /// What is due of what is here; what is not due yet is held.
    private func due(at offset: UInt64, _ awaitsProof: Bool) throws(BulkChannel.Failure) -> BulkChannel.Incoming? {
        if let incoming = self.reorder.next(at: offset, awaitsProof: awaitsProof) { return incoming }
        for index in self.subflows.indices.reversed() {
            do throws(BulkChannel.Failure) {
                while self.reorder.hasRoom(index), let incoming = try self.subflows[index].receiveNow() {
                    if let due = try self.reorder.came(incoming, on: index, at: offset, awaitsProof: awaitsProof) {
                        return due
                    }
                }
            } catch {
                guard index > 0, case .ended = error, !self.reorder.hasCarried(index) else { throw error }
                self.remove(index)
            }
        }
        return nil
    }

    // MARK: waiting

    /// Those that count are asked for events, in their order; and behind them the bell of the main one.
    private func pollSubflows(for events: Int16, _ counts: (Int) -> Bool) {
        self.polls.removeAll(keepingCapacity: true)
        for (index, subflow) in self.subflows.enumerated() {
            // The kernel leaves out what is negative.
            self.polls.append(pollfd(fd: counts(index) ? subflow.descriptor : -1, events: events, revents: 0))
        }
        self.polls.append(self.main.bellPoll)
    }

    /// Whether the bell was what woke us.
    private func hear() { if self.polls.last?.revents != 0 { self.main.hear() } }
}
