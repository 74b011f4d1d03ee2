import EarshotControl
import EarshotModel

/// What a person does at the keyboard.
package enum Key: Sendable, Hashable {
    case text(String)
    /// Text that was pasted, as one piece, whatever line ends it has.
    case paste(String)
    case enter, newline, tab
    case backspace, delete, left, right, wordLeft, wordRight, home, end
    case up, down, pageUp, pageDown, first, last
    case killToStart, killToEnd, killWord, killWordAhead, yank
    case redraw, suspend, interrupt, endOfInput, escape
    /// The window has the keyboard, or has it no longer.
    case focus(Bool)
    /// Bytes that are no UTF-8.
    case undecodable
    /// A paste of more than `Keys.longestPaste`.
    case tooLong
}

/// Bytes of a terminal in raw mode as keys; what is not finished waits for the next bytes.
package struct Keys: Sendable {
    private static let pasteStart = Array("\u{1B}[200~".utf8)
    private static let pasteEnd = Array("\u{1B}[201~".utf8)
    /// Bytes of one paste at most: what can be one message.
    package static let longestPaste = TextInput.longest
    /// Bytes of an escape sequence at most; no terminal sends longer ones.
    private static let longestSequence = 32

    private var pending: [UInt8] = []
    private var pasted: [UInt8]?
    private var isTooLong = false
    package init() {}

    /// Whether a key may be unfinished: `settle` ends it if nothing follows soon.
    package var isWaiting: Bool { !self.pending.isEmpty || self.pasted != nil }

    /// Ms after which `settle` is due: a lone Escape is decided quickly, a paste may stall on a slow line.
    package var patience: UInt64 { self.pasted == nil ? 60 : 3_000 }

    package mutating func read(_ bytes: some Sequence<UInt8>) -> [Key] {
        self.pending += bytes
        var keys: [Key] = []
        var taken = 0
        while taken < self.pending.count {
            let before = taken
            if let key = self.next(&taken) { keys.append(key) }
            if taken == before { break }
        }
        self.pending.removeFirst(taken)
        return keys
    }

    /// Nothing followed: what has come is all there is.
    package mutating func settle() -> [Key] {
        defer { self.pending = [] }
        if self.pasted != nil {
            self.pasted?.append(contentsOf: self.pending)
            return self.endPaste().map { [$0] } ?? []
        }
        if self.pending == [0x1B] { return [.escape] }
        return self.pending.isEmpty || self.pending.first == 0x1B ? [] : [.undecodable]
    }

    /// The key that begins at `taken`, which moves past it; it stays where more bytes are needed.
    private mutating func next(_ taken: inout Int) -> Key? {
        let rest = self.pending[taken...]
        if self.pasted != nil { return self.paste(rest, &taken) }
        guard let first = rest.first else { return nil }
        if first == 0x1B { return self.escape(rest, &taken) }
        if first >= 0x20, first != 0x7F { return self.plain(rest, &taken) }
        taken += 1
        return Self.control(first)
    }

    private static func control(_ byte: UInt8) -> Key? {
        switch byte {
        case 0x0D, 0x0A: .enter
        case 0x09: .tab
        case 0x7F, 0x08: .backspace
        case 0x01: .home
        case 0x02: .left
        case 0x03: .interrupt
        case 0x04: .endOfInput
        case 0x05: .end
        case 0x06: .right
        case 0x0B: .killToEnd
        case 0x0C: .redraw
        case 0x0E: .down
        case 0x10: .up
        case 0x15: .killToStart
        case 0x17: .killWord
        case 0x19: .yank
        case 0x1A: .suspend
        default: nil
        }
    }

    /// All the text that is there at once: one emoji comes as several scalars.
    private func plain(_ rest: ArraySlice<UInt8>, _ taken: inout Int) -> Key? {
        let end = rest.firstIndex { $0 < 0x20 || $0 == 0x7F } ?? rest.endIndex
        var run = rest[..<end]
        if end == rest.endIndex { run = run.dropLast(Self.unfinished(run)) }
        guard !run.isEmpty else { return nil }
        taken += run.count
        return String(validating: run, as: UTF8.self).map { .text($0) } ?? .undecodable
    }

    /// Bytes at the end that begin a character and do not finish it.
    private static func unfinished(_ run: ArraySlice<UInt8>) -> Int {
        for back in 1...3 {
            guard let byte = run.dropLast(back - 1).last else { return 0 }
            if byte & 0xC0 == 0x80 { continue }
            let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
            return length > back ? back : 0
        }
        return 0
    }

    private mutating func escape(_ rest: ArraySlice<UInt8>, _ taken: inout Int) -> Key? {
        let start = rest.startIndex
        guard rest.count > 1 else { return nil }
        switch rest[start + 1] {
        case 0x5B:  // CSI: parameters, and a final byte.
            guard let end = rest.dropFirst(2).firstIndex(where: { (0x40...0x7E).contains($0) }) else {
                if rest.count > Self.longestSequence { taken += rest.count }
                return nil
            }
            taken += end + 1 - start
            if rest[start...end].elementsEqual(Self.pasteStart) {
                self.pasted = []
                self.isTooLong = false
                return nil
            }
            return Self.sequence(parameters: rest[(start + 2)..<end], final: rest[end])
        case 0x4F:  // SS3: what some terminals send for arrows.
            guard rest.count > 2 else { return nil }
            taken += 3
            return Self.sequence(parameters: [], final: rest[start + 2])
        case 0x1B:  // Escape, and then another key.
            taken += 1
            return .escape
        case let byte:
            taken += 2
            return Self.meta(byte)
        }
    }

    /// Alt and a key.
    private static func meta(_ byte: UInt8) -> Key? {
        switch byte {
        case UInt8(ascii: "b"): .wordLeft
        case UInt8(ascii: "f"): .wordRight
        case UInt8(ascii: "d"): .killWordAhead
        case UInt8(ascii: "<"): .first
        case UInt8(ascii: ">"): .last
        case 0x7F, 0x08: .killWord
        case 0x0D, 0x0A: .newline
        default: nil
        }
    }

    private static func sequence(parameters: ArraySlice<UInt8>, final: UInt8) -> Key? {
        let numbers = parameters.split(separator: UInt8(ascii: ";")).map {
            Int(String(decoding: $0, as: UTF8.self)) ?? 0
        }
        let isModified = (numbers.count > 1 ? numbers[1] : 1) > 2  // Alt or Control; 2 is Shift alone.
        switch final {
        case UInt8(ascii: "A"): return isModified ? .pageUp : .up
        case UInt8(ascii: "B"): return isModified ? .pageDown : .down
        case UInt8(ascii: "C"): return isModified ? .wordRight : .right
        case UInt8(ascii: "D"): return isModified ? .wordLeft : .left
        case UInt8(ascii: "H"): return isModified ? .first : .home
        case UInt8(ascii: "F"): return isModified ? .last : .end
        case UInt8(ascii: "M"): return .enter
        case UInt8(ascii: "I"): return .focus(true)
        case UInt8(ascii: "O"): return .focus(false)
        case UInt8(ascii: "u") where numbers.first == 13: return isModified || numbers.count > 1 ? .newline : .enter
        case UInt8(ascii: "~"):
            switch numbers.first {
            case 1, 7: return isModified ? .first : .home
            case 4, 8: return isModified ? .last : .end
            case 3: return isModified ? .killWordAhead : .delete
            case 5: return .pageUp
            case 6: return .pageDown
            default: return nil
            }
        default: return nil
        }
    }

    // MARK: pasted text

    private mutating func paste(_ rest: ArraySlice<UInt8>, _ taken: inout Int) -> Key? {
        // All but what may be the beginning of the end.
        var at = rest.startIndex
        while let escape = rest[at...].firstIndex(of: 0x1B) {
            let tail = rest[escape...]
            if tail.starts(with: Self.pasteEnd) {
                self.keep(rest[..<escape])
                taken += escape + Self.pasteEnd.count - rest.startIndex
                return self.endPaste()
            }
            if tail.count < Self.pasteEnd.count, Self.pasteEnd.starts(with: tail) {
                self.keep(rest[..<escape])
                taken += escape - rest.startIndex
                return nil
            }
            at = escape + 1
        }
        self.keep(rest)
        taken += rest.count
        return nil
    }

    private mutating func keep(_ bytes: ArraySlice<UInt8>) {
        guard (self.pasted?.count ?? 0) + bytes.count <= Self.longestPaste else {
            self.isTooLong = true
            return
        }
        self.pasted?.append(contentsOf: bytes)
    }

    private mutating func endPaste() -> Key? {
        let bytes = self.pasted ?? []
        self.pasted = nil
        if self.isTooLong { return .tooLong }
        guard let text = String(validating: bytes, as: UTF8.self) else { return .undecodable }
        return .paste(SafeText.message(text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")))
    }
}
