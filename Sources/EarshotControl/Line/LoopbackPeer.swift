import Glibc
import NIOCore

/// Whose program is at the other end of a TCP connection within this machine. Unlike a unix socket, TCP does not say
/// so; the kernel's tables do (proc(5), /proc/net/tcp).
package enum LoopbackPeer {
    /// Whether it is ourselves or root, as at the socket of the door. Where there are no tables that cannot be known,
    /// and it is taken to be.
    /// - Parameters:
    ///   - client: where the other end is.
    ///   - server: where our end is.
    package static func isOurs(client: SocketAddress?, server: SocketAddress?) -> Bool {
        guard let client = client.flatMap(Self.place), let server = server.flatMap(Self.place) else { return false }
        guard let table = Self.read(client.utf8.count > 16 ? "/proc/net/tcp6" : "/proc/net/tcp") else { return true }
        guard let user = Self.user(of: client, talkingTo: server, in: table) else { return false }
        return user == geteuid() || user == 0
    }

    /// The user of the end that stands in a table with these places.
    static func user(of client: String, talkingTo server: String, in table: String) -> UInt32? {
        for line in table.split(separator: "\n") {
            // sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid …
            let fields = line.split(separator: " ", maxSplits: 8, omittingEmptySubsequences: true)
            if fields.count > 7, fields[1] == client, fields[2] == server { return UInt32(fields[7]) }
        }
        return nil
    }

    /// An address and a port as the tables have them: words of 32 bits as they lie in memory, in hexadecimal.
    static func place(_ address: SocketAddress) -> String? {
        guard let text = address.ipAddress, let port = address.port else { return nil }
        let family = address.protocol == .inet6 ? AF_INET6 : AF_INET
        var bytes = [UInt8](repeating: 0, count: family == AF_INET6 ? 16 : 4)
        guard inet_pton(family, text, &bytes) == 1 else { return nil }
        let words = bytes.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: 4).map {
                Self.hex(bytes.loadUnaligned(fromByteOffset: $0, as: UInt32.self))
            }
        }
        return words.joined() + ":" + Self.padded(String(port, radix: 16, uppercase: true), to: 4)
    }

    private static func hex(_ word: UInt32) -> String {
        Self.padded(String(word, radix: 16, uppercase: true), to: 8)
    }

    private static func padded(_ digits: String, to width: Int) -> String {
        String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    private static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk.prefix(count)
        }
    }
}
