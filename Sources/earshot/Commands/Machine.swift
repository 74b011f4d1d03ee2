import ArgumentParser
import EarshotControl
import EarshotTerminal
import Glibc

struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "What may be in the way, and what to do.")
    @OptionGroup var options: Options

    func run() throws {
        let lines = try self.options.connect().ask("doctor")
        self.options.show(lines, self.options.listing.doctor(lines.array ?? [], columns: self.options.columns))
        if (lines.array ?? []).contains(where: { !($0["ok"]?.bool ?? true) }) { throw ExitCode(1) }
    }
}

struct Settings: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Settings of the node.", discussion: "EXAMPLES\n  earshot settings\n  earshot settings contacts.accept lan")
    @Argument(help: "Which setting.") var key: String?
    @Argument(help: "Its new value.") var value: String?
    @OptionGroup var options: Options

    func run() throws {
        let client = try self.options.connect()
        guard let key = self.key, let value = self.value else {
            var all = try client.ask("settings.get")
            if let key = self.key {
                guard let value = all[key] else {
                    throw DoorError(.badParameters, "There is no setting \(key).", candidates: (all.object ?? [:]).keys.sorted())
                }
                all = .object([key: value])
            }
            let lines = (all.object ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value.string ?? "")" }
            return self.options.show(all, lines)
        }
        let answer = try client.ask("settings.set", ["key": .string(key), "value": .string(value)])
        self.options.show(answer, self.options.quiet ? [] : ["\(key) = \(value)"])
    }
}

struct DaemonCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "daemon", abstract: "Run the node in the foreground: the same as earshotd.")
    @Argument(parsing: .captureForPassthrough) var arguments: [String] = []

    func run() throws {
        guard let program = Starter.program else { throw DoorError(.notRunning, "earshotd is not found beside earshot or in PATH.") }
        let words: [String] = [program] + self.arguments
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        execv(program, &arguments)
        throw DoorError(.notRunning, "\(program) cannot be started.")
    }
}

struct Stop: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "End the node.")
    @OptionGroup var options: Options

    func run() throws {
        let client = try ControlClient(path: self.options.directory + "/earshot.sock")
        _ = try client.ask("stop")
        // The line closes when the node has ended.
        while (try? client.next(wait: true)) != nil {}
    }
}

struct RPC: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rpc", abstract: "Ask the door by its own words.", discussion: "EXAMPLES\n  earshot rpc status\n  earshot rpc history '{\"who\":\"anna\",\"limit\":3}'")
    @Argument(help: "The method.") var method: String
    @Argument(help: "Its parameters, a JSON object.") var parameters: String?
    @OptionGroup var options: Options

    func run() throws {
        var values: [String: JSON?] = [:]
        if let text = self.parameters {
            guard case .object(let object)? = JSON(text: text.utf8) else { throw ValidationError("The parameters are a JSON object, as {\"who\":\"anna\"}.") }
            values = object.mapValues { $0 }
        }
        print(try self.options.connect().ask(self.method, values).line)
    }
}

struct Completions: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "A script that completes commands and names.", discussion: "EXAMPLES\n  earshot completions bash > ~/.local/share/bash-completion/completions/earshot")
    @Argument(help: "bash, zsh or fish.") var shell: String

    func run() throws {
        guard let shell = CompletionShell(rawValue: self.shell) else { throw ValidationError("The shell is bash, zsh or fish.") }
        print(Earshot.completionScript(for: shell))
        if self.shell == "bash" {
            print(
                """
                _earshot_names() {
                    local words="chat send accept block unblock rename history read"
                    if [[ " $words " == *" ${COMP_WORDS[1]} "* && $COMP_CWORD -ge 2 && ${COMP_WORDS[COMP_CWORD]} != -* ]]; then
                        COMPREPLY=($(compgen -W "$(earshot complete-names 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
                    else
                        _earshot "$@"
                    fi
                }
                complete -o filenames -F _earshot_names earshot
                """)
        }
    }
}

struct CompleteNames: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "complete-names", shouldDisplay: false)
    @OptionGroup var options: Options

    func run() throws {
        let client = try ControlClient(path: self.options.directory + "/earshot.sock")
        for peer in try client.ask("peers").array ?? [] { if let name = peer["name"]?.string { print(name) } }
    }
}
