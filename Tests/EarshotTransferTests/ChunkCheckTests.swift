import EarshotModel
import EarshotWire
import Noise
import Testing

@testable import EarshotTransfer

/// Which bytes are let through, and when.
@Suite struct ChunkCheckTests {
    private static let chunk = Int(ChunkProof.chunk)
    private let author: SigningKeyPair
    private let share: ShareID

    init() throws {
        self.author = try SigningKeyPair(seed: [UInt8](repeating: 7, count: 32))
        self.share = try #require(ShareID([UInt8](repeating: 3, count: 16)))
    }

    private func check(_ length: Int, proven: Bool = true, fromAuthor: Bool = false, at offset: Int = 0) -> ChunkCheck {
        ChunkCheck(
            share: self.share, length: UInt64(length), key: proven ? self.author.publicKey : nil,
            holdsBack: !fromAuthor, at: UInt64(offset))
    }

    private func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) } }

    private func passes(_ bytes: [UInt8], _ check: ChunkCheck) throws -> Bool {
        try bytes.withUnsafeBytes { bytes throws(ProtocolError) in try check.passes(bytes) }
    }

    private func proof(_ bytes: [UInt8], _ index: UInt64) -> [UInt8] {
        var hash = ChunkHash()
        bytes.withUnsafeBytes { hash.update($0) }
        return ChunkProof.sign(self.share, index: index, hash: hash.finish(), with: self.author)
    }

    @Test func whatOthersPassOnWaitsForItsProof() throws {
        let check = self.check(Self.chunk + 10)
        let (first, last) = (self.bytes(Self.chunk), self.bytes(10))
        #expect(try !self.passes(Array(first[..<1_000]), check))
        #expect(!check.awaitsProof)
        #expect(try !self.passes(Array(first[1_000...]), check))
        #expect(check.awaitsProof)
        #expect(try check.prove(0, self.proof(first, 0)).map { Array($0) } == first)
        #expect(try !self.passes(last, check))
        #expect(check.awaitsProof, "the last chunk is a short one")
        #expect(try check.prove(1, self.proof(last, 1)).map { Array($0) } == last)
        #expect(check.received == UInt64(Self.chunk + 10))
    }

    @Test func whatTheAuthorSendsIsWrittenAtOnceAndCheckedAllTheSame() throws {
        let check = self.check(Self.chunk, fromAuthor: true)
        let bytes = self.bytes(Self.chunk)
        #expect(try self.passes(bytes, check))
        #expect(check.awaitsProof)
        #expect(throws: ProtocolError.badSignature("chunk 0")) { try check.prove(0, self.proof(bytes, 1)) }
    }

    @Test func aChunkThatWasChangedOnTheWayIsRefused() throws {
        let check = self.check(Self.chunk)
        var bytes = self.bytes(Self.chunk)
        let proof = self.proof(bytes, 0)
        bytes[5] ^= 1
        _ = try self.passes(bytes, check)
        #expect(throws: ProtocolError.badSignature("chunk 0")) { try check.prove(0, proof) }
    }

    @Test func aProofOfAnotherChunkAndDataBeforeAProofAreRefused() throws {
        let check = self.check(2 * Self.chunk)
        let bytes = self.bytes(Self.chunk)
        #expect(throws: ProtocolError.self) { try check.prove(0, self.proof(bytes, 0)) }
        _ = try self.passes(bytes, check)
        #expect(throws: ProtocolError.self) { try check.prove(1, self.proof(bytes, 1)) }
        #expect(throws: ProtocolError.self) { _ = try self.passes([1], check) }
    }

    @Test func nothingIsProvenWhereNobodySigns() throws {
        let check = self.check(100, proven: false, fromAuthor: true, at: 40)
        #expect(try self.passes(self.bytes(60), check))
        #expect(!check.awaitsProof && check.received == 100)
    }

    @Test func whatTheAuthorLeftOutEndsInAChunkThatNothingProves() throws {
        let check = self.check(3 * Self.chunk, fromAuthor: true)
        _ = try self.passes(self.bytes(100), check)
        try check.skip(to: UInt64(Self.chunk + 100))
        #expect(check.received == UInt64(Self.chunk + 100))
        #expect(try self.passes(self.bytes(Self.chunk - 100), check))
        #expect(!check.awaitsProof, "its beginning is missing")
        let last = self.bytes(Self.chunk)
        #expect(try self.passes(last, check))
        #expect(check.awaitsProof)
        _ = try check.prove(2, self.proof(last, 2))
    }

    @Test func onlyTheAuthorSkipsAndOnlyForward() throws {
        #expect(throws: ProtocolError.self) { try self.check(100).skip(to: 50) }
        let check = self.check(100, fromAuthor: true, at: 50)
        #expect(throws: ProtocolError.self) { try check.skip(to: 49) }
        try check.skip(to: 50)
        #expect(check.received == 50)
    }
}
