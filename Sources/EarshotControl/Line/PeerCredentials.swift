import Glibc
import NIOCore
import NIOPosix

/// Who is at the other end of a unix socket: what SO_PEERCRED tells, as unix(7) lays it out.
struct PeerCredentials {
    private var pid: Int32 = 0
    private var uid: UInt32 = .max
    private var gid: UInt32 = .max

    /// Whether it is ourselves or root. To be asked on the channel's own loop.
    static func areOurs(_ channel: any Channel) -> Bool {
        guard let provider = channel as? any SocketOptionProvider else { return false }
        let credentials: EventLoopFuture<PeerCredentials> = provider.unsafeGetSocketOption(
            level: .socket, name: .init(rawValue: SO_PEERCRED))
        var areOurs = false
        // On its own loop the answer is there at once.
        credentials.assumeIsolated().whenSuccess { areOurs = $0.uid == geteuid() || $0.uid == 0 }
        return areOurs
    }
}
