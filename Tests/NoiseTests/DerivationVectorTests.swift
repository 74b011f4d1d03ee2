import Foundation
import Noise
import Testing

/// HMAC, HKDF and AES-GCM against answers that others computed.
@Suite struct DerivationVectorTests {
    @Test func hmacSHA256() throws {
        var (valid, invalid) = (0, 0)
        for (_, test) in try VectorFiles.wycheproof("wycheproof-hmac_sha256_test.json") {
            let tag = try #require(test.hex("tag"))
            let ours = NoiseHash.sha256.hmac(key: try #require(test.hex("key")), try #require(test.hex("msg")))
            #expect((Array(ours.prefix(tag.count)) == tag) == test.isValid, "\(test["tcId"] ?? "")")
            if test.isValid { valid += 1 } else { invalid += 1 }
        }
        #expect(valid == 66 && invalid == 108)
    }

    /// Extract is an HMAC; Expand is what our labels use. The three invalid ones ask for more than 8,160 bytes, which
    /// no label of ours does.
    @Test func hkdfSHA256() throws {
        var (valid, tooLong) = (0, 0)
        for (_, test) in try VectorFiles.wycheproof("wycheproof-hkdf_sha256_test.json") {
            guard test.isValid else {
                tooLong += 1
                continue
            }
            let prk = NoiseHash.sha256.hmac(key: try #require(test.hex("salt")), try #require(test.hex("ikm")))
            let length = try #require(test["size"] as? Int)
            #expect(hkdfExpand(prk, info: try #require(test.hex("info")), length: length) == test.hex("okm"))
            valid += 1
        }
        #expect(valid == 83 && tooLong == 3)
    }

    /// Cases 13 and 14 of the GCM specification: key and nonce all zeros, as a first frame has it.
    @Test func aesGCMAsItsSpecificationHasIt() throws {
        let key = [UInt8](repeating: 0, count: 32)
        #expect(try Cipher.aesGCM.seal([], key: key, counter: 0) == bytes(hex: "530f8afbc74536b9a963b4f1c4cb738b"))
        let sealed = try Cipher.aesGCM.seal([UInt8](repeating: 0, count: 16), key: key, counter: 0)
        #expect(sealed == bytes(hex: "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"))
    }

    /// Written by Python's `cryptography`: the counter is little-endian behind four zeros, and the last nonce makes
    /// the next key.
    @Test(arguments: [
        (
            Cipher.aesGCM, "79998d360a40bcbdd074e4688edcaee4304c7c6503cd18",
            "0201675c87335949b909793da5bb4d92fcf6d44b92a6e0792b6ae48b1881259d"
        ),
        (
            .chaChaPoly, "9528df97c3569e3f46ef69a16aedb63aa372edd2d39ca9",
            "50835543a205b22c9323f2022bc4f67d838f90e61d5ccf33c4513e01f85b5042"
        ),
    ])
    func noncesAndRekeyAreThoseOfOtherLibraries(cipher: Cipher, sealed: String, nextKey: String) throws {
        let key = Array(UInt8(0)..<32)
        let counter: UInt64 = 0x0102_0304_0506_0708
        let ours = try cipher.seal(Array("earshot".utf8), key: key, counter: counter, ad: Array("head".utf8))
        #expect(ours == bytes(hex: sealed))
        #expect(try cipher.open(ours, key: key, counter: counter, ad: Array("head".utf8)) == Array("earshot".utf8))
        #expect(throws: NoiseError.tag) { try cipher.open(ours, key: key, counter: counter, ad: Array("tail".utf8)) }
        #expect(throws: NoiseError.tag) {
            try cipher.open(ours, key: key, counter: counter + 1, ad: Array("head".utf8))
        }
        var state = try CipherState(key: key, cipher: cipher, counter: 7)
        try state.rekey()
        #expect(state.key == bytes(hex: nextKey) && state.counter == 7)
    }

    /// Longer messages of ChaCha20-Poly1305 take another library; the answers are again Python's.
    @Test(arguments: [
        (Cipher.aesGCM, "68e13ed8bbaf78c36cc95966b12ee2f824ea746b454ef75a81f2ce7bf514cd11"),
        (.chaChaPoly, "9bb486a69291da4a853cd15b8620273f737a6a2e659d4fc01df04498a0711f16"),
    ])
    func longMessagesAreSealedAsOtherLibrariesDo(cipher: Cipher, hash: String) throws {
        let (key, plaintext) = (Array(UInt8(0)..<32), (0..<5_000).map { UInt8($0 % 251) })
        let sealed = try cipher.seal(plaintext, key: key, counter: 9, ad: Array("head".utf8))
        #expect(blake2b(person: "test", sealed) == bytes(hex: hash))
        for length in [0, 1, 63, 64, 65, 4_095, 4_096, 4_097, 65_519] {
            let plaintext = [UInt8](repeating: 3, count: length)
            var sealed = try cipher.seal(plaintext, key: key, counter: 1)
            #expect(try cipher.open(sealed, key: key, counter: 1) == plaintext)
            for place in [0, length / 2, length, length + 15] {
                sealed[place] ^= 0x80
                #expect(throws: NoiseError.tag) { try cipher.open(sealed, key: key, counter: 1) }
                sealed[place] ^= 0x80
            }
            #expect(throws: NoiseError.self) { try cipher.open(sealed.dropLast(), key: key, counter: 1) }
            #expect(throws: NoiseError.key) { try cipher.open(sealed, key: key.dropLast(), counter: 1) }
            #expect(throws: NoiseError.key) { try cipher.seal(plaintext, key: key + [0], counter: 1) }
        }
    }

    @Test func everyFileIsTheOneItsProvenanceNames() throws {
        let entries = try #require(try VectorFiles.json("PROVENANCE.json") as? [[String: Any]])
        let named = Set(entries.compactMap { $0["file"] as? String })
        let present = Set(try VectorFiles.all(["json", "txt"]).map(\.lastPathComponent)).subtracting(["PROVENANCE.json"]
        )
        #expect(named == present && named.count == 17)
        for entry in entries {
            let name = try #require(entry["file"] as? String)
            #expect(try VectorFiles.data(name).count == entry["bytes"] as? Int, "\(name)")
        }
    }
}
