import Glibc

/// The names in one folder, in an order that stays: by their bytes. Kept as one run of bytes, for a folder may have a
/// million.
struct FolderNames: RandomAccessCollection, Sendable {
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

    var startIndex: Int { 0 }
    var endIndex: Int { self.starts.count }

    /// Without the 0.
    subscript(index: Int) -> ArraySlice<UInt8> {
        let start = self.starts[index]
        return self.bytes[start..<(self.bytes[start...].firstIndex(of: 0) ?? self.bytes.endIndex)]
    }

    /// With the 0, for the kernel.
    func withName<T>(_ index: Int, _ body: (UnsafePointer<CChar>) throws -> T) rethrows -> T {
        let start = self.starts[index]
        return try self.bytes.withUnsafeBytes { bytes in
            guard let first = bytes.baseAddress else { return try "".withCString(body) }
            return try body(first.advanced(by: start).assumingMemoryBound(to: CChar.self))
        }
    }
}
