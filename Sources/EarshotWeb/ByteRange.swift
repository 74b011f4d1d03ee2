/// What part of a file is asked for: one range (RFC 9110, 14). Several are answered with all of it, as may be done, and
/// cost nothing more.
enum ByteRange: Hashable {
    case whole
    case part(Range<UInt64>)
    /// Nothing of it is there.
    case none

    /// - Parameters:
    ///   - header: of `Range`; what cannot be read counts as none.
    ///   - size: bytes of the file.
    init(_ header: String?, size: UInt64) {
        guard let header, header.utf8.count <= 64, header.hasPrefix("bytes=") else {
            self = .whole
            return
        }
        let ends = header.dropFirst(6).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard ends.count == 2, ends.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else {
            self = .whole
            return
        }
        switch (ends[0].isEmpty, ends[1].isEmpty) {
        case (true, true): self = .whole
        case (true, false):
            // The last bytes.
            let count = min(UInt64(ends[1]) ?? .max, size)
            self = count > 0 ? .part((size - count)..<size) : .none
        case (false, let isOpen):
            let first = UInt64(ends[0]) ?? .max
            let last = isOpen ? .max : UInt64(ends[1]) ?? .max
            guard first <= last else {
                self = .whole
                return
            }
            guard first < size else {
                self = .none
                return
            }
            self = .part(first..<(min(last, size - 1) + 1))
        }
    }
}
