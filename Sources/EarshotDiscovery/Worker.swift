import Glibc
import Synchronization

/// A thread of its own with a list of things to do, for C libraries that want to be called from one thread and to
/// block there.
final class Worker: Sendable {
    typealias Job = @Sendable () -> Void
    private let jobs = Mutex<[Job]>([])
    private let wake: @Sendable () -> Void

    /// - Parameters:
    ///   - wake: makes `body`'s blocking call return.
    init(wake: @escaping @Sendable () -> Void) { self.wake = wake }

    func add(_ job: @escaping Job) {
        self.jobs.withLock { $0.append(job) }
        self.wake()
    }

    /// On the thread: does what was added meanwhile.
    func work() {
        let due = self.jobs.withLock { jobs in
            defer { jobs = [] }
            return jobs
        }
        for job in due { job() }
    }

    /// Starts a thread for `body`.
    static func start(_ body: @escaping @Sendable () -> Void) {
        final class Box {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var thread = pthread_t()
        let box = Unmanaged.passRetained(Box(body)).toOpaque()
        let status = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, box)
        if status == 0 { pthread_detach(thread) } else { Unmanaged<Box>.fromOpaque(box).release() }
    }
}
