import Glibc

/// The names in one folder, in an order that stays: by their bytes. Kept as one run of bytes, for a folder may have a
/// million.
struct FolderNames: Sequence {
    /// Each with a 0 behind it.
    private let bytes: [UInt8]
    /// Where each begins.
    private let starts: [Int]

    /// Reads an open folder.
    init(reading stream: OpaquePointer) {
        var bytes: [UInt8] = []
        var starts: [Int] = []
        while let entry = readdir(stream) {
            withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { name in
                    if strcmp(name, ".") == 0 || strcmp(name, "..") == 0 { return }
                    starts.append(bytes.count)
                    bytes.append(contentsOf: UnsafeRawBufferPointer(start: name, count: strlen(name) + 1))
                }
            }
        }
        bytes.withUnsafeBytes { bytes in
            func name(_ start: Int) -> UnsafePointer<CChar>? {
                bytes.baseAddress?.advanced(by: start).assumingMemoryBound(to: CChar.self)
            }
            starts.sort { first, second in
                guard let first = name(first), let second = name(second) else { return false }
                return strcmp(first, second) < 0
            }
        }
        self.bytes = bytes
        self.starts = starts
    }

    /// Each without the 0.
    func makeIterator() -> AnyIterator<ArraySlice<UInt8>> {
        var starts = self.starts.makeIterator()
        return AnyIterator { starts.next().map { self.bytes[$0...].prefix { $0 != 0 } } }
    }
}
