import EarshotModel
import EarshotText

/// Text from outside as Earshot sends it: UTF-8, one kind of line end, and not longer than the door takes. There is
/// one reading of standard input for all commands, and this is it.
package enum TextInput {
    /// Bytes of one text. Escaped for the door (at most two bytes for one) it still fits into a line of it.
    package static let longest = 8_000_000

    package enum Failure: Error, Hashable, Sendable {
        /// Where the first byte stands that begins no character, counted from 1, and the line it is on.
        case notUTF8(byte: UInt8, at: Int, line: Int)
        case tooLong
    }

    /// The whole of `bytes` as one text, without the line end it closes with.
    package static func text(_ bytes: some Collection<UInt8>) throws(Failure) -> String {
        guard bytes.count <= self.longest else { throw .tooLong }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw self.fault(bytes) }
        let clean = SafeText.lines(text)
        return clean.last == "\n" ? String(clean.dropLast()) : clean
    }

    /// What is wrong with bytes that are not UTF-8.
    package static func fault(_ bytes: some Collection<UInt8>) -> Failure {
        var decoder = UTF8.ForwardParser()
        var rest = bytes.makeIterator()
        var good = 0
        while case .valid(let scalar) = decoder.parseScalar(from: &rest) { good += scalar.count }
        let line = 1 + bytes.prefix(good).count { $0 == 0x0A }
        return .notUTF8(byte: bytes.dropFirst(good).first ?? 0, at: good + 1, line: line)
    }
}

extension DoorError {
    package init(_ failure: TextInput.Failure, source: Refusal.Input.Source) {
        switch failure {
        case .notUTF8(let byte, let at, let line): self.init(.input(.notUTF8(source, byte: byte, at: at, line: line)))
        case .tooLong: self.init(.input(.tooLong(source, most: TextInput.longest)))
        }
    }
}

/// Lines of a stream of bytes, each of them a text by itself.
package struct TextLines: Sendable {
    private var pending: [UInt8] = []
    /// How much of `pending` was looked at and has no line end.
    private var searched = 0
    /// Lines that were handed out.
    private var count = 0
    private var isEnded = false
    /// The line that is coming was given up.
    private var isSkipping = false
    package init() {}

    /// Whether more should be read now: a line that is too long is not kept to its end.
    package var isHungry: Bool { !self.isEnded && self.pending.count <= TextInput.longest + 1 }

    package mutating func feed(_ bytes: some Collection<UInt8>) {
        guard self.isSkipping else { return self.pending += bytes }
        guard let end = bytes.firstIndex(of: 0x0A) else { return }
        self.isSkipping = false
        self.pending += bytes[bytes.index(after: end)...]
    }

    /// Nothing more comes: what has no line end is a line too.
    package mutating func end() { self.isEnded = true }

    /// The next whole line; nil when more must come first, or nothing is left.
    /// - Throws: for a line that is no text; positions are those within it, `line` is its number.
    package mutating func next() throws(TextInput.Failure) -> String? {
        let end = self.pending[self.searched...].firstIndex(of: 0x0A)
        guard end != nil || self.pending.count <= TextInput.longest + 1 else {
            // Nothing more of it is kept; the lines behind it are read as any others.
            (self.isSkipping, self.pending, self.searched) = (true, [], 0)
            self.count += 1
            throw .tooLong
        }
        guard let stop = end ?? (self.isEnded && !self.pending.isEmpty ? self.pending.count : nil) else {
            self.searched = self.pending.count
            return nil
        }
        let line = self.pending[..<stop]
        self.count += 1
        defer {
            self.pending.removeSubrange(..<min(stop + 1, self.pending.count))
            self.searched = 0
        }
        // The line end may be two bytes; a carriage return within a line is one, too.
        let bytes = line.last == 0x0D ? line.dropLast() : line
        do throws(TextInput.Failure) { return try TextInput.text(bytes) } catch .notUTF8(let byte, let at, _) {
            throw .notUTF8(byte: byte, at: at, line: self.count)
        }
    }
}
