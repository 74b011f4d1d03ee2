import EarshotModel

/// Small files whose bytes came together: making one of them needs none of the others, and so it need not be done by
/// whoever takes the bytes.
struct WholeFiles {
    struct File {
        let folder: OpenFolder
        let name: SafeName
        let modified: FileTime
        /// Where its bytes are, among those that came.
        let bytes: Range<Int>
    }

    /// Larger ones are written as they come.
    static let largest: UInt64 = 1 << 14
    /// So many go together, in files and in bytes.
    private static let most = (files: 64, bytes: 1 << 17)

    private(set) var files: [File] = []

    /// Whether they should go before another is added.
    var isFull: Bool {
        guard let first = self.files.first, let last = self.files.last else { return false }
        return self.files.count >= Self.most.files || last.bytes.upperBound - first.bytes.lowerBound >= Self.most.bytes
    }

    mutating func add(_ file: File) {
        if self.files.isEmpty { self.files.reserveCapacity(Self.most.files) }
        self.files.append(file)
    }

    mutating func removeAll() { self.files = [] }

    /// Each is made, written and marked, up to the first that cannot be.
    /// - Parameter start: where `bytes` begin among those that came.
    func write(_ bytes: UnsafeRawBufferPointer, from start: Int, origin: String) throws(DownloadError) {
        for file in self.files {
            let part = try PartFile(in: file.folder, file.name, mayBeThere: true)
            let range = (file.bytes.lowerBound - start)..<(file.bytes.upperBound - start)
            try part.write(UnsafeRawBufferPointer(rebasing: bytes[range]))
            part.finish(modified: file.modified, origin: origin)
        }
    }
}
