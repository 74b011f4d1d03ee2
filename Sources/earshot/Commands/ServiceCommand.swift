import ArgumentParser
import EarshotControl
import EarshotTerminal
import Glibc

struct ServiceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "service", abstract: "Have your node start by itself, or no longer.",
        discussion: """
            EXAMPLES
              earshot service enable      from now on, whenever you log in
              earshot service             how it is
              earshot service disable     only when you start it

            It asks systemd, which runs programs in the background, and needs no rights of root: the service is yours \
            alone. Where there is no systemd, have whatever starts programs there run `earshotd`.
            """, subcommands: [ServiceStatus.self, ServiceEnable.self, ServiceDisable.self],
        defaultSubcommand: ServiceStatus.self)
}

struct ServiceStatus: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Whether your node starts by itself, and whether it runs.",
        discussion: """
            EXAMPLES
              earshot service status
              earshot service status --json
            """)
    @OptionGroup var options: Options

    func run() throws {
        let state = try Systemd.state()
        self.options.show(state, state.lines)
    }
}

struct ServiceEnable: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable", abstract: "Start your node now, and whenever you log in.",
        discussion: """
            EXAMPLES
              earshot service enable

            The same as `systemctl --user enable --now earshot.socket earshot.service`. A node that runs already is \
            stopped and started again as a service; nothing is lost by that.
            """)
    @OptionGroup var options: Options

    func run() throws {
        let before = try Systemd.state()
        guard before.installed else { throw DoorError(.failed, ServiceState.missing) }
        let (folder, usual) = (try self.options.directory, try TypedPath.ours.absolute("~/.local/state/earshot"))
        guard folder == usual else {
            throw DoorError(
                .failed,
                """
                Your node is in \(folder), and the service runs the one in \(usual). A unit of your own can run it: \
                ExecStart=earshotd --state \(folder)
                """)
        }
        if !before.running { try self.stopNode() }
        try Systemd.tell("enable", "--now")
        let after = try Systemd.state()
        self.options.show(after, self.options.quiet ? [] : ["Your node is a service now."] + after.lines)
    }

    /// Ends a node that somebody started by hand: the service would not get its folder.
    private func stopNode() throws(DoorError) {
        guard let client = try? self.options.running() else { return }
        if !self.options.quiet { StandardError.say("earshot: your node is stopped, to be started again as a service") }
        _ = try client.ask(Methods.Stop())
        while (try? client.next(wait: true)) != nil {}
    }
}

struct ServiceDisable: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable", abstract: "Stop your node, and start it only when you do.",
        discussion: """
            EXAMPLES
              earshot service disable

            What is waiting to be sent stays on disk. The first command that needs a node starts one again.
            """)
    @OptionGroup var options: Options

    func run() throws {
        try Systemd.tell("disable", "--now")
        let after = try Systemd.state()
        self.options.show(after, self.options.quiet ? [] : ["Your node is no service any more."])
    }
}

/// systemd, as far as it runs programs of this person.
private enum Systemd {
    private static let command = ["systemctl", "--user"]

    /// - Throws: a sentence that says what is missing.
    static func state() throws(DoorError) -> ServiceState {
        let words = self.command + ["show", "--property=" + ServiceState.properties.joined(separator: ",")]
        let ended: Program.Ended
        do { ended = try Program.ask(words + ServiceState.units) } catch {
            throw DoorError(
                .failed,
                "There is no systemd here. Have whatever starts programs on this machine run `earshotd` as you.")
        }
        guard ended.code == 0 else {
            throw DoorError(
                .failed,
                """
                systemd runs no programs for you here: this is no session of its own (as after su or sudo, or in a \
                container). Log in as yourself, or have whatever starts programs here run `earshotd`.
                """)
        }
        return ServiceState(ended.output, lingers: self.lingers)
    }

    /// Has it do something with both units, and shows what it says.
    static func tell(_ verb: String, _ options: String...) throws(DoorError) {
        let ended = try Program.run(self.command + ["--quiet", verb] + options + ServiceState.units)
        guard ended.code == 0 else {
            throw DoorError(.failed, "systemd could not do that; journalctl --user -u earshot tells more.")
        }
    }

    private static var lingers: Bool {
        guard let entry = getpwuid(getuid()) else { return false }
        return access("/var/lib/systemd/linger/" + String(cString: entry.pointee.pw_name), F_OK) == 0
    }
}
