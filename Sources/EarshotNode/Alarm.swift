import CLinux
import EarshotNetwork
import Glibc
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// The one alarm of a node, by a timer of the kernel that can be put off. A task of the event loop cannot: one that is
/// cancelled leaves the loop's own timer standing, which wakes the machine for nothing.
final class Alarm: Sendable {
    private let timer: Int32
    private let channel: any Channel
    /// When it rings, as far as it was set.
    private let at: NIOLockedValueBox<UInt64?>

    /// - Parameter ring: called on the loop.
    init(on loop: any EventLoop, ring: @escaping @Sendable () -> Void) async throws {
        let timer = timerfd_create(CLOCK_BOOTTIME, Int32(TFD_CLOEXEC) | Int32(TFD_NONBLOCK))
        guard timer >= 0 else { throw IOError(errnoCode: errno, reason: "timerfd_create") }
        self.timer = timer
        let at = NIOLockedValueBox<UInt64?>(nil)
        self.at = at
        self.channel = try await NIOPipeBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        Bell {
                            at.withLockedValue { $0 = nil }
                            ring()
                        })
                }
            }
            .takingOwnershipOfDescriptor(input: timer).get()
    }

    /// On the loop: rings at an uptime in ms, and not when it was to ring before; `nil` is never.
    func set(_ at: UInt64?) {
        let isNew = self.at.withLockedValue { set in
            defer { set = at }
            return set != at
        }
        guard isNew, self.channel.isActive else { return }
        var when = itimerspec()
        // All zero is never.
        if let at {
            // What was to be before now comes soon and not at once, or nobody else would get a turn.
            let at = max(at, uptime() + 1)
            when.it_value.tv_sec = Int(clamping: at / 1_000)
            when.it_value.tv_nsec = Int(at % 1_000) * 1_000_000 + 1
        }
        let isAbsolute: Int32 = 1
        timerfd_settime(self.timer, isAbsolute, &when, nil)
    }

    func close() async { try? await self.channel.close() }

    /// What can be read of the timer says only that it has rung.
    private final class Bell: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let ring: @Sendable () -> Void

        init(_ ring: @escaping @Sendable () -> Void) { self.ring = ring }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { self.ring() }
    }
}
