import Glibc

/// The tty of a program that draws: raw mode and the alternate screen, and back again on every way out. The only file
/// that changes its modes. There is one at a time.
package final class Terminal {
    // What the signal handlers touch: plain memory, made before the first of them can run.
    nonisolated(unsafe) fileprivate static var before = termios()  // lint: as above
    nonisolated(unsafe) fileprivate static var isRaw = false  // lint: as above
    nonisolated(unsafe) fileprivate static var news: (read: Int32, write: Int32) = (-1, -1)  // lint: as above
    nonisolated(unsafe) fileprivate static var ending: Int32 = 0  // lint: as above

    /// Pasted text is marked, changes of focus are told, and no line wraps at the edge.
    private static let entering = "\u{1B}[?1049h\u{1B}[?2004h\u{1B}[?1004h\u{1B}[?7l"
    nonisolated(unsafe) fileprivate static let leaving = UnsafeMutableBufferPointer<UInt8>.allocate(  // lint: as above
        copying: Array("\u{1B}[?7h\u{1B}[?1004l\u{1B}[?2004l\u{1B}[?25h\u{1B}[0m\u{1B}[?1049l".utf8))

    /// What the system told us since we last looked.
    package enum Notice: Sendable, Hashable {
        case resized
        /// Someone asks the program to stop for a while.
        case suspend
        /// It goes on after a stop that it was not asked about.
        case continued
        case end(signal: Int32)
    }

    private var shown: [String] = []

    /// `nil` where standard input is no terminal.
    package init?() {
        guard tcgetattr(STDIN_FILENO, &Self.before) == 0 else { return nil }
        _ = Self.leaving
        var pipes: [Int32] = [-1, -1]
        guard pipe(&pipes) == 0 else { return nil }
        for end in pipes {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        Self.news = (pipes[0], pipes[1])
        Self.handleSignals()
        self.enter()
        atexit { Terminal.restore() }
    }

    deinit { Self.restore() }

    /// Readable when `notices` has something.
    package var descriptor: Int32 { Self.news.read }

    package func notices() -> [Notice] {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(Self.news.read, &bytes, bytes.count)
        return bytes.prefix(max(0, count)).map { byte in
            switch Int32(byte) {
            case SIGWINCH: .resized
            case SIGTSTP: .suspend
            case SIGCONT: .continued
            case let signal: .end(signal: signal)
            }
        }
    }

    /// Raw mode, and everything is drawn anew.
    package func enter() {
        self.shown = []
        var raw = Self.before
        cfmakeraw(&raw)
        while tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) != 0, errno == EINTR {}
        Self.isRaw = true
        self.write(Self.entering)
    }

    /// Gives the terminal back to the shell until the program is continued.
    package func suspend() {
        Self.restore()
        signal(SIGTSTP, SIG_DFL)
        kill(0, SIGTSTP)
        // Here we are again. The shell may have changed the modes meanwhile.
        Self.handle(SIGTSTP)
        tcgetattr(STDIN_FILENO, &Self.before)
        self.enter()
    }

    /// As it was before. What was typed and not read is dropped: the shell must not take it for commands.
    package static func restore() {
        guard self.isRaw else { return }
        self.isRaw = false
        self.giveBack()
    }

    package static var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    // MARK: drawing

    /// Forgets what is on the screen: the next picture is drawn whole.
    package func forget() { self.shown = [] }

    /// Puts a picture on the screen; only the lines that changed are written.
    package func show(_ lines: [String], row: Int, column: Int) {
        var out = "\u{1B}[?25l"
        if self.shown.count != lines.count { out += "\u{1B}[0m\u{1B}[2J" }
        for (index, line) in lines.enumerated() where self.shown.count != lines.count || self.shown[index] != line {
            // Erased first: with no wrapping, erasing behind a line that fills it would take its last character.
            out += "\u{1B}[\(index + 1);1H\u{1B}[0m\u{1B}[K\(line)\u{1B}[0m"
        }
        self.shown = lines
        self.write(out + "\u{1B}[\(row + 1);\(column + 1)H\u{1B}[?25h")
    }

    private func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            // Asked to end while the terminal takes nothing: leave it at that.
            guard count > 0 || errno == EINTR && Self.ending == 0 else { return }
            rest = rest.dropFirst(max(0, count))
        }
    }
}

// MARK: signals

extension Terminal {
    private static func handleSignals() {
        for number in [SIGWINCH, SIGTSTP, SIGCONT, SIGTERM, SIGHUP, SIGINT] { self.handle(number) }
        // A fault of ours: the terminal is given back, then it ends as it would have.
        for number in [SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { number in
                Terminal.giveBackAtOnce()
                raise(number)
            }
            action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND)) | SA_NODEFER
            sigaction(number, &action, nil)
        }
    }

    /// Handlers write one byte and return; the loop does the rest. Whoever asks twice to end is not made to wait for
    /// it.
    private static func handle(_ number: Int32) {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { number in
            let error = errno
            if number == SIGTERM || number == SIGHUP || number == SIGINT {
                if Terminal.ending != 0 {
                    Terminal.giveBackAtOnce()
                    _exit(128 + number)
                }
                Terminal.ending = number
            }
            var byte = UInt8(truncatingIfNeeded: number)
            _ = Glibc.write(Terminal.news.write, &byte, 1)
            errno = error
        }
        sigaction(number, &action, nil)
    }

    private static func giveBack() {
        _ = Glibc.write(STDOUT_FILENO, self.leaving.baseAddress, self.leaving.count)
        while tcsetattr(STDIN_FILENO, TCSAFLUSH, &self.before) != 0, errno == EINTR {}
    }

    /// The same without waiting for the terminal, by nothing but what a signal handler may call.
    private static func giveBackAtOnce() {
        guard self.isRaw else { return }
        self.isRaw = false
        tcsetattr(STDIN_FILENO, TCSANOW, &self.before)
        tcflush(STDIN_FILENO, TCIFLUSH)
        _ = Glibc.write(STDOUT_FILENO, self.leaving.baseAddress, self.leaving.count)
    }
}

extension UnsafeMutableBufferPointer<UInt8> {
    fileprivate static func allocate(copying bytes: [UInt8]) -> Self {
        let buffer = Self.allocate(capacity: bytes.count)
        _ = buffer.initialize(from: bytes)
        return buffer
    }
}
