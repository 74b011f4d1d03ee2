import Glibc
import Synchronization

/// What must not outlive the measurement: our nodes and our folder. Ctrl-C, SIGTERM and SIGHUP end and remove them.
enum Interruption {
    private struct Left {
        var processes: Set<pid_t> = []
        var folder: String?
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
                Interruption.cleanUp(exitCode: 128 + Int32(signal))
            }, UnsafeMutableRawPointer(bitPattern: Int(reading)))
        pthread_detach(thread)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { number in
                var byte = UInt8(truncatingIfNeeded: number)
                _ = write(Interruption.told.load(ordering: .relaxed), &byte, 1)
            }
        }
    }

    static func started(_ process: pid_t) { _ = self.left.withLock { $0.processes.insert(process) } }
    static func ended(_ process: pid_t) { _ = self.left.withLock { $0.processes.remove(process) } }
    static func made(folder: String) { self.left.withLock { $0.folder = folder } }

    /// Returns, unless all is being cleaned up already: what went wrong went wrong because our nodes were ended.
    static func letGoOn() { self.left.withLock { _ in } }

    private static func cleanUp(exitCode: Int32) -> Never {
        // The lock stays taken: nobody starts another process now.
        self.left.withLock { left in
            for process in left.processes { kill(process, SIGTERM) }
            for process in left.processes {
                var status: Int32 = 0
                waitpid(process, &status, 0)
            }
            if let folder = left.folder { Workplace.remove(folder) }
            _exit(exitCode)
        }
    }
}
