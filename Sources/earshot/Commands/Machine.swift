import ArgumentParser
import EarshotControl
import EarshotModel
import EarshotTerminal
import Glibc

struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What may be in the way, and what to do about it.",
        discussion: """
            EXAMPLES
              earshot doctor
              earshot doctor --json

            It looks at a node that is running, and starts none: one that has just started has heard nobody yet. Exit code 1 when
            something is in the way.
            """)
    @OptionGroup var options: Options

    func run() throws {
        let lines = try self.lines()
        self.options.show(lines, self.options.printout.doctor(lines.array ?? [], columns: self.options.columns))
        if (lines.array ?? []).contains(where: { !($0["ok"]?.bool ?? true) }) { throw ExitCode(1) }
    }

    /// What the node says; or that none is running.
    private func lines() throws(DoorError) -> JSON {
        do throws(DoorError) { return try self.options.running().ask("doctor") } catch {
            guard error.kind == .notRunning else { throw error }
            let remedy: JSON = "Start one, give it a few seconds, and ask again."
            return [["check": "node", "ok": false, "detail": .string(error.message), "remedy": remedy]]
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
              earshot settings files.folder ~/inbox    where files go that others send
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
            var all = try client.ask("settings.get")
            if let key = self.key {
                guard let value = all[key] else {
                    let hint = Nearest.question(key, among: (all.object ?? [:]).keys.sorted())
                    throw DoorError(
                        .badParameters, "There is no setting \(key).\(hint)",
                        candidates: (all.object ?? [:]).keys.sorted())
                }
                all = .object([key: value])
            }
            let lines = (all.object ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value.string ?? "")" }
            return self.options.show(all, lines)
        }
        let isFolder = key == "files.folder" && !typed.isEmpty
        let value = isFolder ? try TypedPath.ours.absolute(typed) : typed
        let answer: JSON
        do throws(DoorError) {
            answer = try client.ask("settings.set", ["key": .string(key), "value": .string(value)])
        } catch {
            throw error.asking(about: key)
        }
        self.options.show(answer, self.options.quiet ? [] : ["\(key) = \(answer[key]?.string ?? value)"])
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
        abstract: "End the node. What waits to be sent stays on disk.",
        discussion: """
            EXAMPLES
              earshot stop
            """)
    @OptionGroup var options: Options

    func run() throws {
        let client = try self.options.running()
        _ = try client.ask("stop")
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
        var values: [String: JSON?] = [:]
        if let text = self.parameters {
            guard case .object(let object)? = JSON(text: try StandardInput.text(text).utf8) else {
                throw ValidationError("The parameters are a JSON object, as {\"who\":\"anna\"}.")
            }
            values = object.mapValues { $0 }
        }
        do throws(DoorError) { print(try self.options.connect().ask(self.method, values).line) } catch {
            throw error.kind == .unknownMethod ? error.asking(about: self.method) : error
        }
    }
}
