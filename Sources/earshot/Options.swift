import ArgumentParser
import EarshotConfig
import EarshotControl
import EarshotModel
import EarshotTerminal
import Glibc

/// What every command understands.
struct Options: ParsableArguments {
    @Option(help: "The folder of your node (EARSHOT_STATE, else ~/.local/state/earshot).") var state: String?
    @Flag(help: "Answer in JSON: one object, or one object a line.") var json = false
    @Flag(help: "Do not start a node when none is running.") var noStart = false
    @Flag(help: "Make a new node where --state or EARSHOT_STATE names a folder that has none.") var create = false
    @Flag(name: .shortAndLong, help: "Print only what was asked for.") var quiet = false

    /// The folder of the node, absolute. A path that means nothing is refused.
    var directory: String { get throws(DoorError) { try StateFolder.absolute(self.state) } }

    static func environment(_ name: String) -> String? {
        guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty else { return nil }
        return value
    }

    /// A line to the node, which is started if need be.
    func connect() throws(DoorError) -> ControlClient {
        do {
            return try self.running()
        } catch  where error.kind == .notRunning && !self.noStart {
            let directory = try self.directory
            let isNew = access(directory + "/identity.key", F_OK) != 0
            if isNew, let source = self.source, !self.create { throw Self.unknown(directory, source) }
            if !self.quiet {
                StandardError.say("earshot: starting \(isNew ? "a new node" : "your node") in \(directory)")
            }
            try Starter.start(state: directory)
            let client = try self.running()
            if isNew, !self.quiet { self.greet(try client.ask(Methods.Identity())) }
            return client
        }
    }

    /// A line to the node that is running; starts none.
    func running() throws(DoorError) -> ControlClient {
        let directory = try self.directory
        do {
            return try ControlClient(path: directory + "/earshot.sock")
        } catch  where error.kind == .notRunning {
            if let source = self.source, access(directory + "/identity.key", F_OK) != 0 {
                throw DoorError(.notRunning, "There is no node in \(directory), which \(source) names.")
            }
            throw DoorError(
                .notRunning,
                "No node is running in \(directory). `\(Quoting.command("peers", state: self.state))` starts it.")
        }
    }

    /// What names a folder other than the usual one; nil where nothing does.
    private var source: String? {
        self.state != nil ? "--state" : Self.environment("EARSHOT_STATE") != nil ? "EARSHOT_STATE" : nil
    }

    private static func unknown(_ directory: String, _ source: String) -> DoorError {
        DoorError(
            .notRunning,
            """
            There is no node in \(directory), which \(source) names. Is it misspelled? To make a new one there, add \
            --create.
            """
        )
    }

    /// What a person is told once: what others see, and how to change it.
    private func greet(_ id: IdentityView) {
        let command = Quoting.command("name", "Your Name", state: self.state)
        StandardError.say(
            "earshot: You are called \(self.style.quoted(id.name)) (\(id.person.brief)). To change that: \(command)"
        )
    }

    var style: Style {
        let locale = Self.environment("LC_ALL") ?? Self.environment("LC_CTYPE") ?? Self.environment("LANG") ?? ""
        let terminal = Self.environment("TERM") ?? ""
        let isTerminal = isatty(STDOUT_FILENO) == 1 && terminal != "dumb"
        return Style(
            hasColour: isTerminal && Self.environment("NO_COLOR") == nil,
            isUnicode: locale.lowercased().contains("utf"),
            // The console of Linux shows what it does not know.
            hasLinks: isTerminal && !terminal.isEmpty && terminal != "linux")
    }

    var printout: Printout { Printout(style: self.style, state: self.state) }

    /// The width of the window; nil where the output is no terminal, and nothing is wrapped.
    var columns: Int? { isatty(STDOUT_FILENO) == 1 ? Terminal.size.columns : nil }

    /// Writes what was printed, for what goes on: a watch is read while it runs.
    func flush() throws(DoorError) { try Output.flush() }

    /// What is said where there is nothing to show. It is no data: elsewhere than on a terminal it goes beside.
    func hint(_ text: String) -> [String] {
        if self.quiet { return [] }
        if self.columns != nil { return [self.style.dim(text)] }
        StandardError.say(text)
        return []
    }

    /// One answer: as JSON with its version, or as lines for people.
    func show(_ answer: some View, _ lines: @autoclosure () -> [String]) {
        if self.json { self.show(object: answer) } else { lines().forEach { print($0) } }
    }

    /// A list: as JSON a line for each, or as lines for people.
    func show(_ answers: [some View], _ lines: @autoclosure () -> [String]) {
        if self.json { answers.forEach { self.show(object: $0) } } else { lines().forEach { print($0) } }
    }

    func show(object: some Encodable) { print(JSONLine.text(object), terminator: "") }
}

extension ControlClient {
    /// Whom a word means, where only a person can be meant.
    func person(_ who: String) throws(DoorError) -> PersonID { try self.view(who).person }

    /// What is known of whom a word means, where only a person can be meant.
    func view(_ who: String) throws(DoorError) -> PersonView {
        guard case .person(let person) = try self.ask(Methods.Resolve(who)) else {
            throw DoorError(.refused, "\(who) is a room; a person is meant here.")
        }
        return person
    }
}

/// `30s`, `5m`, `2h`, `3d`, or seconds without a unit.
struct Span: ExpressibleByArgument {
    let milliseconds: Int64

    static func minutes(_ count: Int64) -> Span { Span(milliseconds: count * 60_000) }

    init(milliseconds: Int64) { self.milliseconds = milliseconds }

    init?(argument: String) {
        let units: [Character: Int64] = ["s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000]
        let unit = argument.last.flatMap { units[$0] }
        guard let number = Int64(unit == nil ? argument : String(argument.dropLast())), number >= 0 else { return nil }
        // A century is for ever; nothing that is added to it overflows.
        let century: Int64 = 100 * 365 * 86_400_000
        let product = number.multipliedReportingOverflow(by: unit ?? 1_000)
        self.milliseconds = product.overflow ? century : min(product.partialValue, century)
    }
}

extension DoorError {
    /// The same, which asks whether the nearest of the candidates was meant in place of all of them.
    func asking(about word: String) -> DoorError {
        let near = Nearest.question(word, among: self.candidates)
        return near.isEmpty ? self : DoorError(self.kind, self.message + near)
    }
}
