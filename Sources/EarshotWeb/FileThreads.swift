import EarshotControl
import Glibc
import NIOConcurrencyHelpers

/// Bytes of a file that a request brings or takes.
enum FileJob: Sendable {
    case upload(UploadJob, of: String)
    case download(DownloadJob)
}

/// The threads that carry bytes of files, one for each request: no file delays a message, and what is in memory of one
/// is a buffer, however large it is.
final class FileThreads: Sendable {
    /// At a time. A browser has six connections at most.
    static let most = 16

    private struct State {
        var open: Set<Int32> = []
        var isHalted = false
    }
    private let state = NIOLockedValueBox(State())

    /// Seconds that the other end may do nothing.
    private let patience: Int

    init(patience: Int) { self.patience = patience }

    var isFull: Bool { self.state.withLockedValue { $0.open.count >= Self.most } }

    /// Takes over a socket.
    /// - Parameters:
    ///   - early: what of the body was read already.
    ///   - then: told once whether what was to be brought was.
    func begin(
        _ job: FileJob, _ descriptor: Int32, early: [UInt8], then: @escaping @Sendable (_ isWhole: Bool) -> Void
    ) {
        let isWanted = self.state.withLockedValue { state in
            guard !state.isHalted else { return false }
            state.open.insert(descriptor)
            return true
        }
        guard isWanted else {
            close(descriptor)
            return then(false)
        }
        let isBegun = DetachedThread.start {
            let socket = FileSocket(descriptor: descriptor)
            socket.prepare(patience: self.patience)
            switch job {
            case .upload(let job, _): then(job.run(socket, early: early))
            case .download(let job): job.run(socket)
            }
            self.end(descriptor)
        }
        if !isBegun {
            self.end(descriptor)
            then(false)
        }
    }

    private func end(_ descriptor: Int32) {
        // Not closed before it is forgotten: its number may be given to the next at once.
        self.state.withLockedValue { state in
            state.open.remove(descriptor)
            close(descriptor)
        }
    }

    /// Nothing more is carried.
    func halt() {
        self.state.withLockedValue { state in
            state.isHalted = true
            for descriptor in state.open { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }
}
