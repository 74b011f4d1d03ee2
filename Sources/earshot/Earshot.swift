import ArgumentParser
import EarshotControl
import Glibc

/// `earshot`: everything a person or a script asks of the node, by the local door and nothing else.
struct Earshot: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "earshot", abstract: "Talk to people on your network, end-to-end encrypted, without a server.",
        discussion: """
            EXAMPLES
              earshot peers                        who is here
              earshot send anna "lunch?"           one line
              earshot send anna -f report.pdf      files and folders
              earshot chat anna                    a conversation
              earshot accept bob                   say yes to someone who asks
              df -h | earshot send anna -          what a program says
              earshot watch --json                 everything that happens, one object a line

            A node is started by itself when none runs.
            """, version: ControlLine.version,
        subcommands: [
            Status.self, ID.self, Name.self, Peers.self, Contacts.self, Accept.self, Block.self, Unblock.self, Rename.self, Peer.self, Send.self,
            Recv.self, AcceptFile.self, Reject.self, TransfersCommand.self, Rules.self,            Edit.self, Delete.self, React.self, Read.self, ChatCommand.self, History.self, Search.self, Watch.self, Doctor.self, Settings.self,
            DaemonCommand.self, Stop.self, RPC.self, Completions.self, CompleteNames.self,
        ])
}

@main
enum Main {
    /// `earshot --state DIR peers` is as good as `earshot peers --state DIR`.
    private static func commandFirst(_ words: [String]) -> [String] {
        guard words.count > 2, words[0] == "--state" else { return words }
        return Array(words.dropFirst(2)) + words.prefix(2)
    }

    /// The parser would complain of the first option of a command that it does not know, and not of the command.
    private static func refuseUnknown(_ word: String?) {
        guard let word, !word.hasPrefix("-"), word != "help" else { return }
        let names = Earshot.configuration.subcommands.map { $0._commandName }
        guard !names.contains(word) else { return }
        let close = names.filter { $0.hasPrefix(word.prefix(2)) && !$0.hasPrefix("_") }
        let hint = close.isEmpty ? "" : " Did you mean \(close.joined(separator: " or "))?"
        StandardError.say("earshot: There is no command \(word).\(hint) `earshot --help` lists them; for example: earshot send anna \"lunch?\"")
        exit(2)
    }

    static func main() {
        signal(SIGPIPE, SIG_DFL)
        let words = Self.commandFirst(Array(CommandLine.arguments.dropFirst()))
        Self.refuseUnknown(words.first)
        do {
            var command = try Earshot.parseAsRoot(words)
            try command.run()
        } catch let error as DoorError {
            let candidates = error.candidates.isEmpty ? "" : "\n  " + error.candidates.joined(separator: "\n  ")
            StandardError.say("earshot: \(error.message)\(candidates)")
            exit(error.kind.exitCode)
        } catch let code as ExitCode {
            exit(code.rawValue)
        } catch {
            let code = Earshot.exitCode(for: error)
            let text = Earshot.fullMessage(for: error)
            if code == .success {
                print(text)
                exit(0)
            }
            StandardError.say(text)
            exit(2)
        }
    }
}
