import EarshotWire
import Glibc
import NIOCore
import NIOPosix
import Noise

/// Why nobody can reach us: the port cannot be opened.
package struct ListenError: Error, Equatable, Sendable {
    /// The port that was asked for, if any.
    package let port: UInt16?
    package let isTaken: Bool
    /// What the system says.
    package let reason: String

    init(port: UInt16?, _ error: any Error) {
        self.port = port
        self.isTaken = (error as? IOError)?.errnoCode == EADDRINUSE
        self.reason = NetworkError.words(for: error)
    }
}

/// What went wrong with a socket or a session, in words.
package enum NetworkError {
    package static func words(for error: any Error) -> String {
        switch error {
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case let error as NIOConnectionError:
            error.connectionErrors.first.map { self.words(for: $0.error) } ?? "no address answered"
        case ChannelError.connectTimeout: "no answer in time"
        case ChannelError.ioOnClosedChannel, ChannelError.alreadyClosed, ChannelError.eof: "the connection is closed"
        case let error as any CustomStringConvertible: error.description
        default: "something unexpected (\(type(of: error)))"
        }
    }
}
