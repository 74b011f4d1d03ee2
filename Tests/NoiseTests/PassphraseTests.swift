import Noise
import Testing

/// argon2id as others compute it: by OpenSSL 3 (its Argon2id, one lane), RFC 9106.
@Suite struct PassphraseTests {
    let salt = [UInt8](0..<16)

    @Test func othersComputeTheSame() throws {
        let key = passphraseKey(Array("Füße und Hände".utf8), salt: self.salt, cost: .small)
        #expect(key == bytes(hex: "2bcbb39b5b9c0dee905679efdcb23a30da730d84b5fb49e73f994578cd1b27e0"))
        let two = try #require(PassphraseCost(operations: 2, memory: 65_536))
        let empty = passphraseKey([], salt: self.salt, cost: two)
        #expect(empty == bytes(hex: "bed4350c496024724d50592eb2cd4f61b3333ea871c495f63a4f687aed67f82c"))
    }

    @Test func whatIsCheapOrRuinousIsNotBelieved() {
        #expect(PassphraseCost(operations: 1, memory: 65_536) == nil)
        #expect(PassphraseCost(operations: 3, memory: 65_535) == nil)
        #expect(PassphraseCost(operations: 17, memory: 65_536) == nil)
        #expect(PassphraseCost(operations: 3, memory: .max) == nil)
        #expect(passphraseKey([1], salt: [1], cost: .small) == nil)
    }

    @Test func aStreamIsOpenedInOrderAndWhole() throws {
        let key = [UInt8](repeating: 3, count: 32)
        var sealer = try StreamSealer(key: key)
        let pieces = [[1, 2, 3], [], [UInt8](repeating: 9, count: 1_000)]
        let sealed = pieces.enumerated().map { sealer.seal($1, aad: [7], isLast: $0 == 2) }
        func opened(_ order: [Int], aad: [UInt8] = [7]) throws -> Int {
            var opener = try StreamOpener(key: key, header: sealer.header)
            var count = 0
            for index in order {
                guard let (piece, isLast) = opener.open(sealed[index], aad: aad) else { return count }
                #expect(piece == pieces[index] && isLast == (index == 2))
                count += 1
            }
            return count
        }
        #expect(try opened([0, 1, 2]) == 3)
        #expect(try opened([1, 0, 2]) == 0)
        #expect(try opened([0, 2]) == 1)
        #expect(try opened([0, 1, 2], aad: []) == 0)
        var opener = try StreamOpener(key: key, header: sealer.header)
        #expect(opener.open([UInt8](repeating: 0, count: 16), aad: [7]) == nil)
        #expect(throws: NoiseError.self) { try StreamOpener(key: key, header: [1]) }
        #expect(throws: NoiseError.self) { try StreamSealer(key: [1]) }
    }
}
