import Glibc
import Synchronization

/// Runs tasks on a thread of its own, which sleeps until there is something to do.
///
/// The executor that Swift brings stands on libdispatch, and from its first use on that wakes up every second, for as
/// long as the process lives, to look at its threads (its `_dispatch_workq_monitor_pools`). A node that nobody talks
/// to should sleep.
final class OwnThread: TaskExecutor {
    private let jobs = Mutex<[UnownedJob]>([])
    private let count: Semaphore

    init() {
        self.count = Semaphore()
        var thread = pthread_t()
        let box = Unmanaged.passRetained(self).toOpaque()
        let status = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<OwnThread>.fromOpaque(argument).takeUnretainedValue().run() }
                return nil
            }, box)
        precondition(status == 0, "no thread can be started")
        pthread_detach(thread)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        self.jobs.withLock { $0.append(job) }
        self.count.signal()
    }

    /// For ever: it ends with the process.
    private func run() -> Never {
        while true {
            self.count.wait()
            let job = self.jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            job?.runSynchronously(on: self.asUnownedTaskExecutor())
        }
    }
}

/// How many jobs wait.
private final class Semaphore: Sendable {
    nonisolated(unsafe) private let raw: UnsafeMutablePointer<sem_t>  // lint: a semaphore is for threads

    init() {
        self.raw = .allocate(capacity: 1)
        sem_init(self.raw, 0, 0)
    }

    deinit {
        sem_destroy(self.raw)
        self.raw.deallocate()
    }

    func signal() { sem_post(self.raw) }
    func wait() { while sem_wait(self.raw) != 0 {} }
}
