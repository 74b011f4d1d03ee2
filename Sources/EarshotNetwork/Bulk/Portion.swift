/// Bytes of a stream as they came. They lie in the memory of the channel they came on, and only until it is read
/// again; whoever wants them for longer keeps them.
package struct Portion {
    private let bytes: UnsafeRawBufferPointer
    /// Whose they are, if they were kept.
    private let memory: Storage?

    private final class Storage {
        let bytes: UnsafeMutableRawBufferPointer
        init(_ bytes: UnsafeRawBufferPointer) {
            self.bytes = .allocate(byteCount: bytes.count, alignment: 16)
            self.bytes.copyMemory(from: bytes)
        }
        deinit { self.bytes.deallocate() }
    }

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        self.memory = nil
    }

    /// The same in memory of its own.
    func kept() -> Portion { self.memory == nil ? Portion(Storage(self.bytes)) : self }

    private init(_ memory: Storage) {
        self.bytes = UnsafeRawBufferPointer(memory.bytes)
        self.memory = memory
    }

    package var count: Int { self.bytes.count }

    /// The bytes, while `body` runs.
    package func withBytes<Failure: Error>(_ body: (UnsafeRawBufferPointer) throws(Failure) -> Void) throws(Failure) {
        defer { withExtendedLifetime(self.memory) {} }
        try body(self.bytes)
    }
}
