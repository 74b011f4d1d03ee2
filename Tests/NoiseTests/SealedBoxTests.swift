import Foundation
import Testing

@testable import Noise

/// HPKE with X-Wing, as it seals for the absent (Protocol.md 19).
@Suite struct SealedBoxTests {
    /// The vector of draft-ietf-hpke-pq for just these three algorithms, and its ten messages.
    @Test func whatOthersSealedOpens() throws {
        let vectors = try #require(try VectorFiles.json("hpke-pq-xwing.json") as? [[String: Any]])
        var ran = 0
        for vector in vectors {
            let numbers = ["mode", "kem_id", "kdf_id", "aead_id"].map { vector[$0] as? Int }
            #expect(numbers == [0, 0x647A, 1, 3])
            let seed = try #require(vector.hex("skRm"))
            let encapsulated = try #require(vector.hex("enc"))
            let info = try #require(vector.hex("info"))
            #expect(try XWingKEM().generate(seed: seed).publicKey == vector.hex("pkRm"))
            let encryptions = try #require(vector["encryptions"] as? [[String: Any]])
            let messages = try encryptions.map { (try #require($0.hex("ct")), try #require($0.hex("aad"))) }
            let opened = try SealedBox.open(messages, encapsulated: encapsulated, seed: seed, info: info)
            #expect(opened == encryptions.compactMap { $0.hex("pt") })
            ran += opened.count
            // The first is what one message alone looks like.
            let first = try #require(messages.first)
            #expect(
                try SealedBox.open(first.0, encapsulated: encapsulated, seed: seed, info: info, ad: first.1)
                    == opened.first)
        }
        #expect(vectors.count == 1 && ran == 10)
    }

    @Test func whatIsTouchedAnywhereDoesNotOpen() throws {
        let seed = [UInt8](repeating: 3, count: 32)
        let key = try XWingKEM().generate(seed: seed).publicKey
        let sealed = try SealedBox.seal(Array("hello".utf8), to: key, info: [1], ad: [2])
        #expect(sealed.encapsulated.count == SealedBox.encapsulatedLength)
        #expect(sealed.ciphertext.count == 5 + SealedBox.tagLength && key.count == SealedBox.publicKeyLength)
        func open(
            _ ciphertext: [UInt8]? = nil, _ encapsulated: [UInt8]? = nil, seed other: [UInt8]? = nil,
            info: [UInt8] = [1], ad: [UInt8] = [2]
        ) throws -> [UInt8] {
            try SealedBox.open(
                ciphertext ?? sealed.ciphertext, encapsulated: encapsulated ?? sealed.encapsulated,
                seed: other ?? seed, info: info, ad: ad)
        }
        #expect(try open() == Array("hello".utf8))
        for bit in 0..<sealed.ciphertext.count * 8 {
            var touched = sealed.ciphertext
            touched[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: NoiseError.tag) { try open(touched) }
        }
        for place in stride(from: 0, to: sealed.encapsulated.count, by: 37) {
            var touched = sealed.encapsulated
            touched[place] ^= 1
            #expect(throws: NoiseError.self) { try open(nil, touched) }
        }
        for count in [0, 15, 16, 20] {
            #expect(throws: NoiseError.tag) { try open(Array(sealed.ciphertext.prefix(count))) }
        }
        for count in [0, 1_119, 1_121] {
            #expect(throws: NoiseError.length) { try open(nil, [UInt8](repeating: 1, count: count)) }
        }
        #expect(throws: NoiseError.tag) { try open(info: [9]) }
        #expect(throws: NoiseError.tag) { try open(ad: [9]) }
        #expect(throws: NoiseError.tag) { try open(seed: [UInt8](repeating: 4, count: 32)) }
        #expect(throws: NoiseError.kem) { try open(seed: [1]) }
        #expect(throws: NoiseError.kem) { try SealedBox.seal([1], to: Array(key.dropLast()), info: [], ad: []) }
    }
}
