import EarshotControl
import EarshotModel
import Glibc

/// An `earshotd` of our own on loopback, and the door to it.
final class NodeProcess {
    let pid: pid_t
    let port: UInt16
    let state: String
    let person: PersonID
    let door: ControlClient
    /// Seconds from the start of the process to its word that it is ready.
    let readyAfter: Double
    /// When it was started, on the clock of `seconds()`.
    let startedAt: Double
    private var hasEnded = false

    /// - Parameter settings: asked at the door before anything else.
    init(_ program: String, state: String, name: String, settings: [String: String] = [:], alone: Bool = false) throws {
        var pipes: [Int32] = [0, 0]
        guard pipe(&pipes) == 0 else { throw DoorError(.failed, "Cannot make a pipe.") }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, pipes[1], 1)
        posix_spawn_file_actions_addclose(&actions, pipes[0])
        let words = [
            program, "--state", state, "--name", name, "--port", "0", "--interface", "lo", "--discovery",
            alone ? "none" : "embedded",
        ]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var child = pid_t()
        let began = seconds()
        let status = posix_spawn(&child, program, &actions, nil, &arguments, environ)
        close(pipes[1])
        defer { close(pipes[0]) }
        guard status == 0 else { throw DoorError(.failed, "\(program) cannot be started.") }
        Interruption.started(child)
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(pipes[0], &byte, 1) == 1, byte != 0x0A { line.append(byte) }
        self.readyAfter = seconds() - began
        self.startedAt = began
        self.pid = child
        self.state = state
        let text = String(decoding: line, as: UTF8.self)
        let place = text.split(separator: " ").drop { $0 != "port" }.dropFirst().first?.dropLast()
        guard let place, let port = UInt16(place) else { throw DoorError(.failed, "earshotd did not start: \(text)") }
        self.port = port
        self.door = try ControlClient(path: state + "/earshot.sock")
        for (key, value) in settings {
            _ = try self.door.ask(Methods.SetSetting(key: key, value: value))
        }
        self.person = try self.door.ask(Methods.Identity()).person
    }

    func end() {
        guard !self.hasEnded else { return }
        self.hasEnded = true
        kill(self.pid, SIGTERM)
        if Interruption.end(self.pid) {
            Interruption.say("an earshotd did not end when it was asked to, and was killed")
        }
        Interruption.ended(self.pid)
    }

    /// Whatever went wrong, nothing is left running.
    deinit { self.end() }

    func knows(_ other: NodeProcess) throws {
        _ = try self.door.ask(Methods.Accept(other.person.description))
    }

    /// Whether this node has a session with that person now. Others on this machine's loopback do not count.
    func isOnline(_ person: PersonID) throws -> Bool {
        try self.door.ask(Methods.Peers()).contains { $0.person == person && $0.online }
    }

    /// Waits for a passing event about a person.
    static func presence(_ door: ControlClient, of person: PersonID) throws {
        try Await.event("a session with a node that has started", at: door) { what in
            if case .presence(let peer, online: true) = what, peer.person == person { () } else { nil }
        }
    }

    // MARK: what the system says of it

    /// Resident memory in MB.
    var resident: Double {
        Self.lines("/proc/\(self.pid)/status").first { $0.hasPrefix("VmRSS:") }
            .flatMap { $0.split(separator: " ").dropFirst().first.flatMap { Double($0) } }.map { $0 / 1_000 } ?? .nan
    }

    /// Seconds of processor time used.
    var processor: Double {
        var clock = clockid_t()
        var time = timespec()
        guard clock_getcpuclockid(self.pid, &clock) == 0, clock_gettime(clock, &time) == 0 else { return .nan }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// How often each of its threads went to sleep by itself: once for each time it was woken.
    var wakeUps: [String: Double] {
        Dictionary(
            uniqueKeysWithValues: self.tasks.map { task in
                let line = Self.lines("/proc/\(self.pid)/task/\(task)/status").first { $0.hasPrefix("voluntary_ctxt") }
                return (task, line?.split(whereSeparator: { $0 == "\t" || $0 == " " }).last.flatMap { Double($0) } ?? 0)
            })
    }

    private var tasks: [String] {
        guard let folder = opendir("/proc/\(self.pid)/task") else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if Int(name) != nil { names.append(name) }
        }
        return names
    }

    private static func lines(_ path: String) -> [Substring] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 16_384)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: "\n")
    }
}
