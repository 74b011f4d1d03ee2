/// RFC 4648 base64 with padding, for bytes in JSON.
package enum Base64 {
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    package static func encode(_ bytes: [UInt8]) -> String {
        var out: [UInt8] = []
        out.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var number: UInt32 = 0
            for index in 0..<3 { number = number << 8 | UInt32(group.dropFirst(index).first ?? 0) }
            for index in 0..<4 {
                let isThere = index <= group.count
                out.append(isThere ? Self.letters[Int(number >> (18 - 6 * UInt32(index)) & 63)] : UInt8(ascii: "="))
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// `nil` for other characters, for an impossible length, and for left-over bits that are not zero.
    package static func decode(_ text: String) -> [UInt8]? {
        let letters = Array(text.utf8)
        guard letters.count.isMultiple(of: 4) else { return nil }
        let padding = letters.suffix(2).count { $0 == UInt8(ascii: "=") }
        if padding == 2, letters.last != letters.dropLast().last { return nil }
        var out: [UInt8] = []
        out.reserveCapacity(letters.count / 4 * 3)
        var (buffer, bits): (UInt32, UInt32) = (0, 0)
        for letter in letters.dropLast(padding) {
            guard let value = Self.value(letter) else { return nil }
            buffer = (buffer << 6 | value) & 0x3FFF
            bits += 6
            if bits >= 8 {
                bits -= 8
                out.append(UInt8(truncatingIfNeeded: buffer >> bits))
            }
        }
        return buffer & ((1 << bits) - 1) == 0 ? out : nil
    }

    private static func value(_ letter: UInt8) -> UInt32? {
        switch letter {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(letter - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(letter - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(letter - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
