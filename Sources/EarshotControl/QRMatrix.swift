import CQRCode

/// A QR code as what it consists of: squares that are dark or light.
package struct QRMatrix: Sendable, Hashable {
    /// Squares in a row, and rows. Without the light border that readers need around it.
    package let size: Int
    private let dark: [[Bool]]

    /// `nil` for what is too long, about 2,300 bytes.
    package init?(_ text: String) {
        guard let code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M) else { return nil }
        defer { QRcode_free(code) }
        guard let width = Int(exactly: code.pointee.width), let squares = code.pointee.data else { return nil }
        self.size = width
        self.dark = (0..<width).map { row in (0..<width).map { squares[row * width + $0] & 1 == 1 } }
    }

    /// Light where it ends.
    package func isDark(row: Int, column: Int) -> Bool {
        guard (0..<self.size).contains(row), (0..<self.size).contains(column) else { return false }
        return self.dark[row][column]
    }
}
