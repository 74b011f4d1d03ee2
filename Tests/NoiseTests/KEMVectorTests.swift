import Foundation
import Noise
import Testing

/// The KEMs where implementations have gone wrong.
@Suite struct KEMVectorTests {
    /// 780 public keys of C2SP's collection, each with a coefficient that is not reduced.
    @Test func aKeyThatIsNotReducedIsRefused() throws {
        var ran = 0
        for line in try VectorFiles.text("cctv-modulus-768.txt").split(separator: "\n") {
            let key = try #require(bytes(hex: String(line)))
            #expect(key.count == 1_184)
            #expect(throws: NoiseError.kem) { try MLKEM768KEM().encapsulate(to: key) }
            ran += 1
        }
        #expect(ran == 780)
    }

    /// FIPS 203's implicit rejection: a touched ciphertext gives another secret, and no error that would tell.
    @Test func aTouchedCiphertextGivesAnotherSecret() throws {
        let pair = try MLKEM768KEM().generate(seed: [UInt8](repeating: 1, count: 64))
        let (ciphertext, secret) = try MLKEM768KEM().encapsulate(to: pair.publicKey)
        for place in [0, 500, 1_087] {
            var touched = ciphertext
            touched[place] ^= 1
            let other = try pair.decapsulate(touched)
            #expect(other.count == 32 && other != secret)
            #expect(try pair.decapsulate(touched) == other)
        }
    }

    @Test func wrongLengthsAreErrors() throws {
        let kems: [any KEM] = [MLKEM768KEM(), XWingKEM()]
        for kem in kems {
            let pair = try kem.generate(seed: nil)
            #expect(pair.publicKey.count == kem.publicKeyLength)
            for count in [0, 1, 31, 33, 63, 65] {
                #expect(throws: NoiseError.kem) { try kem.generate(seed: [UInt8](repeating: 1, count: count)) }
            }
            for count in [0, 1, kem.ciphertextLength - 1, kem.ciphertextLength + 1] {
                #expect(throws: NoiseError.kem) { try pair.decapsulate([UInt8](repeating: 1, count: count)) }
            }
            for count in [0, 1, kem.publicKeyLength - 1, kem.publicKeyLength + 1] {
                #expect(throws: NoiseError.kem) { try kem.encapsulate(to: [UInt8](repeating: 1, count: count)) }
            }
            let (ciphertext, secret) = try kem.encapsulate(to: pair.publicKey)
            #expect(ciphertext.count == kem.ciphertextLength && secret.count == 32)
            #expect(try pair.decapsulate(ciphertext) == secret)
        }
    }
}
