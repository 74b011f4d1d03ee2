import Foundation
import Noise
import Testing

/// Edge cases of the primitives, as others collected them. The counts are asserted: a filter that matches nothing
/// would pass.
@Suite struct PrimitiveVectorTests {
    @Test func x25519AndItsZeroResults() throws {
        var (right, zero) = (0, 0)
        for (_, test) in try VectorFiles.wycheproof("wycheproof-x25519_test.json") {
            let pair = try StaticKeyPair(seed: #require(test.hex("private")))
            let shared = try #require(test.hex("shared"))
            if shared.allSatisfy({ $0 == 0 }) {
                #expect(throws: NoiseError.zeroResult) { try pair.agree(#require(test.hex("public"))) }
                zero += 1
            } else {
                #expect(try pair.agree(#require(test.hex("public"))) == shared)
                right += 1
            }
        }
        #expect(right == 487 && zero == 31)
    }

    @Test func ed25519Signatures() throws {
        var (valid, invalid) = (0, 0)
        for (group, test) in try VectorFiles.wycheproof("wycheproof-ed25519_test.json") {
            let key = try #require((group["publicKey"] as? [String: Any])?.hex("pk"))
            let holds = Ed25519.verify(try #require(test.hex("sig")), of: try #require(test.hex("msg")), key: key)
            #expect(holds == test.isValid, "\(test["tcId"] ?? "")")
            if test.isValid { valid += 1 } else { invalid += 1 }
        }
        #expect(valid + invalid == 151 && valid > 50)
    }

    /// Where verifiers disagree, ours gives one answer for ever: Protocol.md 11.
    @Test func ed25519WhereVerifiersDisagree() throws {
        let vectors = try #require(try VectorFiles.json("cctv-ed25519vectors.json") as? [[String: Any]])
        var accepted = 0
        for vector in vectors {
            let message = Array((vector["msg"] as? String ?? "").utf8)
            let holds = Ed25519.verify(
                try #require(vector.hex("sig")), of: message, key: try #require(vector.hex("key")))
            let flags = Set(vector["flags"] as? [String] ?? [])
            #expect(holds == flags.isDisjoint(with: Self.refused), "\(vector["number"] ?? "") \(flags)")
            if holds { accepted += 1 }
        }
        #expect(vectors.count == 914 && accepted == 43)
    }
    /// `low_order_residue` holds only with the cofactor.
    private static let refused = [
        "low_order_A", "low_order_R", "non_canonical_A", "non_canonical_R", "low_order_residue",
    ]

    @Test func chaCha20Poly1305() throws {
        var (valid, invalid, otherNonces) = (0, 0, 0)
        for (group, test) in try VectorFiles.wycheproof("wycheproof-chacha20_poly1305_test.json") {
            guard group["ivSize"] as? Int == 96 else {
                otherNonces += 1
                continue
            }
            let sealed = try #require(test.hex("ct")) + #require(test.hex("tag"))
            let (key, nonce, ad) = (
                try #require(test.hex("key")), try #require(test.hex("iv")), try #require(test.hex("aad"))
            )
            if test.isValid {
                #expect(try Cipher.chaChaPoly.open(sealed, key: key, nonce: nonce, ad: ad) == test.hex("msg"))
                #expect(try Cipher.chaChaPoly.seal(#require(test.hex("msg")), key: key, nonce: nonce, ad: ad) == sealed)
                valid += 1
            } else {
                #expect(throws: NoiseError.self) { try Cipher.chaChaPoly.open(sealed, key: key, nonce: nonce, ad: ad) }
                invalid += 1
            }
        }
        #expect(valid + invalid + otherNonces == 325 && valid > 200)
    }

    @Test func mlKEM768() throws {
        let kem = MLKEM768KEM()
        var ran = 0
        for (_, test) in try VectorFiles.wycheproof("wycheproof-mlkem_768_keygen_seed_test.json") {
            #expect(try kem.generate(seed: test.hex("seed")).publicKey == test.hex("ek"))
            ran += 1
        }
        #expect(ran == 100)
        for (_, test) in try VectorFiles.wycheproof("wycheproof-mlkem_768_test.json") {
            if test.isValid {
                let pair = try kem.generate(seed: test.hex("seed"))
                #expect(pair.publicKey == test.hex("ek"))
                #expect(try pair.decapsulate(#require(test.hex("c"))) == test.hex("K"))
            } else {
                #expect(throws: NoiseError.self) {
                    try kem.generate(seed: test.hex("seed")).decapsulate(#require(test.hex("c")))
                }
            }
            ran += 1
        }
        #expect(ran == 293)
        for (_, test) in try VectorFiles.wycheproof("wycheproof-mlkem_768_encaps_test.json") {
            let key = try #require(test.hex("ek"))
            if test.isValid {
                #expect(try kem.encapsulate(to: key).ciphertext.count == 1_088)
            } else {
                #expect(throws: NoiseError.kem) { try kem.encapsulate(to: key) }
            }
            ran += 1
        }
        #expect(ran == 558)
    }

    @Test func xWing() throws {
        let vectors = try #require(try VectorFiles.json("draft-xwing-test-vectors.json") as? [[String: Any]])
        for vector in vectors {
            let pair = try XWingKEM().generate(seed: vector.hex("seed"))
            #expect(pair.publicKey == vector.hex("pk"))
            #expect(try pair.decapsulate(#require(vector.hex("ct"))) == vector.hex("ss"))
        }
        #expect(vectors.count == 3)
    }

    @Test func theReplayWindowOfWireGuard() throws {
        let root = try #require(try VectorFiles.json("wireguard-replay-window.json") as? [String: Any])
        let sequence = try #require(root["sequence"] as? [[Any]])
        var window = ReplayWindow()
        // Their numbers are relative to the window: L is its width and one more, R the end of a key's life.
        for step in sequence {
            let text = try #require(step[0] as? String)
            let expected = try #require(step[1] as? Bool)
            let counter = try Self.counter(text)
            #expect((counter < Self.rejectAfter && window.set(counter)) == expected, "\(text)")
        }
        #expect(sequence.count == 34)
        var bulk = 0
        for run in try #require(root["bulk"] as? [[String: Any]]) {
            var window = ReplayWindow()
            let counters = try Self.range(#require(run["accept"] as? String))
            #expect(counters.count == 2_048 || counters.count == 2_049)
            let accepted = counters.count { window.set($0) }
            #expect(accepted == counters.count, "\(run)")
            for step in try #require(run["then"] as? [[Any]]) {
                let text = try #require(step[0] as? String).replacingOccurrences(of: "W", with: "2048")
                let isNew = window.set(try Self.counter(text))
                #expect(isNew == step[1] as? Bool, "\(run) \(text)")
            }
            bulk += 1
        }
        #expect(bulk == 6)
    }

    /// "1..W ascending" and the like.
    private static func range(_ text: String) throws -> [UInt64] {
        let words = text.replacingOccurrences(of: "W", with: "2048").components(separatedBy: " ")
        let ends = try words[0].components(separatedBy: "..").map(Self.counter)
        try #require(words.count == 2 && ends.count == 2)
        return words[1] == "ascending" ? Array(ends[0]...ends[1]) : Array((ends[1]...ends[0]).reversed())
    }

    private static func counter(_ text: String) throws -> UInt64 {
        let (l, r): (UInt64, UInt64) = (2_049, Self.rejectAfter)
        let flat = text.replacingOccurrences(of: "-(L-1)", with: "-L+1").replacingOccurrences(
            of: "-(L+1)", with: "-L-1"
        )
        .replacingOccurrences(of: "-(L-2)", with: "-L+2").replacingOccurrences(of: "-", with: "+-")
        return try flat.split(separator: "+").reduce(0) { total, term in
            let isNegative = term.hasPrefix("-")
            let body = isNegative ? term.dropFirst() : term
            let factor: UInt64 = body.last == "L" ? l : body.last == "R" ? r : 1
            let digits = factor == 1 ? body : body.dropLast()
            let value = try #require(digits.isEmpty ? 1 : UInt64(digits)) * factor
            return isNegative ? total &- value : total &+ value
        }
    }

    /// WireGuard's end of a key's life, which its window knows and ours leaves to the session.
    private static let rejectAfter: UInt64 = .max - (1 << 13)
}
