/// Where an envelope stands among those of its conversation (Protocol.md 6): a list of 1 to 16 stamps, made from the
/// envelope and its ancestors alone. Whoever holds the same envelopes shows them in the same order, in whatever order
/// they came and whatever the clocks said: nothing stands above what it answers, and a stamp that was far off orders
/// only what was written beside it.
package struct OrderKey: Hashable, Sendable, Comparable {
    private static let most = 16
    /// A stamp above counts as this one, so that raising a number never comes to an end.
    private static let highest: UInt64 = 1 << 62

    /// Never increasing. Empty is before everything.
    package private(set) var stamps: [UInt64]

    private init(stamps: [UInt64]) { self.stamps = stamps }

    /// The key of nothing: what an envelope without ancestors comes after.
    package static let none = OrderKey(stamps: [])

    /// The key of an envelope whose greatest ancestor has the key `ancestor`.
    package init(after ancestor: OrderKey, stamp: HybridTime) {
        let stamp = min(stamp.raw, Self.highest)
        self.stamps = ancestor.stamps
        while let last = self.stamps.last, last < stamp { self.stamps.removeLast() }
        if self.stamps.count < Self.most {
            self.stamps.append(stamp)
        } else if let last = self.stamps.popLast() {
            self.stamps.append(last == .max ? last : last + 1)
        }
    }

    /// The greatest of the ancestors' stamps that count, where it is above the envelope's own.
    package var above: HybridTime? { self.stamps.count > 1 ? HybridTime(raw: self.stamps[self.stamps.count - 2]) : nil }

    /// Whether an ancestor that was not known when this key was made, and has the key `late`, leaves it as it is.
    package func stands(after late: OrderKey) -> Bool { late < self && self.stamps.count < Self.most }

    package static func < (left: OrderKey, right: OrderKey) -> Bool {
        left.stamps.lexicographicallyPrecedes(right.stamps)
    }
}

/// As it is kept: eight bytes a number, big-endian, so that comparing bytes compares keys.
extension OrderKey {
    package init(bytes: some Collection<UInt8>) {
        let stamps = bytes.withContiguousStorageIfAvailable { Self.stamps(UnsafeRawBufferPointer($0)) }
        self.init(stamps: stamps ?? Array(bytes).withUnsafeBytes { Self.stamps($0) })
    }

    /// Several are read for each message: at one go, not byte by byte.
    private static func stamps(_ bytes: UnsafeRawBufferPointer) -> [UInt64] {
        (0..<min(bytes.count / 8, Self.most)).map {
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self))
        }
    }

    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 * self.stamps.count)
        for stamp in self.stamps { withUnsafeBytes(of: stamp.bigEndian) { bytes += $0 } }
        return bytes
    }
}
