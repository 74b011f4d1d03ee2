import EarshotModel
import EarshotVault
import Synchronization

/// Does nothing before it has to.
final class Late: Behind {
    private struct State {
        var jobs: [@Sendable () throws(DownloadError) -> Void] = []
        var failure: DownloadError?
    }
    private let state = Mutex(State())
    var hasRoom: Bool { true }
    var failure: DownloadError? { self.state.withLock { $0.failure } }
    func perform(_ job: @escaping @Sendable () throws(DownloadError) -> Void) {
        self.state.withLock { $0.jobs.append(job) }
    }
    func wait() {
        let jobs = self.state.withLock { state in
            defer { state.jobs = [] }
            return state.jobs
        }
        for job in jobs {
            do throws(DownloadError) { try job() } catch {
                self.state.withLock { $0.failure = $0.failure ?? error }
            }
        }
    }
}
