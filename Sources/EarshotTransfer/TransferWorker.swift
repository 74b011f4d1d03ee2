import CLinux
import EarshotModel
import EarshotNetwork
import EarshotWire
import Glibc
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// Moves the bytes of one offer over one bulk channel, on a thread of its own. From elsewhere it can only be halted.
package final class TransferWorker: Sendable {
    private struct State {
        var channel: BulkChannel?
        /// Where the other end was called, if they were.
        var endpoint: Endpoint?
        /// Beside the first.
        var others: [BulkChannel] = []
        /// Those of them that whoever works here does not know yet.
        var joining: [BulkChannel] = []
        /// The other end may open channels beside the first.
        var allowsLines = false
        var reason: StopReason?
        var confirmed: UInt64?
    }

    /// Yields to the loop, which carries the words.
    private static let niceness: Int32 = 10
    private static let stack = 1 << 20

    package let id: EnvelopeID
    package let device: DeviceID
    private let tell: @Sendable (TransferWorker, BulkEvent) -> Void
    private let callMore: @Sendable (TransferWorker, Int) -> Void
    private let state = NIOLockedValueBox(State())

    /// - Parameter more: opens so many channels beside the first, from the end that opened that one.
    package init(
        _ id: EnvelopeID, with device: DeviceID, more: @escaping @Sendable (TransferWorker, Int) -> Void,
        tell: @escaping @Sendable (TransferWorker, BulkEvent) -> Void
    ) {
        self.id = id
        self.device = device
        self.callMore = more
        self.tell = tell
    }

    /// It stops soon, and tells the other end why.
    package func halt(_ reason: StopReason) {
        let channels = self.state.withLockedValue { state in
            state.reason = state.reason ?? reason
            return state.others + (state.channel.map { [$0] } ?? [])
        }
        for channel in channels { channel.halt() }
    }

    package var isHalted: Bool { self.state.withLockedValue { $0.reason != nil } }

    package func confirm(_ have: UInt64) {
        let channel = self.state.withLockedValue { state in
            state.confirmed = have
            return state.channel
        }
        channel?.bell.ring()
    }

    /// What is kept, once.
    func confirmed() -> UInt64? {
        self.state.withLockedValue { state in
            defer { state.confirmed = nil }
            return state.confirmed
        }
    }

    package func post(_ event: BulkEvent) { self.tell(self, event) }

    // MARK: channels beside the first

    /// Where the other end was called; nothing if they called.
    package var endpoint: Endpoint? { self.state.withLockedValue { $0.endpoint } }
    /// Lines at work.
    var channels: Int { self.state.withLockedValue { $0.others.count + 1 } }

    /// Wishes for more. Only the end that opened the first channel can open them.
    func wantMore(_ count: Int) {
        self.allowLines()
        if self.endpoint != nil { self.callMore(self, count) }
    }

    /// From now on the other end may open some, if it opened the first. A giver allows it when they have asked for
    /// it; a taker always, as the giver's word may be on its way for longer than their channels.
    func allowLines() { self.state.withLockedValue { $0.allowsLines = true } }

    /// One that the other end opened.
    package func admit(_ channel: BulkChannel) {
        if self.state.withLockedValue({ $0.allowsLines && $0.endpoint == nil }) { self.join(channel) }
    }

    /// Whether it works on the channel of this handshake.
    func isOn(_ handshake: [UInt8]) -> Bool {
        self.state.withLockedValue { $0.channel?.introduction.handshakeHash == handshake }
    }

    /// The first channel's handshake, by which others are joined to it.
    package var handshake: [UInt8]? { self.state.withLockedValue { $0.channel?.introduction.handshakeHash } }

    package func join(_ channel: BulkChannel) {
        let main = self.state.withLockedValue { state -> BulkChannel? in
            guard state.channel != nil, state.reason == nil, state.others.count < Subflows.most else { return nil }
            state.others.append(channel)
            state.joining.append(channel)
            return state.channel
        }
        main?.bell.ring()
    }

    /// Those that joined lately, each once.
    func joined() -> [BulkChannel] {
        self.state.withLockedValue { state in
            guard !state.joining.isEmpty else { return [] }
            defer { state.joining = [] }
            return state.joining
        }
    }

    // MARK: work

    /// Works on a channel, or without one says that nobody answered.
    package func start(
        _ channel: BulkChannel?, at endpoint: Endpoint? = nil,
        _ work: @escaping @Sendable (TransferWorker, BulkChannel) throws -> BulkEnd
    ) {
        guard let channel else { return self.post(.ended(self.id, .unreachable)) }
        self.state.withLockedValue { state in
            state.channel = channel
            state.endpoint = endpoint
        }
        // A receiving thread confines itself, and what it starts inherits that: threads that serve all are started
        // before.
        _ = NIOSingletons.posixBlockingThreadPool
        let isBegun = Self.detach {
            linux_yield_to_others(Self.niceness)
            self.post(.ended(self.id, self.run(channel, work)))
        }
        if !isBegun { self.post(.ended(self.id, .broken(.noThread))) }
    }

    private func run(_ channel: BulkChannel, _ work: (TransferWorker, BulkChannel) throws -> BulkEnd) -> BulkEnd {
        if self.isHalted { channel.halt() }
        defer {
            self.state.withLockedValue { state in
                state.channel = nil
                state.others = []
                state.joining = []
            }
        }
        do {
            return try work(self, channel)
        } catch let failure as BulkChannel.Failure {
            switch failure {
            case .ended(let why): return .broken(why)
            case .silent: return .broken(.silent)
            case .halted:
                let reason = self.state.withLockedValue { $0.reason } ?? .busy
                channel.part(with: .stop(reason, ""))
                return .halted
            case .violated(let error):
                channel.part(with: .close(.protocolError))
                return .dishonest(.rule("\(error)"))
            }
        } catch {
            return .broken(.system(NetworkError.words(for: error)))
        }
    }

    /// Does it on a thread of its own; false if there is none to be had, and then it is not done.
    @discardableResult
    package static func detach(_ body: @escaping @Sendable () -> Void) -> Bool {
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
        let status = pthread_create(
            &thread, &attributes,
            { argument in
                if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, box.toOpaque())
        pthread_attr_destroy(&attributes)
        if status != 0 { box.release() }
        return status == 0
    }
}
