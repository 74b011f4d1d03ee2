import CLinux
import EarshotWire
import Glibc

/// Two connections put together: what comes on one goes out on the other, moved by the kernel without being looked at,
/// by a thread of its own that sleeps while nothing comes. It holds one pipe full a direction, so a slow reader slows
/// its writer.
final class Splice: Sendable {
    /// Bytes in a pipe, if the kernel allows so much; and on the thread's stack.
    private static let pipeBytes: Int32 = 1 << 18
    private static let stack = 64 << 10

    /// One direction. Only the thread touches it.
    private struct Stream {
        let from: Int32
        let to: Int32
        let read: Int32
        let write: Int32
        let room: Int
        var held = 0
        /// The pipe takes no more, though it holds fewer bytes than it might: they came in small pieces.
        var isFull = false
        var isOver = false
        var isShut = false

        var takesMore: Bool { !self.isFull && self.held < self.room / 2 }
        /// Nothing more comes, and what came is out.
        var isDone: Bool { self.isOver && self.held == 0 }
    }

    private let one: RelayHalf
    private let other: RelayHalf
    private let pipes: [Int32]

    /// `nil` if there are no more descriptors.
    init?(_ one: RelayHalf, _ other: RelayHalf) {
        var pipes: [Int32] = []
        for _ in 0..<2 {
            var ends: [Int32] = [-1, -1]
            guard linux_pipe(&ends) == 0 else {
                for end in pipes { close(end) }
                return nil
            }
            pipes += ends
        }
        (self.one, self.other, self.pipes) = (one, other, pipes)
    }

    deinit { for end in self.pipes { close(end) } }

    /// - Parameter then: told on the thread when it is over, and how many bytes went through.
    /// - Returns: whether there is a thread for it; else `then` is not told.
    func start(_ then: @escaping @Sendable (UInt64) -> Void) -> Bool {
        final class Box {
            let body: () -> Void
            init(_ body: @escaping () -> Void) { self.body = body }
        }
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, Self.stack)
        let box = Unmanaged.passRetained(Box { then(self.run()) })
        var thread = pthread_t()
        let status = pthread_create(
            &thread, &attributes,
            { argument in
                if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, box.toOpaque())
        if status != 0 { box.release() }
        return status == 0
    }

    /// From any thread: both ends see their connection end.
    func halt() {
        shutdown(self.one.descriptor, Int32(SHUT_RDWR))
        shutdown(self.other.descriptor, Int32(SHUT_RDWR))
    }

    private func run() -> UInt64 {
        guard self.write(self.one.leftover, to: self.other), self.write(self.other.leftover, to: self.one) else {
            return 0
        }
        var streams = [self.stream(self.one, self.other, 0), self.stream(self.other, self.one, 2)]
        var total = UInt64(self.one.leftover.count + self.other.leftover.count)
        while !streams.allSatisfy(\.isDone) {
            guard self.wait(for: streams) else { break }
            for index in streams.indices {
                guard let moved = Self.move(&streams[index]) else {
                    self.halt()
                    return total
                }
                total &+= UInt64(moved)
            }
        }
        self.halt()
        return total
    }

    private func stream(_ from: RelayHalf, _ to: RelayHalf, _ pipe: Int) -> Stream {
        let room = fcntl(self.pipes[pipe + 1], Int32(1031) /* F_SETPIPE_SZ */, Self.pipeBytes)
        return Stream(
            from: from.descriptor, to: to.descriptor, read: self.pipes[pipe], write: self.pipes[pipe + 1],
            room: room > 0 ? Int(room) : 65_536)
    }

    /// What was read before, a few KB at most: there is room for it, or something is wrong.
    private func write(_ bytes: [UInt8], to half: RelayHalf) -> Bool {
        bytes.isEmpty || send(half.descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// Until something can be moved. Says no when nothing could for long.
    private func wait(for streams: [Stream]) -> Bool {
        var polls = streams.map { stream in pollfd(fd: stream.from, events: 0, revents: 0) }
        for (index, stream) in streams.enumerated() {
            // The other stream goes the other way.
            if !stream.isOver, stream.takesMore { polls[index].events |= Int16(POLLIN) }
            if stream.held > 0 { polls[1 - index].events |= Int16(POLLOUT) }
        }
        // Of one that nothing is wanted of, only its end would be told, again and again.
        for index in polls.indices where polls[index].events == 0 { polls[index].fd = -1 }
        var result: Int32
        repeat {
            result = poll(&polls, nfds_t(polls.count), Int32(clamping: Limits.relaySilence))
        } while result < 0
            && errno == EINTR
        return result > 0
    }

    /// Moves what can be moved at once. `nil` when the connection is broken.
    private static func move(_ stream: inout Stream) -> Int? {
        var moved = 0
        if !stream.isOver, stream.takesMore {
            switch linux_splice(stream.from, stream.write, UInt(stream.room - stream.held)) {
            case 0: stream.isOver = true
            case let count where count > 0: stream.held += count
            default:
                guard errno == EAGAIN || errno == EINTR else { return nil }
                stream.isFull = stream.held > 0
            }
        }
        if stream.held > 0 {
            let count = linux_splice(stream.read, stream.to, UInt(stream.held))
            if count > 0 {
                stream.held -= count
                stream.isFull = false
                moved = count
            } else if count == 0 || errno != EAGAIN && errno != EINTR {
                return nil
            }
        }
        if stream.isDone, !stream.isShut {
            stream.isShut = true
            shutdown(stream.to, Int32(SHUT_WR))
        }
        return moved
    }
}
