import ArgumentParser
import EarshotControl
import EarshotModel
import EarshotTerminal
import EarshotText
import Glibc

@main
enum Main {
    static func main() {
        signal(SIGPIPE, SIG_DFL)
        Output.secure()
        var path: [String] = []
        exit(Self.finish(Self.run(&path), path))
    }

    /// What a command ended with.
    private enum Ending {
        case done
        case code(Int32)
        case failed(DoorError)
        /// The command line makes no sense.
        case misused(String)
        /// Help, or the version.
        case told(String)
    }

    private static func run(_ path: inout [String]) -> Ending {
        do {
            let words = try Self.words()
            guard !words.isEmpty else { return .told(Overview.text) }
            let tree = Earshot.tree(for: words)
            let prepared = try Arguments.prepare(words, tree)
            path = Self.path(prepared, tree)
            var command = try Earshot.read(prepared)
            try command.run()
            return .done
        } catch let error as DoorError {
            return .failed(error)
        } catch let code as ExitCode {
            return .code(code.rawValue)
        } catch let error as UsageError {
            path = error.path
            return .misused(error.message)
        } catch {
            if Earshot.exitCode(for: error) == .success { return .told(Earshot.fullMessage(for: error)) }
            return .misused(Self.explained(error, path))
        }
    }

    private static func finish(_ ending: Ending, _ path: [String]) -> Int32 {
        var code: Int32 = 0
        switch ending {
        case .done: break
        case .code(let other): code = other
        case .told(let text): print(text)
        case .failed(let error):
            let more = error.more > 0 ? ["and \(error.more) more"] : []
            let candidates =
                error.candidates.isEmpty ? "" : "\n  " + (error.candidates + more).joined(separator: "\n  ")
            StandardError.say("earshot: \(error.message)\(candidates)")
            code = error.kind.exitCode
        case .misused(let message):
            StandardError.say("earshot: \(Self.sentence(message))")
            let example = Self.command(path)?.example.map { "For example: \($0)\n" } ?? ""
            let help =
                path.isEmpty
                ? "`earshot help` lists the commands." : "`earshot \(path.joined(separator: " ")) --help` shows more."
            StandardError.say(example + help)
            code = 2
        }
        do { try Output.flush() } catch {
            StandardError.say("earshot: \(error.message)")
            return code == 0 ? error.kind.exitCode : code
        }
        return code
    }

    /// The words of the command line. What is not UTF-8 would have been changed without a word; names of files may be
    /// anything.
    private static func words() throws -> [String] {
        var isFile = false
        return try (1..<max(1, Int(CommandLine.argc))).compactMap { index in
            guard let word = CommandLine.unsafeArgv[index] else { return nil }
            let bytes = UnsafeRawBufferPointer(start: word, count: strlen(word))
            guard let text = String(validating: bytes, as: UTF8.self) else {
                guard isFile else { throw DoorError(TextInput.fault(bytes), source: .argument(index)) }
                return PathText.text(bytes)
            }
            if text.hasPrefix("-"), text != "-" { isFile = text == "-f" || text == "--file" }
            return text
        }
    }

    private static func path(_ words: [String], _ tree: CommandTree) -> [String] {
        var path: [String] = []
        var command = tree
        for word in words {
            guard let below = command.subcommand(word) else { break }
            path.append(word)
            command = below
        }
        return path
    }

    private static func command(_ path: [String]) -> CommandTree? {
        path.reduce(Earshot.tree) { $0?.subcommand($1) }
    }

    /// What the parser found wrong, with what its help says about the option.
    private static func explained(_ error: any Error, _ path: [String]) -> String {
        let message = Earshot.message(for: error)
        let missing = "Missing expected argument '"
        if message.hasPrefix(missing) {
            return
                """
                `earshot \(path.joined(separator: " "))` needs \(message.dropFirst(missing.count).prefix { $0 != "'" }).
                """
        }
        let help = Earshot.fullMessage(for: error).split(separator: "\n").first { $0.hasPrefix("Help:") }
        return [Self.sentence(message), help.map(String.init)].compactMap { $0 }.joined(separator: "\n")
    }

    /// One that ends as sentences do.
    private static func sentence(_ text: String) -> String { text.last?.isPunctuation ?? true ? text : text + "." }
}
