import Glibc

/// What is said when Ctrl-C ends a command before it is through.
enum Interrupt {
    nonisolated(unsafe) private static var words: UnsafeMutablePointer<CChar>?  // lint: set before the handler is

    static func says(_ text: String) {
        Self.words = strdup("\n" + text + "\n")
        let before = signal(SIGINT) { _ in
            if let words = Interrupt.words { _ = write(STDERR_FILENO, words, strlen(words)) }
            _exit(130)
        }
        // Whoever started us in the background does not want it heeded.
        if before == nil { return }
        if unsafeBitCast(before, to: Int.self) == 1 { signal(SIGINT, SIG_IGN) }
    }
}
