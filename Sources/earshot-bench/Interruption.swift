import Glibc
import Synchronization

/// What must not outlive the measurement: our nodes and our folder. Ctrl-C, SIGTERM and SIGHUP end
/// and remove them, and so does a part that does not end.
enum Interruption {
    private struct Left {
        var processes: Set<pid_t> = []
        var folder: String?
        /// What is being measured, and how many seconds it may take.
        var part: (name: String, limit: UInt32)?
    }

    private static let left = Mutex(Left())

    /// Where the handler says which signal came: the writing end of a pipe.
    private static let told = Atomic<Int32>(-1)

    /// Begins to watch for signals. The handler only writes a byte; a thread of its own does the work.
    static func watch() {
        var pipes: [Int32] = [-1, -1]
        guard pipe(&pipes) == 0, let reading = pipes.first, let writing = pipes.last else { return }
        self.told.store(writing, ordering: .relaxed)
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { argument in
                var signal: UInt8 = 0
                while read(Int32(Int(bitPattern: argument)), &signal, 1) != 1 {}
                if Int32(signal) == SIGALRM { Interruption.complain() }
                Interruption.cleanUp(exitCode: 128 + Int32(signal))
            }, UnsafeMutableRawPointer(bitPattern: Int(reading)))
        pthread_detach(thread)
        for number in [SIGINT, SIGTERM, SIGHUP, SIGALRM] {
            signal(number) { number in
                var byte = UInt8(truncatingIfNeeded: number)
                _ = write(Interruption.told.load(ordering: .relaxed), &byte, 1)
            }
        }
    }

    static func started(_ process: pid_t) { _ = self.left.withLock { $0.processes.insert(process) } }
    static func ended(_ process: pid_t) { _ = self.left.withLock { $0.processes.remove(process) } }
    static func made(folder: String) { self.left.withLock { $0.folder = folder } }

    /// From now on this part is measured; what takes longer than `limit` seconds is ended, and said to be missing.
    static func expect(_ part: String, within limit: UInt32) {
        self.left.withLock { $0.part = (part, limit) }
        alarm(limit)
    }

    /// Ends the nodes of a part that failed. Does not return where all is being cleaned up already: what went wrong
    /// went wrong because our nodes were ended.
    static func endAll() {
        alarm(0)
        self.left.withLock { left in
            self.end(left.processes)
            left.processes = []
        }
    }

    /// Beside the figures.
    static func say(_ text: String) {
        let line = Array("earshot-bench: \(text)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
    }

    private static func complain() {
        guard let part = self.left.withLock({ $0.part }) else { return }
        self.say("\(part.name) has not ended within \(part.limit) s, and is given up")
    }

    private static func end(_ processes: Set<pid_t>) {
        for process in processes { kill(process, SIGTERM) }
        for process in processes { self.end(process) }
    }

    /// Waits for the end of a process that was asked to; one that does not is killed. Says whether it had to be.
    @discardableResult
    static func end(_ process: pid_t) -> Bool {
        var status: Int32 = 0
        // Less than 0: it is none of ours any more.
        let waited = try? Await.until("the end of a node", within: 10) { waitpid(process, &status, WNOHANG) != 0 }
        if waited != nil { return false }
        kill(process, SIGKILL)
        waitpid(process, &status, 0)
        return true
    }

    private static func cleanUp(exitCode: Int32) -> Never {
        // The lock stays taken: nobody starts another process now.
        self.left.withLock { left in
            self.end(left.processes)
            if let folder = left.folder { Workplace.remove(folder) }
            _exit(exitCode)
        }
    }
}
