import Glibc

/// The tty: raw mode and back again, whatever happens. The only file that touches it.
package final class Terminal {
    nonisolated(unsafe) private static var before = termios()
    nonisolated(unsafe) private static var isRaw = false
    nonisolated(unsafe) private static var wasResized: sig_atomic_t = 0

    package init() {
        tcgetattr(STDIN_FILENO, &Self.before)
        var raw = Self.before
        cfmakeraw(&raw)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw)
        Self.isRaw = true
        // The alternate screen, and pasted text marked as such.
        self.write("\u{1B}[?1049h\u{1B}[?2004h")
        atexit { Terminal.restore() }
        for one in [SIGTERM, SIGHUP, SIGQUIT] {
            signal(one) { number in
                Terminal.restore()
                _exit(128 + number)
            }
        }
        signal(SIGWINCH) { _ in Terminal.wasResized = 1 }
    }

    package static func restore() {
        guard self.isRaw else { return }
        self.isRaw = false
        let bytes = Array("\u{1B}[?2004l\u{1B}[?1049l\u{1B}[?25h".utf8)
        _ = Glibc.write(STDOUT_FILENO, bytes, bytes.count)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &self.before)
    }

    /// Whether the window changed its size since this was last asked.
    package var isResized: Bool {
        defer { Self.wasResized = 0 }
        return Self.wasResized != 0
    }

    package static var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    package func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { return }
            rest = rest.dropFirst(max(0, count))
        }
    }

    /// Puts a whole picture on the screen, line by line, without flicker.
    package func show(_ lines: [String], row: Int, column: Int) {
        var out = "\u{1B}[?25l\u{1B}[H"
        for (index, line) in lines.enumerated() { out += line + "\u{1B}[K" + (index + 1 < lines.count ? "\r\n" : "") }
        out += "\u{1B}[J\u{1B}[\(row + 1);\(column + 1)H\u{1B}[?25h"
        self.write(out)
    }
}
