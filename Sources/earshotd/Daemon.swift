import ArgumentParser
import CLinux
import EarshotControl
import EarshotNode
import Glibc
import Logging

@main
enum Main {
    static func main() {
        // Before there is a second thread: each of them has these signals blocked, and this one waits for them.
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGTERM, SIGINT] { sigaddset(&signals, signal) }
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)
        // What we make belongs to us alone.
        umask(0o077)
        do {
            let node = try Daemon.parse().start()
            var isStopping = false
            while true {
                var which: Int32 = 0
                sigwait(&signals, &which)
                // Who asks twice does not want to wait for goodbyes.
                if isStopping { exit(128 + which) }
                isStopping = true
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

            It prints one line when it is ready. SIGTERM, SIGINT and `earshot stop` end it.
            """, version: ControlLine.version)

    @Option(help: "Folder for keys, messages and the socket (EARSHOT_STATE).") var state: String?
    @Option(help: "What you call yourself.") var name: String?
    @Option(help: "TCP and UDP port; 0 is any free one. Unset: 47447 if it is free.") var port: UInt16?
    @Option(help: "How others are found: auto, avahi, embedded or none.") var discovery: String = "auto"
    @Option(
        name: .customLong("interface"), help: "Interface to be found on; may be given several times. `lo` alone works.")
    var interfaces: [String] = []
    @Flag(help: "Use ChaCha20-Poly1305, as on a processor without AES.") var noAES = false
    @Option(help: "trace, debug, info, notice, warning or error.") var logLevel: String = "notice"

    /// Puts a node together and lets it run beside us; the process ends with it.
    func start() throws -> Node {
        guard let level = Logger.Level(rawValue: self.logLevel) else {
            throw ValidationError("--log-level is trace, debug, info, notice, warning or error.")
        }
        LoggingSystem.bootstrap { label in StreamLogHandler.standardError(label: label) }
        var log = Logger(label: "earshotd")
        log.logLevel = level
        // Else the heap gives its end back after each large frame and asks for it again: sealing 64 KiB cost 40 µs,
        // and 6 with this.
        mallopt(M_TRIM_THRESHOLD, 1 << 20)
        mallopt(M_MMAP_THRESHOLD, 1 << 20)
        // Threads that copy files would each keep a heap of their own.
        mallopt(M_ARENA_MAX, 2)
        Self.raiseDescriptorLimit()
        do {
            let configuration = try Configuration(
                state: self.state, name: self.name, port: self.port, discovery: self.discovery,
                interfaces: self.interfaces, usesAES: !self.noAES)
            let node = try Node(configuration, log: log)
            Task.detached(executorPreference: OwnThread()) {
                do {
                    try await node.run { port in
                        print("earshotd ready: \(node.name) (\(node.shownID)) on port \(port), state \(node.statePath)")
                        fflush(nil)
                        Footprint.trim()
                    }
                    Glibc.exit(0)
                } catch {
                    Self.end(error)
                }
            }
            return node
        } catch let error as ValidationError {
            throw error
        } catch {
            Self.end(error)
        }
    }

    /// Sessions, clients and files each take a descriptor; 1,024 is what a login shell gives.
    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < limit.rlim_max
        else { return }
        limit.rlim_cur = min(limit.rlim_max, 65_536)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    private static func end(_ error: any Error) -> Never {
        StandardError.say("earshotd: \(Node.words(for: error))")
        Glibc.exit(Node.exitCode(for: error))
    }
}

extension Configuration {
    private static func folder(_ typed: String?) throws -> String {
        do throws(DoorError) { return try StatePath.absolute(typed) } catch { throw ValidationError(error.message) }
    }

    init(state: String?, name: String?, port: UInt16?, discovery: String, interfaces: [String], usesAES: Bool) throws {
        guard let choice = Self.choice(discovery) else {
            throw ValidationError("--discovery is auto, avahi, embedded or none.")
        }
        if let name, name.isEmpty { throw ValidationError("--name is empty.") }
        self.init(
            state: try Self.folder(state), name: name, port: port, discovery: choice, interfaces: interfaces,
            usesAES: usesAES)
    }
}
