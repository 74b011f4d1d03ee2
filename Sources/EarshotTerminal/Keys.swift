/// Bytes of a terminal in raw mode as keys; what is not finished waits for the next bytes.
package struct Keys: Sendable {
    private static let pasteStart = Array("\u{1B}[200~".utf8)
    private static let pasteEnd = Array("\u{1B}[201~".utf8)
    private static let named: [(String, Screen.Key)] = [
        ("\u{1B}[A", .up), ("\u{1B}[B", .down), ("\u{1B}[C", .right), ("\u{1B}[D", .left), ("\u{1B}[H", .home), ("\u{1B}[F", .end),
        ("\u{1B}OH", .home), ("\u{1B}OF", .end), ("\u{1B}[1~", .home), ("\u{1B}[4~", .end), ("\u{1B}[3~", .delete), ("\u{1B}[5~", .pageUp),
        ("\u{1B}[6~", .pageDown), ("\u{1B}OA", .up), ("\u{1B}OB", .down), ("\u{1B}OC", .right), ("\u{1B}OD", .left),
    ]
    private static let sequences = Self.named.map { (Array($0.0.utf8), $0.1) }

    private var pending: [UInt8] = []
    private var isPasting = false
    package init() {}

    package mutating func read(_ bytes: [UInt8]) -> [Screen.Key] {
        self.pending += bytes
        var keys: [Screen.Key] = []
        while let key = self.next() { if let key = key { keys.append(key) } }
        return keys
    }

    /// One key off the front; `.some(nil)` for bytes that mean nothing; nothing when more bytes are needed.
    private mutating func next() -> Screen.Key?? {
        guard let first = self.pending.first else { return nil }
        if self.isPasting { return self.paste() }
        if first == 0x1B {
            if self.pending.starts(with: Self.pasteStart) {
                self.pending.removeFirst(Self.pasteStart.count)
                self.isPasting = true
                return .some(nil)
            }
            for (sequence, key) in Self.sequences where self.pending.starts(with: sequence) {
                self.pending.removeFirst(sequence.count)
                return key
            }
            // An unknown sequence goes as a whole.
            guard self.pending.count > 1 else { return nil }
            if self.pending[1] == 0x5B {
                guard let end = self.pending.dropFirst(2).firstIndex(where: { (0x40...0x7E).contains($0) }) else { return nil }
                self.pending.removeSubrange(...end)
            } else {
                self.pending.removeFirst(2)
            }
            return .some(nil)
        }
        return self.plain(first)
    }

    private mutating func plain(_ first: UInt8) -> Screen.Key?? {
        if first >= 0x20, first != 0x7F {
            let length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
            guard self.pending.count >= length else { return nil }
            // All the text that is there at once: emoji come as several scalars.
            var end = 0
            while end < self.pending.count, self.pending[end] >= 0x20, self.pending[end] != 0x7F {
                let one = self.pending[end]
                let step = one < 0x80 ? 1 : one >= 0xF0 ? 4 : one >= 0xE0 ? 3 : 2
                guard end + step <= self.pending.count else { break }
                end += step
            }
            let text = String(decoding: self.pending.prefix(end), as: UTF8.self)
            self.pending.removeFirst(end)
            return .text(text)
        }
        self.pending.removeFirst()
        switch first {
        case 0x0D, 0x0A: return .enter
        case 0x7F, 0x08: return .backspace
        case 0x01: return .home
        case 0x05: return .end
        case 0x0B: return .killToEnd
        case 0x15: return .killLine
        case 0x17: return .killWord
        case 0x0C: return .redraw
        case 0x03, 0x04: return .leave
        default: return .some(nil)
        }
    }

    private mutating func paste() -> Screen.Key?? {
        guard let end = self.pending.indices.first(where: { self.pending[$0...].starts(with: Self.pasteEnd) }) else { return nil }
        let text = String(decoding: self.pending[..<end], as: UTF8.self).replacing("\r\n", with: "\n").replacing("\r", with: "\n")
        self.pending.removeSubrange(..<(end + Self.pasteEnd.count))
        self.isPasting = false
        return .text(text)
    }
}
