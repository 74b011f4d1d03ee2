import EarshotModel
import EarshotTesting
import Foundation
import Noise
import Testing

@testable import EarshotNetwork
@testable import EarshotWire

/// Both ends of a bulk channel, without a network.
struct ChannelPair {
    /// Who is tested, and whoever the test plays.
    let ours: BulkChannel
    let theirs: BulkChannel

    init() throws {
        var ends: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        let payload = HandshakePayload(
            certificate: try Samples().anna.certificate, manifestVersion: 1, manifestHash: .zero, datagramIndex: 0,
            features: HandshakePayload.bulk)
        let introduction = Introduction(
            peer: payload, isInitiator: true, handshakeHash: [UInt8](repeating: 1, count: 32),
            cipher: "ChaCha20-Poly1305", isBulk: true)
        func end(_ descriptor: Int32, _ send: UInt8, _ receive: UInt8) throws -> BulkChannel {
            try #require(
                BulkChannel(
                    descriptor: descriptor, introduction: introduction,
                    send: try CipherState(key: [UInt8](repeating: send, count: 32)),
                    receive: try CipherState(key: [UInt8](repeating: receive, count: 32)), leftover: []))
        }
        self.ours = try end(ends[0], 1, 2)
        self.theirs = try end(ends[1], 2, 1)
    }

    /// The next frame of theirs.
    func frame() throws -> BulkFrame {
        let incoming = try self.theirs.receive(within: 60_000)
        guard case .frame(let frame) = incoming else { throw Unexpected(incoming: "\(incoming)") }
        return frame
    }

    /// The next bytes of theirs.
    func data() throws -> [UInt8] {
        let incoming = try self.theirs.receive(within: 60_000)
        guard case .data(let data, nil) = incoming else { throw Unexpected(incoming: "\(incoming)") }
        var bytes: [UInt8] = []
        data.withBytes { bytes = Array($0) }
        return bytes
    }

    struct Unexpected: Error {
        var incoming = "another frame"
    }
}

/// A folder of its own, gone afterwards.
final class Place {
    let path = NSTemporaryDirectory() + "et-" + UUID().uuidString.prefix(8)
    init() throws { try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    func append(_ bytes: [UInt8], to name: String) throws {
        let file = try #require(fopen("\(self.path)/\(name)", "a"))
        defer { fclose(file) }
        try #require(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    }
}
