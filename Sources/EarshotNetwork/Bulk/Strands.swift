import EarshotModel
import EarshotProtocol
import Glibc

/// The lines that carry one transfer: one that says everything, and where the network loses packets some beside it for data only
/// (Protocol.md 13.8). Not shared between threads.
///
/// What comes is told in the order of the stream. Each line carries its part in that order too, so what comes next is always the first
/// of one of them; behind a line that waits for something lost, a few frames of each other one are held, and the rest in the kernel.
package final class Strands {
    /// Beside the first: eight in all.
    package static let most = 7
    /// Bytes in a frame where there are several: a slow line should hold up little.
    package static let portion = 1 << 16
    /// Frames of a line that are held.
    private static let held = 12
    /// Looks for lines that have joined so often, ms.
    private static let glance: UInt64 = 20

    package let main: BulkLine
    private var lines: [BulkLine]
    /// What came on each and is not due yet, in order.
    private var held: [[BulkLine.Incoming]]
    /// Where what has come on each with its place ends.
    private var ends: [UInt64]
    private var turn = 0
    /// The giver spoke of more lines: what comes need not be due, as another may still be on its way to us.
    package private(set) var isBraided = false
    /// Where the stream ends, once that is known.
    package var length = UInt64.max

    package init(_ main: BulkLine) {
        self.main = main
        self.lines = [main]
        self.held = [[]]
        self.ends = [0]
    }

    package var isSingle: Bool { self.lines.count == 1 }

    /// The giver wants, or will open, lines beside the first.
    package func expectMore() { self.isBraided = true }

    package func add(_ line: BulkLine) {
        self.lines.append(line)
        self.held.append([])
        self.ends.append(0)
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
            for step in 1...self.lines.count {
                let index = (self.turn + step) % self.lines.count
                // One that still has something to send holds up no other.
                guard polls[index].revents != 0, try self.lines[index].flushNow() else { continue }
                self.turn = index
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
            for index in self.lines.indices {
                while self.held[index].count < Self.held, let incoming = try self.lines[index].receiveNow() {
                    try self.check(incoming, index, offset)
                    self.held[index].append(incoming)
                }
                guard let first = self.held[index].first, self.isDue(first, offset, awaitsProof) else { continue }
                return self.held[index].removeFirst()
            }
            try self.main.checkHalted()
            var polls = self.lines.indices.filter { self.held[$0].count < Self.held }.map { pollfd(fd: self.lines[$0].descriptor, events: Int16(POLLIN), revents: 0) }
            poll(&polls, UInt(polls.count), Int32(Self.glance))
        }
        return nil
    }

    /// What can never be due ends it at once.
    private func check(_ incoming: BulkLine.Incoming, _ index: Int, _ offset: UInt64) throws(BulkLine.Failure) {
        switch incoming {
        case .data(let data, let at?):
            let (end, isOver) = at.addingReportingOverflow(UInt64(data.count))
            guard at >= max(offset, self.ends[index]), !isOver, end <= self.length else { throw .violated(.unexpected("data of another place")) }
            self.ends[index] = end
        case .data(_, nil):
            // Only what was sent before there was more than one line.
            guard index == 0, self.ends[0] == 0 else { throw .violated(.unexpected("data that do not say where they belong")) }
        case .frame:
            guard index == 0 else { throw .violated(.unexpected("words on a line for data")) }
        }
    }

    private func isDue(_ incoming: BulkLine.Incoming, _ offset: UInt64, _ awaitsProof: Bool) -> Bool {
        switch incoming {
        case .data(_, let at): !awaitsProof && (at == nil || at == offset)
        case .frame(.end(let at)): at <= offset
        case .frame(.proof(let index, _)): offset > 0 && index == (offset - 1) / ChunkProof.chunk && offset == ChunkProof.end(of: offset - 1, length: self.length)
        case .frame(.close), .frame(.fetch), .frame(.source), .frame(.pull), .frame(.stop), .frame(.have), .frame(.refer), .frame(.join), .frame(.more): true
        }
    }
}
