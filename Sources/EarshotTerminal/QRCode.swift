import EarshotControl

/// A QR code; in half blocks, two rows a line, where there are some.
package enum QRCode {
    package static func lines(_ text: String, _ style: Style) -> [String] {
        guard let code = QRMatrix(text) else { return [] }
        let width = code.size
        func isDark(_ row: Int, _ column: Int) -> Bool { code.isDark(row: row, column: column) }
        // With the quiet zone. Dark on light whatever the terminal's colours are, where it has colours; without them
        // the light modules are drawn, which is right on a dark terminal. Without Unicode a line holds one row.
        guard style.isUnicode else {
            return (-2..<width + 2).map { row in (-2..<width + 2).map { isDark(row, $0) ? "  " : "##" }.joined() }
        }
        return stride(from: -2, to: width + 2, by: 2).map { row in
            let modules = (-2..<width + 2).map { column -> String in
                let (upper, lower) = (isDark(row, column), isDark(row + 1, column))
                switch style.hasColour ? (upper, lower) : (!upper, !lower) {
                case (true, true): return "█"
                case (true, false): return "▀"
                case (false, true): return "▄"
                case (false, false): return " "
                }
            }.joined()
            return style.hasColour ? "\u{1B}[30;47m\(modules)\u{1B}[0m" : modules
        }
    }
}
