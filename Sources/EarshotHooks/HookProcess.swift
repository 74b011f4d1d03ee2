import CLinux
import EarshotConfig
import Glibc

/// Runs the program of a hook once, and waits for it. Whatever it does, this ends: after its time, or when it has
/// written too much, the program is ended with all that it started.
package struct HookProcess {
    package let command: Hook.Command
    /// Ms.
    package let timeout: UInt64
    /// Becomes readable when all is to end at once; -1 for never.
    package let halt: Int32

    /// Ms between being asked to end and being made to.
    private static let grace: UInt64 = 1_000
    /// Variables of ours that are no business of a hook: what a service manager gave us, and our settings.
    private static let withheld = ["NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "WATCHDOG_USEC"]

    package init(_ command: Hook.Command, timeout: UInt64, halt: Int32 = -1) {
        self.command = command
        self.timeout = timeout
        self.halt = halt
    }

    /// - Parameters:
    ///   - environment: of this process; `EARSHOT_…` in it does not get through.
    ///   - more: what is added to it.
    ///   - tell: told each line it writes, in this thread.
    package func run(
        input: String, environment: [String: String], more: [String: String], tell: (HookOutput.Line) -> Void
    ) -> HookResult {
        Orphans.adopt()
        let mark = String(UInt64.random(in: .min ... .max), radix: 36)
        var variables = environment.filter { !$0.key.hasPrefix("EARSHOT_") && !Self.withheld.contains($0.key) }
        variables.merge(more) { $1 }
        variables[Orphans.variable] = mark
        Orphans.begin(mark: mark)
        do throws(StartFailure) {
            var child = try Child(self.command.arguments, variables)
            let result = self.watch(&child, input, tell)
            child.close()
            Orphans.sweep(child.id, mark: mark)
            return result
        } catch {
            Orphans.forget(mark: mark)
            return .notStarted(error.reason)
        }
    }

    // MARK: while it runs

    private func watch(_ child: inout Child, _ input: String, _ tell: (HookOutput.Line) -> Void) -> HookResult {
        var rest = Array((input + "\n").utf8)[...]
        var (said, complained) = (HookOutput(), HookOutput(isError: true))
        var deadline = Self.now + self.timeout
        var early: HookResult?
        func end(_ why: HookResult, _ child: Child) {
            guard early == nil else { return }
            early = why
            kill(-child.id, SIGTERM)
            deadline = Self.now + Self.grace
        }
        while true {
            let left = deadline > Self.now ? deadline - Self.now : 0
            guard left > 0 else {
                if early == nil {
                    end(.tookTooLong, child)
                    continue
                }
                kill(-child.id, SIGKILL)
                break
            }
            var watched = [
                pollfd(fd: child.ended, events: Int16(POLLIN), revents: 0),
                pollfd(fd: child.output, events: Int16(POLLIN), revents: 0),
                pollfd(fd: child.errors, events: Int16(POLLIN), revents: 0),
                pollfd(fd: child.input, events: Int16(POLLOUT), revents: 0),
                pollfd(fd: early == nil ? self.halt : -1, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&watched, nfds_t(watched.count), Int32(clamping: left)) > 0 else { continue }
            if watched[3].revents != 0 { child.write(&rest) }
            if watched[1].revents != 0 { child.read(\.output, &said, tell) }
            if watched[2].revents != 0 { child.read(\.errors, &complained, tell) }
            if said.isFlooded || complained.isFlooded { end(.flooded, child) }
            if watched[4].revents != 0 { end(.halted, child) }
            if watched[0].revents != 0 { break }
        }
        let result = child.wait()
        // What it wrote last is there already; nobody waits for what its children may still write.
        child.read(\.output, &said, tell)
        child.read(\.errors, &complained, tell)
        (said.finish() + complained.finish()).forEach(tell)
        return early ?? (said.isFlooded || complained.isFlooded ? .flooded : result)
    }

    private static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(clamping: time.tv_sec) * 1_000 + UInt64(clamping: time.tv_nsec) / 1_000_000
    }
}

/// Why a program could not be started.
struct StartFailure: Error {
    let reason: String
    init(_ code: Int32) { self.reason = String(cString: strerror(code)) }
}

/// A process that was started, and our ends of its pipes; -1 once one is closed.
private struct Child {
    let id: pid_t
    let ended: Int32
    var input: Int32
    var output: Int32
    var errors: Int32

    init(_ words: [String], _ variables: [String: String]) throws(StartFailure) {
        var pipes: [[Int32]] = []
        func closeAll() { for pipe in pipes { for end in pipe { Glibc.close(end) } } }
        for _ in 0..<3 {
            var ends: [Int32] = [-1, -1]
            guard linux_pipe(&ends) == 0 else {
                let code = errno
                closeAll()
                throw StartFailure(code)
            }
            pipes.append(ends)
        }
        var child = pid_t()
        let status = Self.spawn(words, variables, input: pipes[0][0], output: pipes[1][1], errors: pipes[2][1], &child)
        for end in [pipes[0][0], pipes[1][1], pipes[2][1]] { Glibc.close(end) }
        (self.input, self.output, self.errors) = (pipes[0][1], pipes[1][0], pipes[2][0])
        self.id = child
        guard status == 0 else {
            for end in [self.input, self.output, self.errors] { Glibc.close(end) }
            throw StartFailure(status)
        }
        for end in [self.input, self.output, self.errors] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
        self.ended = linux_watch_process(child)
    }

    /// In a group of its own, with no signal blocked and no descriptor of ours.
    private static func spawn(
        _ words: [String], _ variables: [String: String], input: Int32, output: Int32, errors: Int32,
        _ child: inout pid_t
    ) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (from, to) in [(input, Int32(0)), (output, 1), (errors, 2)] {
            posix_spawn_file_actions_adddup2(&actions, from, to)
        }
        linux_close_from(&actions, 3)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setpgroup(&attributes, 0)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var usual = sigset_t()
        sigemptyset(&usual)
        for signal in [SIGPIPE, SIGTERM, SIGINT, SIGHUP] { sigaddset(&usual, signal) }
        posix_spawnattr_setsigdefault(&attributes, &usual)
        let flags = Int16(POSIX_SPAWN_SETPGROUP) | Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF)
        posix_spawnattr_setflags(&attributes, flags)
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        var environment: [UnsafeMutablePointer<CChar>?] =
            variables.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (arguments + environment).forEach { free($0) } }
        return posix_spawnp(&child, words.first ?? "", &actions, &attributes, &arguments, &environment)
    }

    mutating func write(_ rest: inout ArraySlice<UInt8>) {
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(self.input, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return }
            // Whoever does not read their input does not want it.
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        Self.close(&self.input)
    }

    /// Takes what is there.
    mutating func read(
        _ end: WritableKeyPath<Child, Int32>, _ output: inout HookOutput, _ tell: (HookOutput.Line) -> Void
    ) {
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while self[keyPath: end] >= 0 {
            let count = Glibc.read(self[keyPath: end], &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return }
            guard count > 0 else { return Self.close(&self[keyPath: end]) }
            output.take(chunk.prefix(count)).forEach(tell)
            if output.isFlooded { return Self.close(&self[keyPath: end]) }
        }
    }

    /// Its end, which has come or is about to.
    func wait() -> HookResult {
        var status: Int32 = 0
        while waitpid(self.id, &status, 0) < 0 { guard errno == EINTR else { return .ended(code: -1) } }
        let signal = status & 0x7F
        return signal == 0 ? .ended(code: (status >> 8) & 0xFF) : .signalled(signal)
    }

    mutating func close() {
        Self.close(&self.input)
        Self.close(&self.output)
        Self.close(&self.errors)
        if self.ended >= 0 { Glibc.close(self.ended) }
    }

    private static func close(_ descriptor: inout Int32) {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }
}
