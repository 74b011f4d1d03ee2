import Foundation
import Noise
import Synchronization
import Testing

/// Whole handshakes that others recorded, both roles, byte for byte.
@Suite struct HandshakeVectorTests {
    @Test func everyFileInCacophonysFormat() throws {
        var ran: [NoiseHash: Int] = [:]
        var withoutHash = 0
        for file in try VectorFiles.all() {
            guard let root = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any],
                let vectors = root["vectors"] as? [[String: Any]], vectors.first?["protocol_name"] != nil
            else { continue }
            for vector in vectors {
                let name = try #require(vector["protocol_name"] as? String)
                let parts = name.split(separator: "_").map(String.init)
                guard let hash = NoiseHash(rawValue: parts[4]) else {
                    withoutHash += 1
                    continue
                }
                try self.run(vector, #require(Pattern(parts[1]), "\(name)"), hash, name)
                ran[hash, default: 0] += 1
            }
        }
        #expect(ran == [.sha256: 59, .sha512: 59, .blake2b: 59])
        #expect(withoutHash == 59, "BLAKE2s is in neither of our libraries")
    }

    private func run(_ vector: [String: Any], _ pattern: Pattern, _ hash: NoiseHash, _ name: String) throws {
        func keys(_ side: String) throws -> HandshakeState.Keys {
            HandshakeState.Keys(
                ephemeral: vector.hex("\(side)_ephemeral") ?? [UInt8](repeating: 9, count: 32),
                own: try vector.hex("\(side)_static").map { try StaticKeyPair(seed: $0) },
                remote: vector.hex("\(side)_remote_static"),
                psks: (vector["\(side)_psks"] as? [String] ?? []).compactMap(bytes(hex:)))
        }
        func settings(_ side: String) -> HandshakeState.Settings {
            .init(pattern: pattern, hash: hash, prologue: vector.hex("\(side)_prologue") ?? [])
        }
        var initiator = try HandshakeState(settings("init"), isInitiator: true, keys: keys("init"))
        var responder = try HandshakeState(settings("resp"), isInitiator: false, keys: keys("resp"))
        let messages = try #require(vector["messages"] as? [[String: Any]])
        for (index, message) in messages.prefix(pattern.messages.count).enumerated() {
            let payload = try #require(message.hex("payload"))
            let wire = try index.isMultiple(of: 2) ? initiator.write(payload) : responder.write(payload)
            #expect(wire == message.hex("ciphertext"), "\(name) message \(index)")
            let read = try index.isMultiple(of: 2) ? responder.read(wire) : initiator.read(wire)
            #expect(read == payload)
        }
        let one = try initiator.finish()
        let other = try responder.finish()
        #expect(one.hash == vector.hex("handshake_hash") && other.hash == one.hash, "\(name)")
        #expect(one.exporter == other.exporter)
        var ciphers = [(one.send, other.receive), (other.send, one.receive)]
        let isOneWay = pattern.messages.count == 1
        for (index, message) in messages.enumerated().dropFirst(pattern.messages.count) {
            let way = isOneWay || index.isMultiple(of: 2) ? 0 : 1
            let payload = try #require(message.hex("payload"))
            let wire = try ciphers[way].0.encrypt(payload)
            #expect(wire == message.hex("ciphertext"), "\(name) message \(index)")
            #expect(try ciphers[way].1.decrypt(wire) == payload)
        }
    }

    /// Gives the ciphertext that a vector names: libraries do not let the randomness of encapsulation be chosen.
    private struct ScriptedKEM: KEM {
        let real: any KEM
        let ciphertext: [UInt8]
        let secret: [UInt8]
        var name: String { self.real.name }
        var publicKeyLength: Int { self.real.publicKeyLength }
        var ciphertextLength: Int { self.real.ciphertextLength }
        func generate(seed: [UInt8]?) throws(NoiseError) -> any KEMKeyPair { try self.real.generate(seed: seed) }
        func encapsulate(to publicKey: [UInt8]) throws(NoiseError) -> (ciphertext: [UInt8], secret: [UInt8]) {
            (self.ciphertext, self.secret)
        }
    }

    /// Notes what passes through a real KEM, so that a script for the other role can be made of it.
    private final class WatchedKEM: KEM {
        let real: any KEM
        let seen = Mutex<(ciphertext: [UInt8], secret: [UInt8])?>(nil)
        init(_ real: any KEM) { self.real = real }
        var name: String { self.real.name }
        var publicKeyLength: Int { self.real.publicKeyLength }
        var ciphertextLength: Int { self.real.ciphertextLength }
        func generate(seed: [UInt8]?) throws(NoiseError) -> any KEMKeyPair {
            Pair(real: try self.real.generate(seed: seed), kem: self)
        }
        func encapsulate(to publicKey: [UInt8]) throws(NoiseError) -> (ciphertext: [UInt8], secret: [UInt8]) {
            throw .kem
        }

        private struct Pair: KEMKeyPair {
            let real: any KEMKeyPair
            let kem: WatchedKEM
            var publicKey: [UInt8] { self.real.publicKey }
            func decapsulate(_ ciphertext: [UInt8]) throws(NoiseError) -> [UInt8] {
                let secret = try self.real.decapsulate(ciphertext)
                self.kem.seen.withLock { $0 = (ciphertext, secret) }
                return secret
            }
        }
    }

    /// Earshot's own handshake, as libp2p published it; and the same with X-Wing. Both roles.
    @Test(arguments: [("libp2p-xxhfs-mlkem768.json", 2), ("libp2p-xxhfs-xwing.json", 5)])
    func theHybridHandshake(file: String, count: Int) throws {
        let root = try #require(try VectorFiles.json(file) as? [String: Any])
        let vectors = try #require(root["vectors"] as? [[String: Any]])
        var ran = 0
        for vector in vectors {
            let isMLKEM = file.contains("mlkem")
            let real: any KEM = isMLKEM ? MLKEM768KEM() : XWingKEM()
            let seed = try #require(vector.hex(isMLKEM ? "kem_seed_dz" : "ephemeral_kem_i_secret"))
            let watched = WatchedKEM(real)
            let pair = try real.generate(seed: seed)
            #expect(pair.publicKey == vector.hex("ephemeral_kem_i_public"))
            let messageB = try #require(vector.hex("msg_b"))
            let prologue = vector.hex("prologue") ?? []
            let pattern = try #require(Pattern("XXhfs"))
            func keys(_ side: String) throws -> HandshakeState.Keys {
                let secret = try #require(vector.hex("static_\(side)_private"))
                let ephemeral = try #require(vector.hex("ephemeral_dh_\(side)_private"))
                return .init(ephemeral: ephemeral, kemSeed: seed, own: try StaticKeyPair(seed: secret))
            }
            var initiator = try HandshakeState(
                .init(pattern: pattern, kem: watched, prologue: prologue), isInitiator: true, keys: keys("i"))
            let a = try initiator.write([])
            #expect(a == vector.hex("msg_a"))
            _ = try initiator.read(messageB)
            let c = try initiator.write([])
            #expect(c == vector.hex("msg_c"))
            let result = try initiator.finish()
            #expect(result.hash == vector.hex("handshake_hash"))
            #expect(result.send.key == vector.hex("cs1_k") && result.receive.key == vector.hex("cs2_k"))
            let (ciphertext, secret) = try #require(watched.seen.withLock { $0 })
            if isMLKEM {
                #expect(ciphertext == vector.hex("kem_ciphertext") && secret == vector.hex("kem_shared_secret"))
            }
            let scripted = ScriptedKEM(real: real, ciphertext: ciphertext, secret: secret)
            var responder = try HandshakeState(
                .init(pattern: pattern, kem: scripted, prologue: prologue), isInitiator: false, keys: keys("r"))
            #expect(try responder.read(a).isEmpty)
            #expect(try responder.write([]) == messageB)
            #expect(try responder.read(c).isEmpty)
            let other = try responder.finish()
            #expect(other.hash == result.hash && other.exporter == result.exporter)
            #expect(other.send.key == result.receive.key && other.receive.key == result.send.key)
            #expect(
                other.remoteStatic == vector.hex("static_i_public")
                    && result.remoteStatic == vector.hex("static_r_public"))
            ran += 1
        }
        #expect(ran == count)
    }
}
