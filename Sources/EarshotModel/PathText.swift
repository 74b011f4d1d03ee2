/// A path of this machine as text, though its bytes need not be UTF-8: each byte that belongs to no character stands
/// there as `%E9`.
///
/// What is written so is read back only where no file has that very name; so a name that merely looks like this stays
/// itself.
package enum PathText {
    package static func text(_ bytes: some Collection<UInt8>) -> String {
        // Nearly every name is.
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        let bytes = Array(bytes)
        var parser = Unicode.UTF8.ForwardParser()
        var rest = bytes.makeIterator()
        var index = 0
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        while index < bytes.count {
            switch parser.parseScalar(from: &rest) {
            case .valid(let scalar):
                out += bytes[index..<min(bytes.count, index + scalar.count)]
                index += scalar.count
            case .error(let length):
                for byte in bytes[index..<min(bytes.count, index + max(1, length))] {
                    out += [0x25, self.digit(byte >> 4), self.digit(byte & 15)]
                }
                index += max(1, length)
            case .emptyInput: index = bytes.count
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// The bytes for which it stands; `nil` if nothing in it stands for another.
    package static func bytes(_ text: some StringProtocol) -> [UInt8]? {
        let utf8 = Array(text.utf8)
        var out: [UInt8] = []
        var index = 0
        var isChanged = false
        while index < utf8.count {
            if utf8[index] == 0x25, index + 2 < utf8.count, let high = self.value(utf8[index + 1]),
                let low = self.value(utf8[index + 2]), high >= 8
            {
                out.append(high << 4 | low)
                index += 3
                isChanged = true
            } else {
                out.append(utf8[index])
                index += 1
            }
        }
        return isChanged ? out : nil
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x37 + value }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x37
        default: nil
        }
    }
}
