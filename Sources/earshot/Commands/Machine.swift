import ArgumentParser
import EarshotControl
import EarshotModel
import EarshotTerminal
import Glibc

struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check what may be wrong, and what to do about it.",
        discussion: """
            EXAMPLES
              earshot doctor
              earshot doctor --json

            It looks at a running node and starts none: one that has just started has found nobody yet. Exit code 1 when
            something is wrong.
            """)
    @OptionGroup var options: Options

    func run() throws {
        let checks = try self.checks()
        self.options.show(checks, self.options.printout.doctor(checks, columns: self.options.columns))
        if checks.contains(where: { !$0.ok }) { throw ExitCode(1) }
    }

    /// What the node says; or that none is running.
    private func checks() throws(DoorError) -> [CheckView] {
        do throws(DoorError) { return try self.options.running().ask(Methods.Doctor()) } catch {
            guard error.kind == .notRunning else { throw error }
            let remedy = "Start one, give it a few seconds, and ask again."
            return [CheckView(check: "node", ok: false, detail: error.message, remedy: remedy)]
        }
    }
}

struct Settings: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show or change how the node behaves.",
        discussion: """
            EXAMPLES
              earshot settings
              earshot settings contacts.accept lan     accept everybody who is here; or ask
              earshot settings files.folder ~/inbox    where files from others go
              earshot settings files.rate 20M          bytes a second; 0 is no limit
              earshot settings files.rate.peer 5M      the same for each person
              earshot settings unset files.rate        what files say, or the default
            """)
    @Argument(help: "Which setting.") var key: String?
    @Argument(help: "Its new value.") var value: String?
    @OptionGroup var options: Options

    func run() throws {
        if self.key == "unset", let key = self.value { return try self.unset(key) }
        let client = try self.options.connect()
        guard let key = self.key, let typed = self.value else {
            var all = try client.ask(Methods.GetSettings())
            if let key = self.key {
                guard let value = all.values[key] else {
                    let keys = all.values.keys.sorted()
                    let hint = Nearest.question(key, among: keys)
                    throw DoorError(.badParameters, "There is no setting \(key).\(hint)", candidates: keys)
                }
                all.values = [key: value]
            }
            return self.show(all, all.values.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" })
        }
        let isFolder = key == "files.folder" && !typed.isEmpty
        let value = isFolder ? try TypedPath.ours.absolute(typed) : typed
        let answer: SettingsView
        do throws(DoorError) { answer = try client.ask(Methods.SetSetting(key: key, value: value)) } catch {
            throw error.asking(about: key)
        }
        self.show(answer, self.options.quiet ? [] : ["\(key) = \(answer.values[key] ?? value)"])
    }

    private func show(_ settings: SettingsView, _ lines: [String]) {
        if self.options.json { self.options.show(object: settings) } else { lines.forEach { print($0) } }
    }
}

struct DaemonCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daemon", abstract: "Run the node in the foreground: the same as earshotd.",
        discussion: """
            EXAMPLES
              earshot daemon
              earshot daemon --state /tmp/a --name Anna
              earshot daemon --help                      all the options of earshotd
            """)
    @Argument(parsing: .captureForPassthrough, help: "Options of earshotd.") var arguments: [String] = []

    func run() throws {
        guard let program = Starter.program else {
            throw DoorError(.notRunning, "earshotd is not found beside earshot or in PATH.")
        }
        let words: [String] = [program] + self.arguments
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        execv(program, &arguments)
        throw DoorError(.notRunning, "\(program) cannot be started.")
    }
}

struct Stop: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Stop the node. What is waiting to be sent stays on disk.",
        discussion: """
            EXAMPLES
              earshot stop
            """)
    @OptionGroup var options: Options

    func run() throws {
        let client = try self.options.running()
        _ = try client.ask(Methods.Stop())
        // The line closes when the node has ended.
        while (try? client.next(wait: true)) != nil {}
    }
}

struct RPC: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rpc", abstract: "Call a method of the node's JSON-RPC interface.",
        discussion: """
            EXAMPLES
              earshot rpc status
              earshot rpc history '{"who":"anna","limit":3}'
              jq -n '{to:["anna"],text:"lunch?"}' | earshot rpc send -
            """)
    @Argument(help: "The method.") var method: String
    @Argument(help: "Its parameters as a JSON object, or - for standard input.") var parameters: String?
    @OptionGroup var options: Options

    func run() throws {
        var values: JSON = [:]
        if let text = self.parameters {
            guard let object = JSON(text: try StandardInput.text(text).utf8), case .object = object else {
                throw ValidationError("The parameters are a JSON object, such as {\"who\":\"anna\"}.")
            }
            values = object
        }
        do throws(DoorError) { print(try self.options.connect().ask(named: self.method, values).line) } catch {
            throw error.kind == .unknownMethod ? error.asking(about: self.method) : error
        }
    }
}
