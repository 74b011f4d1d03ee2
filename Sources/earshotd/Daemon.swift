import ArgumentParser
import CLinux
import EarshotAutomation
import EarshotConfig
import EarshotControl
import EarshotHost
import EarshotNode
import EarshotWeb
import Glibc
import Logging

@main
enum Main {
    static let supervisor = Supervisor(Environment.ours)

    static func main() {
        // Now: it takes variables out of the environment, which no second thread may do.
        _ = Self.supervisor
        // Before there is a second thread: each of them has these signals blocked, and this one waits for them.
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&signals, signal) }
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)
        // What we make belongs to us alone.
        umask(0o077)
        do {
            let daemon = try Daemon.parse()
            if try daemon.wasErrand() { exit(0) }
            let node = try daemon.start()
            let hasTerminal = Terminal.isThere
            var isStopping = false
            while true {
                var which: Int32 = 0
                sigwait(&signals, &which)
                // Whoever closed the terminal we were started on wants us to end; else it is a word to read again.
                if which == SIGHUP, !hasTerminal || Terminal.isThere {
                    node.reread()
                    continue
                }
                // Who asks twice does not want to wait for goodbyes.
                if isStopping { exit(128 + which) }
                isStopping = true
                Self.supervisor?.tell(.stopping)
                node.stop()
            }
        } catch let code as ExitCode {
            exit(code.rawValue)
        } catch {
            let text = Daemon.fullMessage(for: error)
            if Daemon.exitCode(for: error) == .success {
                print(text)
                exit(0)
            }
            StandardError.say(text)
            exit(2)
        }
    }
}

/// `earshotd`: reads what it is told, puts a node together and runs it until somebody says stop.
struct Daemon: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "earshotd", abstract: "Run an Earshot node in the foreground.",
        discussion: """
            EXAMPLES
              earshotd                                  your own node, state in ~/.local/state/earshot
              earshotd --state /tmp/a --name Anna       another person on the same machine
              earshotd --discovery embedded --interface eth0

            It prints one line when it is ready. SIGTERM, SIGINT and `earshot stop` end it; SIGHUP has it read its files
            of settings again. What else can be set, and where: `earshot config show`, docs/Configuration.md.
            """, version: ControlLine.version)

    @Option(help: "Folder for keys, messages and the socket (EARSHOT_STATE).") var state: String?
    @Option(help: "What you call yourself.") var name: String?
    @Option(help: "TCP and UDP port; 0 is any free one. Unset: 47447 if it is free.") var port: String?
    @Option(help: "How others are found: auto, avahi, embedded or none.") var discovery: String?
    @Option(
        name: .customLong("interface"), help: "Interface to be found on; may be given several times. `lo` alone works.")
    var interfaces: [String] = []
    @Flag(help: "Use ChaCha20-Poly1305, as on a processor without AES.") var noAES = false
    @Option(help: "trace, debug, info, notice, warning or error.") var logLevel: String?
    @Option(help: "text, json (an object a line) or journal (as systemd's journal reads it).") var logFormat: String?
    // For `earshot restore` and `earshot wipe`, which ask first; the passphrase comes on standard input.
    @Option(help: .hidden) var restore: String?
    @Flag(help: .hidden) var wipe = false

    /// What was typed, by setting.
    private var options: [String: Written] {
        let all = Settings.registry
        let typed = [
            all.state.key: self.state, all.name.key: self.name, all.port.key: self.port,
            all.discovery.key: self.discovery, all.logLevel.key: self.logLevel,
            all.logFormat.key: self.logFormat,
        ]
        var options = typed.compactMapValues { $0.map { Written.typed($0) } }
        if !self.interfaces.isEmpty { options[all.interfaces.key] = .list(self.interfaces.map { .typed($0) }) }
        if self.noAES { options[all.aes.key] = .truth(false) }
        return options
    }

    /// What all files, variables and options say; all that is wrong with them is thrown together.
    private static func layers(_ options: [String: Written]) throws(ConfigFaults) -> Layers {
        let environment = Environment.ours
        return try Layers(ConfigPaths.usual(environment), environment: environment, options: options)
    }

    /// Puts a node together and lets it run beside us; the process ends with it.
    func start() throws -> Node {
        let (options, layers): ([String: Written], Layers)
        do throws(ConfigFaults) { (options, layers) = (self.options, try Self.layers(self.options)) } catch {
            let voice = Voice(self.logFormat.flatMap(LogFormat.init) ?? .text)
            for fault in error.faults { voice.fail(fault.text) }
            throw ExitCode(2)
        }
        let config = layers.config()
        let voice = Voice(config[\.logFormat])
        LoggingSystem.bootstrap(voice.log)
        var log = Logger(label: "earshotd")
        log.logLevel = Logger.Level(rawValue: config[\.logLevel].rawValue) ?? .notice
        // Else the heap gives its end back after each large frame and asks for it again: sealing 64 KiB cost 40 µs,
        // and 6 with this.
        mallopt(M_TRIM_THRESHOLD, 1 << 20)
        mallopt(M_MMAP_THRESHOLD, 1 << 20)
        // Threads that copy files would each keep a heap of their own.
        mallopt(M_ARENA_MAX, 2)
        Self.raiseDescriptorLimit()
        do {
            let automaton = Automaton(layers.automations, log: log)
            var configuration = Configuration(state: try StatePath.absolute(config[\.state]), layers) {
                () throws(ConfigFaults) in
                let layers = try Self.layers(options)
                automaton.use(layers.automations)
                return layers
            }
            configuration.hooks = automaton
            let port = config[\.webPort]
            configuration.socket = try Inherited.door(Environment.ours)
            configuration.page = WebServer(
                port: port, isEnabled: config[\.webEnabled] && port != 0, hooks: automaton,
                servesMetrics: config[\.metricsEnabled])
            let node = try Node(configuration, log: log)
            Task.detached(executorPreference: OwnThread()) {
                do {
                    try await node.run { port in
                        voice.ready(name: node.name, person: node.shownID, port: port, state: node.statePath)
                        Self.tellSupervisor(of: node, port)
                        Footprint.trim()
                        // And once more when it has looked around.
                        node.after(Footprint.settled) { Footprint.trim() }
                    }
                    Glibc.exit(0)
                } catch {
                    Self.end(error, voice)
                }
            }
            return node
        } catch let error as DoorError {
            throw ValidationError(error.message)
        } catch {
            Self.end(error, voice)
        }
    }

    /// Does what is no running of a node, if that is what is wanted.
    func wasErrand() throws -> Bool {
        guard self.restore != nil || self.wipe else { return false }
        do {
            let state = try StatePath.absolute(self.state)
            if let backup = self.restore {
                let passphrase = try Passphrase.get(file: "-", variable: nil, question: "")
                let view = try Restoring.run(backup, into: state, passphrase: Array(passphrase.utf8))
                print(String(decoding: JSONWriter.bytes(view), as: UTF8.self))
            } else {
                try Wiping.run(state: state)
            }
            fflush(nil)
            return true
        } catch {
            Self.end(error, Voice(self.logFormat.flatMap(LogFormat.init) ?? .text))
        }
    }

    /// That we are there; and again and again that we still are, if anybody waits for that.
    private static func tellSupervisor(of node: Node, _ port: UInt16) {
        guard let supervisor = Main.supervisor else { return }
        supervisor.tell(.ready, .status("\(node.name) (\(node.shownID)) on port \(port)"))
        if let beat = supervisor.beat { node.beat(every: beat) { supervisor.tell(.alive) } }
    }

    /// Sessions, clients and files each take a descriptor; 1,024 is what a login shell gives.
    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < limit.rlim_max
        else { return }
        limit.rlim_cur = min(limit.rlim_max, 65_536)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    private static func end(_ error: any Error, _ voice: Voice) -> Never {
        voice.fail(Node.words(for: error))
        Glibc.exit(Node.exitCode(for: error))
    }
}

/// The terminal we were started on.
private enum Terminal {
    /// Whether it is still there.
    static var isThere: Bool {
        let descriptor = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        if descriptor >= 0 { close(descriptor) }
        return descriptor >= 0
    }
}
