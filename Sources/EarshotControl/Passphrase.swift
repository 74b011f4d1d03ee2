import EarshotText
import Glibc

/// How a passphrase is asked for: never on the command line, where everybody on the machine can read it.
package enum Passphrase {
    /// The longest there is, in bytes.
    private static let longest = 1_024

    /// - Parameters:
    ///   - file: whose first line it is; `-` is standard input.
    ///   - variable: what the environment has.
    ///   - question: asked on the terminal where nothing else says it.
    ///   - again: asked too, where it is a new one: a typing error would not be found before it is too late.
    package static func get(file: String?, variable: String?, question: String, again: String? = nil) throws(DoorError)
        -> String
    {
        if let file { return try Self.text(try self.line(of: file)) }
        if let variable { return variable }
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else {
            throw DoorError(.passphrase(.nobodyToAsk))
        }
        defer { close(terminal) }
        let first = try Self.ask(question, terminal)
        if let again, try Self.ask(again, terminal) != first {
            throw DoorError(.passphrase(.differ))
        }
        return try Self.text(first)
    }

    private static func text(_ bytes: [UInt8]) throws(DoorError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self), !text.isEmpty else {
            throw DoorError(.passphrase(bytes.isEmpty ? .empty : .notText))
        }
        return text
    }

    private static func line(of file: String) throws(DoorError) -> [UInt8] {
        let descriptor = file == "-" ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw DoorError(.path(.unreadable(file, detail: String(cString: strerror(errno)))))
        }
        defer { if descriptor != STDIN_FILENO { close(descriptor) } }
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while bytes.count < Self.longest, read(descriptor, &byte, 1) == 1, byte != 0x0A { bytes.append(byte) }
        if bytes.last == 0x0D { bytes.removeLast() }
        return bytes
    }

    /// Reads a line without showing it. Ctrl-C ends the program, with the terminal as it was.
    private static func ask(_ question: String, _ terminal: Int32) throws(DoorError) -> [UInt8] {
        var before = termios()
        guard tcgetattr(terminal, &before) == 0 else {
            throw DoorError(.passphrase(.noTerminal(detail: String(cString: strerror(errno)))))
        }
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
        tcsetattr(terminal, TCSAFLUSH, &silent)
        defer {
            tcsetattr(terminal, TCSAFLUSH, &before)
            _ = write(terminal, "\n", 1)
        }
        _ = question.withCString { write(terminal, $0, strlen($0)) }
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while read(terminal, &byte, 1) == 1 {
            switch byte {
            case 0x0A, 0x0D: return bytes
            case 0x03:
                tcsetattr(terminal, TCSAFLUSH, &before)
                _ = write(terminal, "\n", 1)
                exit(130)
            case 0x04: if bytes.isEmpty { return bytes }
            case 0x15: bytes = []
            case 0x08, 0x7F:
                // A whole character.
                while let last = bytes.popLast(), last & 0xC0 == 0x80 {}
            default: if bytes.count < Self.longest { bytes.append(byte) }
            }
        }
        return bytes
    }
}
