import EarshotWire

/// Puts what comes on several subflows in the order of the stream (Protocol.md 13, several connections).
///
/// Each subflow carries its part in that order too, so what comes next is always the first of one of them; behind a
/// subflow that waits for something lost, a few frames of each other one are held here, and the rest in the kernel.
/// The first subflow is number 0.
struct ReorderBuffer {
    /// Frames of a subflow that are held.
    private static let most = 12

    /// What came on each and is not due yet, in order.
    private var held: [[BulkChannel.Incoming]] = [[]]
    /// Where what has come on each with its place ends.
    private var ends: [UInt64] = [0]
    /// Where the stream ends, once that is known.
    var length = UInt64.max

    mutating func add() {
        self.held.append([])
        self.ends.append(0)
    }

    mutating func remove(_ subflow: Int) {
        self.held.remove(at: subflow)
        self.ends.remove(at: subflow)
    }

    func hasRoom(_ subflow: Int) -> Bool { self.held[subflow].count < Self.most }
    /// Whether anything has ever come on it.
    func hasCarried(_ subflow: Int) -> Bool { self.ends[subflow] > 0 }

    /// Something came on a subflow, while everything before `offset` has come. What can never be due is refused.
    /// - Parameter awaitsProof: a chunk has just ended, and what proves it comes first.
    /// - Returns: the same if it is due; else it is held, in memory of its own.
    mutating func came(
        _ incoming: BulkChannel.Incoming, on subflow: Int, at offset: UInt64, awaitsProof: Bool = false
    ) throws(BulkChannel.Failure) -> BulkChannel.Incoming? {
        switch incoming {
        case .data(let data, let at?):
            let (end, isOver) = at.addingReportingOverflow(UInt64(data.count))
            guard at >= max(offset, self.ends[subflow]), !isOver, end <= self.length else {
                throw .violated(.unexpected("data of another place"))
            }
            self.ends[subflow] = end
        case .data(_, nil):
            // Only what was sent before there was more than one subflow.
            guard subflow == 0, self.ends[0] == 0 else {
                throw .violated(.unexpected("data that do not say where they belong"))
            }
        case .frame:
            guard subflow == 0 else { throw .violated(.unexpected("words on a subflow for data")) }
        }
        if self.held[subflow].isEmpty, self.isDue(incoming, offset, awaitsProof) { return incoming }
        if case .data(let data, let at) = incoming {
            self.held[subflow].append(.data(data.kept(), at: at))
        } else {
            self.held[subflow].append(incoming)
        }
        return nil
    }

    /// What is due, if it is held.
    mutating func next(at offset: UInt64, awaitsProof: Bool) -> BulkChannel.Incoming? {
        for subflow in self.held.indices {
            guard let first = self.held[subflow].first, self.isDue(first, offset, awaitsProof) else { continue }
            return self.held[subflow].removeFirst()
        }
        return nil
    }

    private func isDue(_ incoming: BulkChannel.Incoming, _ offset: UInt64, _ awaitsProof: Bool) -> Bool {
        switch incoming {
        case .data(_, let at): !awaitsProof && (at == nil || at == offset)
        case .frame(.end(let at)): at <= offset
        case .frame(.skip(let at, _, _)): at <= offset && !awaitsProof
        case .frame(.proof(let index, _)):
            offset > 0 && index == (offset - 1) / ChunkProof.chunk
                && offset == ChunkProof.end(of: offset - 1, length: self.length)
        case .frame(.close), .frame(.fetch), .frame(.source), .frame(.pull), .frame(.stop), .frame(.have),
            .frame(.refer), .frame(.join), .frame(.more):
            true
        }
    }
}
