import EarshotModel
import EarshotProtocol
import Glibc

/// The lines that carry one transfer: one that says everything, and where the network loses packets some beside it for data only
/// (Protocol.md 13, several lines). Not shared between threads.
package final class Strands {
    /// Beside the first: eight in all.
    package static let most = Limits.linesBeside
    /// Bytes in a frame where there are several: a slow line should hold up little.
    package static let portion = 1 << 16
    /// Looks for lines that have joined so often, ms.
    private static let glance: UInt64 = 20

    package let main: BulkLine
    private var lines: [BulkLine]
    /// Whether we have sent anything on each.
    private var isUsed = [true]
    private var braid = Braid()
    private var turn = 0
    /// The giver spoke of more lines: what comes need not be due, as another may still be on its way to us.
    package private(set) var isBraided = false
    /// Where the stream ends, once that is known.
    package var length: UInt64 {
        get { self.braid.length }
        set { self.braid.length = newValue }
    }

    package init(_ main: BulkLine) {
        self.main = main
        self.lines = [main]
    }

    package var isSingle: Bool { self.lines.count == 1 }

    /// The giver wants, or will open, lines beside the first.
    package func expectMore() { self.isBraided = true }

    package func add(_ line: BulkLine) {
        self.lines.append(line)
        self.isUsed.append(false)
        self.braid.add()
    }

    /// One that carried nothing may go: it was opened in vain.
    private func remove(_ index: Int) {
        self.lines.remove(at: index)
        self.isUsed.remove(at: index)
        self.braid.remove(index)
        self.turn = 0
    }

    // MARK: giving

    /// One that takes something now, each in its turn.
    package func writable() throws(BulkLine.Failure) -> BulkLine {
        if self.isSingle { return self.main }
        let deadline = uptime() + BulkLine.writing
        while true {
            try self.main.checkHalted()
            var polls = self.lines.map { pollfd(fd: $0.descriptor, events: Int16(POLLOUT), revents: 0) }
            poll(&polls, UInt(polls.count), BulkLine.glance)
            if let gone = polls.indices.first(where: { !self.isUsed[$0] && polls[$0].revents & Int16(POLLHUP | POLLERR) != 0 }) {
                self.remove(gone)
                continue
            }
            for step in 1...self.lines.count {
                let index = (self.turn + step) % self.lines.count
                // One that still has something to send holds up no other.
                guard polls[index].revents != 0, try self.lines[index].flushNow() else { continue }
                self.turn = index
                self.isUsed[index] = true
                return self.lines[index]
            }
            guard uptime() < deadline else { throw .silent }
        }
    }

    /// Sends the first bytes of the line's `room`, which belong at `offset`.
    package func sendData(_ count: Int, at offset: UInt64, on line: BulkLine) throws(BulkLine.Failure) {
        if self.isSingle { try line.sendData(count) } else { try line.sendData(count, at: offset) }
    }

    /// Returns when the sockets have taken everything: nobody comes back to what is left.
    package func flush() throws(BulkLine.Failure) { for line in self.lines { try line.flush() } }

    // MARK: taking

    /// What comes next in a stream of which everything before `offset` has come; nothing if it does not come for a moment.
    /// - Parameter awaitsProof: a chunk has just ended, and what proves it comes first.
    package func receive(at offset: UInt64, awaitsProof: Bool = false) throws(BulkLine.Failure) -> BulkLine.Incoming? {
        if !self.isBraided { return try self.main.receive(orNothingWithin: Self.glance) }
        for _ in 0..<2 {
            if let incoming = self.braid.next(at: offset, awaitsProof: awaitsProof) { return incoming }
            for index in self.lines.indices.reversed() {
                do throws(BulkLine.Failure) {
                    while self.braid.hasRoom(index), let incoming = try self.lines[index].receiveNow() {
                        if let due = try self.braid.came(incoming, on: index, at: offset, awaitsProof: awaitsProof) { return due }
                    }
                } catch {
                    guard index > 0, case .ended = error, !self.braid.hasCarried(index) else { throw error }
                    self.remove(index)
                }
            }
            try self.main.checkHalted()
            var polls = self.lines.indices.filter { self.braid.hasRoom($0) }.map { pollfd(fd: self.lines[$0].descriptor, events: Int16(POLLIN), revents: 0) }
            poll(&polls, UInt(polls.count), Int32(Self.glance))
        }
        return nil
    }
}
