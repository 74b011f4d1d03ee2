import CLinux
import EarshotModel
import EarshotNetwork
import EarshotProtocol
import Glibc
import NIOConcurrencyHelpers

/// Moves the bytes of one offer over one bulk line, on a thread of its own. From elsewhere it can only be halted.
final class Porter: Sendable {
    private struct State {
        var line: BulkLine?
        var reason: StopReason?
        var confirmed: UInt64?
    }

    /// Yields to the loop, which carries the words.
    private static let niceness: Int32 = 10
    private static let stack = 1 << 20

    let id: EnvelopeID
    let device: DeviceID
    private let tell: @Sendable (Porter, BulkEvent) -> Void
    private let state = NIOLockedValueBox(State())

    init(_ id: EnvelopeID, with device: DeviceID, tell: @escaping @Sendable (Porter, BulkEvent) -> Void) {
        self.id = id
        self.device = device
        self.tell = tell
    }

    /// It stops soon, and tells the other end why.
    func halt(_ reason: StopReason) {
        let line = self.state.withLockedValue { state in
            state.reason = state.reason ?? reason
            return state.line
        }
        line?.halt()
    }

    var isHalted: Bool { self.state.withLockedValue { $0.reason != nil } }

    func confirm(_ have: UInt64) { self.state.withLockedValue { $0.confirmed = have } }

    /// What is kept, once.
    func confirmed() -> UInt64? {
        self.state.withLockedValue { state in
            defer { state.confirmed = nil }
            return state.confirmed
        }
    }

    func post(_ event: BulkEvent) { self.tell(self, event) }

    /// Works on a line, or without one says that nobody answered.
    func start(_ line: BulkLine?, _ work: @escaping @Sendable (Porter, BulkLine) throws -> BulkEnd) {
        guard let line else { return self.post(.ended(self.id, .unreachable)) }
        self.state.withLockedValue { $0.line = line }
        let isBegun = Self.detach {
            linux_yield_to_others(Self.niceness)
            self.post(.ended(self.id, self.run(line, work)))
        }
        if !isBegun { self.post(.ended(self.id, .broken("no thread is to be had"))) }
    }

    private func run(_ line: BulkLine, _ work: (Porter, BulkLine) throws -> BulkEnd) -> BulkEnd {
        if self.isHalted { line.halt() }
        defer { self.state.withLockedValue { $0.line = nil } }
        do {
            return try work(self, line)
        } catch let failure as BulkLine.Failure {
            switch failure {
            case .ended(let why): return .broken(why)
            case .silent: return .broken("nothing was heard any more")
            case .halted:
                let reason = self.state.withLockedValue { $0.reason } ?? .busy
                try? line.send(.stop(reason, ""))
                return .halted
            case .violated(let error):
                try? line.send(.close(.protocolError))
                return .dishonest("\(error)")
            }
        } catch {
            return .broken("\(error)")
        }
    }

    /// Does it on a thread of its own; false if there is none to be had, and then it is not done.
    @discardableResult
    static func detach(_ body: @escaping @Sendable () -> Void) -> Bool {
        final class Box {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, Self.stack)
        var thread = pthread_t()
        let box = Unmanaged.passRetained(Box(body))
        let status = pthread_create(&thread, &attributes, { argument in
            if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
            return nil
        }, box.toOpaque())
        pthread_attr_destroy(&attributes)
        if status != 0 { box.release() }
        return status == 0
    }
}
