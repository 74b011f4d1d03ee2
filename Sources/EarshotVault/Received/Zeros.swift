import Glibc

/// Runs of zeros in what is to be written: left out, they become holes, and a sparse file stays one.
enum Zeros {
    /// Shorter runs cost more than they save.
    static let block = 1 << 15

    /// Whole blocks of nothing but zeros that stand in front, in bytes.
    static func leading(_ bytes: UnsafeRawBufferPointer) -> Int {
        var at = 0
        while self.isZero(bytes, at) { at += self.block }
        return at
    }

    /// Bytes before the next such block.
    static func solid(_ bytes: UnsafeRawBufferPointer) -> Int {
        var at = 0
        while at < bytes.count, !self.isZero(bytes, at) { at += self.block }
        return min(at, bytes.count)
    }

    /// Whether a whole block begins there, all zeros. Where the first byte is something else, as nearly always, that is
    /// all it costs.
    private static func isZero(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> Bool {
        guard bytes.count - at >= self.block, let start = bytes.baseAddress?.advanced(by: at) else { return false }
        return bytes[at] == 0 && memcmp(start, start + 1, self.block - 1) == 0
    }
}
