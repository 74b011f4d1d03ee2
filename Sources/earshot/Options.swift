import ArgumentParser
import EarshotControl
import EarshotTerminal
import Glibc

/// What every command understands.
struct Options: ParsableArguments {
    @Option(help: "Folder of the node (EARSHOT_STATE, else ~/.local/state/earshot).") var state: String?
    @Flag(help: "Answer in JSON: one object, or one object a line.") var json = false
    @Flag(help: "Do not start a node when none runs.") var noStart = false
    @Flag(name: .shortAndLong, help: "Say nothing but what was asked for.") var quiet = false

    var directory: String {
        let path = self.state ?? Self.environment("EARSHOT_STATE") ?? Self.environment("XDG_STATE_HOME").map { $0 + "/earshot" }
            ?? (Self.environment("HOME") ?? "") + "/.local/state/earshot"
        if path.hasPrefix("/") { return path }
        guard let here = getcwd(nil, 0) else { return path }
        defer { free(here) }
        return String(cString: here) + "/" + path
    }

    static func environment(_ name: String) -> String? {
        guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty else { return nil }
        return value
    }

    /// A line to the node, which is started if need be.
    func connect() throws(DoorError) -> ControlClient {
        let path = self.directory + "/earshot.sock"
        do {
            return try ControlClient(path: path)
        } catch where error.kind == .notRunning && !self.noStart {
            if !self.quiet { StandardError.say("earshot: starting a node in \(self.directory)") }
            try Starter.start(state: self.directory)
            return try ControlClient(path: path)
        }
    }

    var style: Style {
        let locale = Self.environment("LC_ALL") ?? Self.environment("LC_CTYPE") ?? Self.environment("LANG") ?? ""
        return Style(
            hasColour: isatty(STDOUT_FILENO) == 1 && Self.environment("NO_COLOR") == nil && Self.environment("TERM") != "dumb",
            isUnicode: locale.lowercased().contains("utf"))
    }

    var listing: Listing { Listing(style: self.style) }

    /// The width of the window; nil where the output is no terminal, and nothing is wrapped.
    var columns: Int? { isatty(STDOUT_FILENO) == 1 ? Terminal.size.columns : nil }

    /// One answer: as JSON with its version, or as lines for people.
    func show(_ answer: JSON, _ lines: @autoclosure () -> [String]) {
        guard self.json else { return lines().forEach { print($0) } }
        switch answer {
        case .array(let list): list.forEach { self.show(object: $0) }
        case .object, .null, .bool, .integer, .number, .string: self.show(object: answer)
        }
    }

    func show(object: JSON) {
        var keyed = object.object ?? [:]
        keyed["v"] = 1
        print(JSON.object(keyed).line)
        fflush(nil)
    }
}

/// `30s`, `5m`, `2h`, `3d`, or seconds without a unit.
struct Span: ExpressibleByArgument {
    let milliseconds: Int64

    init?(argument: String) {
        let units: [Character: Int64] = ["s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000]
        let unit = argument.last.flatMap { units[$0] }
        guard let number = Int64(unit == nil ? argument : String(argument.dropLast())), number >= 0 else { return nil }
        let product = number.multipliedReportingOverflow(by: unit ?? 1_000)
        guard !product.overflow else { return nil }
        self.milliseconds = product.partialValue
    }
}
