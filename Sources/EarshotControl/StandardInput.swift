import EarshotText
import Glibc

/// The one reader of standard input: what every command that takes text reads it with.
package enum StandardInput {
    /// Text from the command line, or the whole of standard input where it is `-` or absent.
    package static func text(_ argument: String?) throws(DoorError) -> String {
        do {
            if let argument, argument != "-" { return try TextInput.text(argument.utf8) }
            return try TextInput.text(try self.bytes())
        } catch let failure as TextInput.Failure {
            throw DoorError(failure, source: argument.map { $0 == "-" } ?? true ? .standard : .text)
        } catch let error as DoorError {
            throw error
        } catch {
            throw DoorError(.input(.unreadable(detail: "\(error)")))
        }
    }

    /// Asks on the terminal. Anything but a yes is a no.
    package static func agrees(_ question: String) -> Bool {
        StandardError.draw("\(question) [y/N] ")
        return readLine().map { ["y", "yes"].contains($0.lowercased()) } ?? false
    }

    /// All there is, up to one byte more than may be sent.
    private static func bytes() throws(DoorError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count <= TextInput.longest {
            let chunk = try self.read()
            guard !chunk.isEmpty else { break }
            bytes += chunk
        }
        return bytes
    }

    /// What comes next; empty at the end. Waits for it.
    package static func read(atMost count: Int = 65_536) throws(DoorError) -> [UInt8] {
        var chunk = [UInt8](repeating: 0, count: count)
        while true {
            let got = Glibc.read(STDIN_FILENO, &chunk, chunk.count)
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else {
                throw DoorError(.input(.unreadable(detail: String(cString: strerror(errno)))))
            }
            return Array(chunk.prefix(got))
        }
    }
}
