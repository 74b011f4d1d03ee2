import NIOCore

/// Bytes of a client until a line of them is whole.
struct LineBuffer {
    /// Bytes that were read and are not given back yet.
    private static let mostRead = 32 << 10

    private var buffer = ByteBuffer()
    /// How far it was looked through for a line end; the length of the first line, once that is whole.
    private var looked = 0

    /// Bytes that wait.
    var count: Int { self.buffer.readableBytes }

    mutating func append(_ incoming: inout ByteBuffer) { self.buffer.writeBuffer(&incoming) }

    mutating func clear() {
        self.buffer = ByteBuffer()
        self.looked = 0
    }

    /// Whether a line is whole.
    mutating func hasLine() -> Bool {
        let view = self.buffer.readableBytesView.dropFirst(self.looked)
        if let end = view.firstIndex(of: 0x0A) {
            self.looked = end - self.buffer.readerIndex
            return true
        }
        self.looked = self.buffer.readableBytes
        return false
    }

    /// The next whole line, without its end.
    mutating func next() -> [UInt8]? {
        guard self.hasLine() else { return nil }
        let line = self.buffer.readBytes(length: self.looked) ?? []
        self.buffer.moveReaderIndex(forwardBy: 1)
        self.looked = 0
        // A buffer keeps its size; not each line moves what is behind it.
        if self.buffer.readableBytes == 0 {
            self.buffer = ByteBuffer()
        } else if self.buffer.readerIndex > Self.mostRead {
            self.buffer.discardReadBytes()
        }
        return line
    }
}
