import ArgumentParser
import EarshotControl
import Glibc

extension Send {
    /// `send WHO… -f PATH…`: every word is a person, for a mistyped name must never go out as a text.
    func sendFiles(_ wait: Request.Wait) throws {
        let body = try self.said.map { try StandardInput.text($0) }
        let isWatched = isatty(STDOUT_FILENO) == 1 && self.wait == nil
        let timeout = self.timeout?.milliseconds
        do {
            // The text stands above the files; where one of the names is unknown, neither goes out.
            if let body { _ = try self.options.connect().ask("send", ["to": .array(self.words.map { .string($0) }), "text": .string(body)]) }
            if self.files.contains("-") {
                guard self.files.count == 1, let name = self.as else {
                    throw ValidationError("Standard input needs a name and goes alone: df -h | earshot send anna -f - --as disks.txt")
                }
                return try SendPipe(to: self.words, name: name, wait: isWatched ? .delivered : wait, timeout: timeout, options: self.options).run()
            }
            try SendFiles(to: self.words, paths: self.files, name: self.as, wait: isWatched ? .delivered : wait, timeout: timeout, options: self.options).run()
        } catch let error as DoorError where error.kind == .unknownName && body == nil && self.words.count > 1 {
            // Perhaps the word was meant as a text.
            let message = "\(error.message) With -f every word before it is a person; a text goes with --text \"…\". Nothing was sent."
            throw DoorError(error.kind, message, candidates: error.candidates)
        }
    }
}
