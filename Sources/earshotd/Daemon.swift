import ArgumentParser
import CLinux
import EarshotControl
import EarshotNode
import Glibc
import Logging

/// `earshotd`: reads what it is told, puts a node together and runs it until somebody says stop.
@main
struct Daemon: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "earshotd", abstract: "Run an Earshot node in the foreground.",
        discussion: """
            EXAMPLES
              earshotd                                  your own node, state in ~/.local/state/earshot
              earshotd --state /tmp/a --name Anna       another person on the same machine
              earshotd --discovery embedded --interface eth0

            It prints one line when it is ready. SIGTERM, SIGINT and `earshot stop` end it.
            """)

    @Option(help: "Folder for keys, messages and the socket (EARSHOT_STATE).") var state: String?
    @Option(help: "What you call yourself.") var name: String?
    @Option(help: "TCP and UDP port; 0 is any free one. Unset: 47447 if it is free.") var port: UInt16?
    @Option(help: "How others are found: auto, avahi, embedded or none.") var discovery: String = "auto"
    @Option(name: .customLong("interface"), help: "Interface to be found on; may be given several times. `lo` alone works.") var interfaces: [String] = []
    @Option(help: "trace, debug, info, notice, warning or error.") var logLevel: String = "notice"

    func run() async throws {
        guard let level = Logger.Level(rawValue: self.logLevel) else {
            throw ValidationError("--log-level is trace, debug, info, notice, warning or error.")
        }
        LoggingSystem.bootstrap { label in StreamLogHandler.standardError(label: label) }
        var log = Logger(label: "earshotd")
        log.logLevel = level
        signal(SIGPIPE, SIG_IGN)
        // Else the heap gives its end back after each large frame and asks for it again: sealing 64 KiB cost 40 µs, and 6 with this.
        mallopt(M_TRIM_THRESHOLD, 1 << 20)
        mallopt(M_MMAP_THRESHOLD, 1 << 20)
        do {
            let configuration = try Configuration(
                state: self.state, name: self.name, port: self.port, discovery: self.discovery, interfaces: self.interfaces)
            let node = try Node(configuration, log: log)
            Self.stopOnSignal(node)
            try await node.run { port in
                print("earshotd ready: \(node.shortID) on port \(port), state \(node.statePath)")
                fflush(nil)
                Footprint.trim()
            }
        } catch let error as ValidationError {
            throw error
        } catch {
            StandardError.say("earshotd: \(Self.sentence(error, self.port))")
            throw ExitCode(8)
        }
    }

    private static func sentence(_ error: any Error, _ port: UInt16?) -> String {
        let text = "\(error)"
        guard text.contains("EADDRINUSE") || text.contains("errno: 98"), let port else { return text }
        return "Port \(port) is in use. Choose another with --port, or leave --port out."
    }

    /// A thread that waits for the signals that end us; all other threads have them blocked.
    private static func stopOnSignal(_ node: Node) {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        node.onSignal(signals)
    }
}

extension Configuration {
    init(state: String?, name: String?, port: UInt16?, discovery: String, interfaces: [String]) throws {
        guard let choice = Self.choice(discovery) else { throw ValidationError("--discovery is auto, avahi, embedded or none.") }
        if let name, name.isEmpty { throw ValidationError("--name is empty.") }
        self.init(
            state: Self.absolute(state ?? Self.defaultState), name: name, port: port, discovery: choice, interfaces: interfaces)
    }
}
