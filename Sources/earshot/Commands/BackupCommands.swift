import ArgumentParser
import EarshotControl
import EarshotModel
import EarshotTerminal
import Glibc

/// Where a passphrase comes from, for all that need one.
struct PassphraseOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A file that begins with the passphrase; - is standard input. Else EARSHOT_PASSPHRASE, or it is asked for.",
            valueName: "file"), completion: .file())
    var passphraseFile: String?

    func get(_ question: String, again: String? = nil) throws(DoorError) -> String {
        try Passphrase.get(
            file: self.passphraseFile, variable: Options.environment("EARSHOT_PASSPHRASE"), question: question,
            again: again)
    }
}

struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Write all that your node keeps into one file, sealed by a passphrase.",
        discussion: """
            EXAMPLES
              earshot backup earshot.backup
              earshot backup monday.backup --passphrase-file ~/.secret

            Your keys, contacts, rooms, messages and settings go into it; files that you received do not. The node goes
            on meanwhile. Whoever has the file and the passphrase is you: `earshot restore` puts it back.
            """)
    @Argument(help: "The file. Nothing may be there.", completion: .file()) var file: String
    @OptionGroup var secret: PassphraseOptions
    @OptionGroup var options: Options

    func run() throws {
        let path = try TypedPath.ours.absolute(self.file)
        let client = try self.options.connect()
        let passphrase = try self.secret.get(
            "Passphrase for the backup (8 characters or more): ", again: "The same again: ")
        let made = try client.ask(Methods.Backup(path: try AbsolutePath(path), passphrase: passphrase))
        let messages = made.messages == 1 ? "1 message" : "\(made.messages) messages"
        self.options.show(
            made,
            self.options.quiet
                ? [] : ["\(self.options.style.quoted(made.path)): \(TransferLines.size(made.bytes)), with \(messages)"])
    }
}

struct Restore: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put a backup back, on this machine or another.",
        discussion: """
            EXAMPLES
              earshot restore earshot.backup
              earshot restore earshot.backup --state ~/again

            It goes into a folder in which there is no node, and replaces nothing. Do not run the old node and the new
            one side by side: both would be the same device. What was written since the backup comes again from the
            people it was written with.
            """)
    @Argument(help: "The file.", completion: .file()) var file: String
    @OptionGroup var secret: PassphraseOptions
    @OptionGroup var options: Options

    func run() throws {
        let path = try TypedPath.ours.absolute(self.file)
        guard access(path, R_OK) == 0 else {
            throw DoorError(.badParameters, "\(path) cannot be read: \(String(cString: strerror(errno))).")
        }
        let state = try self.options.directory
        let passphrase = try self.secret.get("Passphrase of the backup: ")
        let ended = try Beside.run(["--restore", path, "--state", state], input: Array((passphrase + "\n").utf8))
        guard ended.code == 0, let json = JSON(text: ended.output),
            let view = try? JSONMapping.value(RestoredView.self, from: json)
        else { throw ExitCode(ended.code == 0 ? 1 : ended.code) }
        self.options.show(
            view,
            self.options.quiet
                ? []
                : [
                    "You are back, with \(view.messages) messages and \(view.contacts) contacts, in \(view.state).",
                    "`\(Quoting.command("peers", state: self.options.state))` starts your node and shows who is here.",
                ])
    }
}

struct Wipe: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Remove your node for good: keys, messages, contacts, settings.",
        discussion: """
            EXAMPLES
              earshot wipe
              earshot wipe --yes            without a question, for scripts

            The keys go first. Files that you received stay where they are; what others have stays with them. On an SSD
            older blocks may still be found by somebody with the right tools: an encrypted disk is what helps there.
            """)
    @Flag(help: "Do not ask.") var yes = false
    @OptionGroup var options: Options

    func run() throws {
        let state = try self.options.directory
        guard ["identity.key", "earshot.db"].contains(where: { access(state + "/" + $0, F_OK) == 0 }) else {
            throw DoorError(.badParameters, "There is no node in \(state).")
        }
        if !self.yes {
            guard isatty(STDIN_FILENO) == 1 else {
                throw ValidationError("It asks on a terminal. In a script say --yes.")
            }
            let question = "Remove everything in \(state)? There is no way back but a backup."
            guard StandardInput.agrees(question) else { throw DoorError(.refused, "Nothing was removed.") }
        }
        if let client = try? self.options.running() {
            _ = try client.ask(Methods.Stop())
            while (try? client.next(wait: true)) != nil {}
        }
        let ended = try Beside.run(["--wipe", "--state", state], input: [])
        guard ended.code == 0 else { throw ExitCode(ended.code) }
        if self.options.json {
            self.options.show(object: WipedView(state: state))
        } else if !self.options.quiet {
            print("Your node in \(state) is removed.")
        }
    }
}
