import ArgumentParser
import EarshotControl
import EarshotTerminal
import Glibc

struct ChatCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat", abstract: "A conversation in the terminal; through a pipe, one message a line.",
        discussion: """
            EXAMPLES
              earshot chat anna
              earshot chat '#ops'                  a room
              earshot chat anna --lines            no window: for a screen reader
              tail -f log | earshot chat anna
              earshot chat anna --json             for programs

            In the window /help lists what else you can do: /file, /accept, /search, /verify-id and more.
            Ctrl-D leaves; what you had not sent is kept for next time. The node goes on.

            Through a pipe every line that is not empty becomes one message, also one that begins with /, and
            what the other person writes is printed. After the end of the input it waits up to --timeout; what
            was not delivered is listed, and the exit code is 5. With --json the output is one object a line: the
            events of this conversation as `earshot watch --json` has them, and "sent" (line, id), "error"
            (line, message), "node" (running) and at last "end" (delivered, queued, notSent, failed). What is said in a
            room has the name of who says it before it.
            """)
    @Argument(help: "Name or id, or a #room.") var who: String
    @Option(help: "Through a pipe: how long to wait at the end for delivery, such as 30s or 5m.") var timeout: Span?
    @Flag(help: "Line by line, without a window.") var lines = false
    @Flag(help: "Show each other what you type while you type it, if both switch it on.") var live = false
    @OptionGroup var options: Options

    /// Terminals that place no cursor.
    private static let plain: Set<String> = ["", "dumb", "unknown", "emacs", "network", "dialup"]

    func run() throws {
        let client = try self.options.connect()
        // The node finds the person, and says who is meant if it is not clear.
        let with = try client.ask(Methods.Resolve(self.who))
        if case .room(let room) = with, room.standing != .joined { throw Self.outside(room) }
        let path = try self.options.directory + "/earshot.sock"
        var quiet = self.options
        quiet.quiet = true
        let chat = Chat(
            client: client, with: with, state: try self.options.directory, style: self.options.style, zone: .system,
            isLive: self.live,
            connect: { [quiet] (starts: Bool) throws(DoorError) in
                try starts ? quiet.connect() : ControlClient(path: path)
            })
        let isInteractive = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 && !self.options.json
        let isPlain = self.lines || Self.plain.contains(Options.environment("TERM") ?? "")
        let code =
            try !isInteractive
            ? chat.pipe(json: self.options.json, timeout: self.timeout?.milliseconds ?? 30_000)
            : isPlain ? chat.lines() : chat.run()
        if code != 0 { throw ExitCode(code) }
    }

    /// Why nobody talks there.
    private static func outside(_ room: RoomView) -> DoorError {
        let name = RoomResolver.shown(room.name)
        let join = "`\(Quoting.command("room join", room.name))`"
        let why =
            switch room.standing {
            case .invited: "You are invited to \(name), and not in it yet: \(join)."
            case .open: "You are not in \(name), which is open: \(join)."
            case .removed: "You were taken out of \(name). `earshot history` shows what was said there."
            case .gone: "\(name) is not open here any more."
            case .left, .joined: "You are not in \(name) any more. `earshot history` shows what was said there."
            }
        return DoorError(.refused, why)
    }
}
