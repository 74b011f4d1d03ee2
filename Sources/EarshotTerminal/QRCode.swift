import CQRCode

/// A QR code in half blocks, two rows a line.
package enum QRCode {
    package static func lines(_ text: String) -> [String] {
        guard let code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M) else { return [] }
        defer { QRcode_free(code) }
        let width = Int(code.pointee.width)
        func isDark(_ row: Int, _ column: Int) -> Bool {
            guard row >= 0, column >= 0, row < width, column < width else { return false }
            return code.pointee.data[row * width + column] & 1 == 1
        }
        // Dark on light, with the quiet zone, whatever the terminal's colours are.
        return stride(from: -2, to: width + 2, by: 2).map { row in
            "\u{1B}[30;47m"
                + (-2..<width + 2).map { column in
                    switch (isDark(row, column), isDark(row + 1, column)) {
                    case (true, true): "█"
                    case (true, false): "▀"
                    case (false, true): "▄"
                    case (false, false): " "
                    }
                }.joined() + "\u{1B}[0m"
        }
    }
}
