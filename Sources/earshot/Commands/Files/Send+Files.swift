import ArgumentParser
import EarshotControl
import Glibc

extension Send {
    /// `send WHO… -f PATH…`: every word is a person, for a mistyped name must never go out as a text.
    func sendFiles(_ wait: Wait) throws {
        // Before anything else is opened: a path may name a descriptor of ours.
        let sources = try Sources(self.files, name: self.as)
        let body = try self.said.map { try StandardInput.text($0) }
        let isWatched = isatty(STDOUT_FILENO) == 1 && self.wait == nil
        do {
            // The text stands above the files; where one of the names is unknown, neither goes out.
            if let body {
                _ = try self.options.connect().ask(Methods.Send(to: Words(self.words), text: body))
            }
            try SendFiles(
                to: self.words, sources: sources, name: self.as, wait: isWatched ? .delivered : wait,
                timeout: self.timeout?.milliseconds, options: self.options
            ).run()
        } catch let error as DoorError where error.kind == .unknownName && body == nil && self.words.count > 1 {
            // Perhaps the word was meant as a text.
            let message =
                """
                \(error.message) With -f every word before it is a person; give a text with --text \"…\". Nothing was \
                sent.
                """
            throw DoorError(error.kind, message, candidates: error.candidates)
        }
    }
}
