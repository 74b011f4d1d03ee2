import ArgumentParser
import EarshotConfig
import EarshotControl
import EarshotTerminal
import EarshotText

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Show, check and edit the files of settings.",
        discussion: """
            EXAMPLES
              earshot config              every setting, its value and where it is from
              earshot config edit         your own file, in your editor
              earshot config check        what is wrong, with its line
              earshot config path         which files are looked at

            From the weakest to the strongest: the default, /etc/earshot/config.toml, ~/.config/earshot/config.toml,
            `earshot settings`, variables as EARSHOT_FILES_RATE, options of earshotd. What /etc/earshot/policy.toml says
            nothing can change.
            """,
        subcommands: [ConfigShow.self, ConfigCheck.self, ConfigPath.self, ConfigEdit.self, ConfigReload.self],
        defaultSubcommand: ConfigShow.self)

    /// What all files and variables say here.
    static func layers() throws(ConfigFaults) -> Layers {
        let environment = Environment.ours
        return try Layers(ConfigPaths.usual(environment), environment: environment)
    }
}

struct ConfigShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Every setting, its value, where it comes from and what it means.",
        discussion: """
            EXAMPLES
              earshot config show
              earshot config show --json

            It asks the node that is running. Where none is, it says what one would be told that is started here.
            """)
    @OptionGroup var options: Options

    func run() throws {
        let settings = try self.settings()
        self.options.show(settings, ConfigLines.settings(settings, self.options.style))
    }

    private func settings() throws -> [SettingView] {
        do throws(DoorError) { return try self.options.running().ask(Methods.ListSettings()) } catch {
            guard error.kind == .notRunning else { throw error }
        }
        do throws(ConfigFaults) {
            let config = try ConfigCommand.layers().config()
            return EarshotConfig.Settings.all.map { SettingView($0, config, value: config.text(of: $0)) }
        } catch { throw DoorError(.badParameters, error.text) }
    }
}

struct ConfigCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Say what is wrong with the files and variables, or with one file.",
        discussion: """
            EXAMPLES
              earshot config check
              earshot config check ./new.toml

            Each fault on a line, as FILE:LINE:COLUMN: what is wrong. Exit code 2 when there are any.
            """)
    @Argument(help: "A file that is looked at alone.") var file: String?
    @OptionGroup var options: Options

    func run() throws {
        do throws(ConfigFaults) {
            for notice in try self.notices() {
                StandardError.say("earshot: \(Language.english.say(.settings(notice)))")
            }
        } catch {
            self.options.show(error.faults.map(FaultView.init), [])
            if !self.options.json { StandardError.say(error.text) }
            throw ExitCode(2)
        }
        if !self.options.json, !self.options.quiet { print("Nothing is wrong.") }
    }

    /// What is odd where nothing is wrong.
    private func notices() throws(ConfigFaults) -> [SettingNews] {
        guard let file = self.file else { return try ConfigCommand.layers().config().notices }
        let path: String
        do throws(DoorError) { path = try TypedPath.ours.absolute(file) } catch {
            throw ConfigFaults([ConfigFault(.path(error.message))])
        }
        try Layers.check(path)
        return []
    }

    /// A fault, for programs.
    private struct FaultView: View {
        let file: String?
        let line: Int64?
        let column: Int64?
        let message: String

        init(_ fault: ConfigFault) {
            self.file = fault.file
            self.line = fault.line.map { Int64(clamping: $0) }
            self.column = fault.column.map { Int64(clamping: $0) }
            self.message = fault.message
        }
    }
}

struct ConfigPath: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "path", abstract: "The files that are looked at, and whether they are there.",
        discussion: """
            EXAMPLES
              earshot config path
            """)
    @OptionGroup var options: Options

    func run() throws {
        let paths = ConfigPaths.usual(Environment.ours)
        let files =
            [
                PathView("machine", "for everybody on this machine", paths.system),
                paths.user.map { PathView("user", "your own", $0) },
                PathView("policy", "what nothing changes", paths.policy),
            ].compactMap { $0 } + paths.people.map { PathView("people", "who is a contact without being asked", $0) }
        self.options.show(
            files,
            files.map { file in
                let state = file.fault ?? (file.exists ? "there" : "not there")
                return "\(file.path)  \(self.options.style.dim("\(file.what): \(state)"))"
            })
    }

    private struct PathView: View {
        let `for`: String
        let what: String
        let path: String
        var exists = false
        var fault: String?

        init(_ whom: String, _ what: String, _ path: String) {
            self.for = whom
            self.what = what
            self.path = path
            do throws(ConfigFault) { self.exists = try ConfigFile.text(path) != nil } catch {
                (self.exists, self.fault) = (true, error.message)
            }
        }
    }
}

struct ConfigReload: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload", abstract: "Have the node read its files again, and say what that changes.",
        discussion: """
            EXAMPLES
              earshot config reload
            """)
    @OptionGroup var options: Options

    func run() throws {
        let answer = try self.options.running().ask(Methods.ReloadSettings())
        self.options.show(answer, answer.changes.isEmpty ? ["Nothing has changed."] : answer.changes)
    }
}
