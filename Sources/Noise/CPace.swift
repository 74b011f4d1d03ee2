import CSodium

/// Agreement by a short code that both know (CPace, draft-irtf-cfrg-cpace, with ristretto255 and SHA-512): whoever
/// does not know the code gets one guess for each run, and learns nothing but whether it was right.
package struct CPace: Sendable {
    /// What goes to the other side, 32 bytes.
    package let share: [UInt8]

    private let sid: [UInt8]
    private let scalar: [UInt8]

    /// - Parameters:
    ///   - code: what both know (PRS).
    ///   - channel: who talks to whom, the same on both sides (CI).
    ///   - sid: the session, the same on both sides.
    ///   - chance: 64 random bytes, used once.
    /// - Throws: `key` where `chance` has another length or the scalar that comes of it is zero.
    package init(code: [UInt8], channel: [UInt8], sid: [UInt8], chance: [UInt8]) throws(NoiseError) {
        guard chance.count == 64 else { throw .key }
        var scalar = [UInt8](repeating: 0, count: 32)
        crypto_core_ristretto255_scalar_reduce(&scalar, chance)
        try self.init(code: code, channel: channel, sid: sid, scalar: scalar)
    }

    /// With a scalar that is given, little-endian: for vectors.
    package init(code: [UInt8], channel: [UInt8], sid: [UInt8], scalar: [UInt8]) throws(NoiseError) {
        guard scalar.count == 32 else { throw .key }
        guard let share = Self.multiply(scalar, Self.generator(code: code, channel: channel, sid: sid)) else {
            throw .key
        }
        (self.share, self.sid, self.scalar) = (share, sid, scalar)
    }

    /// What both have at the end (ISK), 64 bytes; `nil` if the other's share is no point, or the neutral one. The
    /// associated data of both sides are empty in Earshot.
    /// - Parameter isInitiator: whether ours is the initiator's share.
    package func secret(
        with theirs: [UInt8], isInitiator: Bool, mine: [UInt8] = [], their: [UInt8] = []
    ) -> [UInt8]? {
        guard theirs.count == 32, let point = Self.multiply(self.scalar, theirs) else { return nil }
        let (ours, others) = (
            Self.prefixed(self.share) + Self.prefixed(mine), Self.prefixed(theirs) + Self.prefixed(their)
        )
        return Self.sha512(
            Self.prefixed(Array("CPaceRistretto255_ISK".utf8)) + Self.prefixed(self.sid) + Self.prefixed(point)
                + (isInitiator ? ours + others : others + ours))
    }

    /// Bytes with their length before them, as LEB128.
    package static func prefixed(_ bytes: [UInt8]) -> [UInt8] {
        var (out, rest) = ([UInt8](), bytes.count)
        repeat {
            out.append(UInt8(rest & 0x7F) | (rest > 0x7F ? 0x80 : 0))
            rest >>= 7
        } while rest > 0
        return out + bytes
    }

    /// The string that the generator is hashed from: the code fills the first block of SHA-512.
    package static func generatorString(code: [UInt8], channel: [UInt8], sid: [UInt8]) -> [UInt8] {
        let domain = Self.prefixed(Array("CPaceRistretto255".utf8))
        let secret = Self.prefixed(code)
        let zeros = [UInt8](repeating: 0, count: max(0, 128 - 1 - secret.count - domain.count))
        return domain + secret + Self.prefixed(zeros) + Self.prefixed(channel) + Self.prefixed(sid)
    }

    package static func generator(code: [UInt8], channel: [UInt8], sid: [UInt8]) -> [UInt8] {
        var point = [UInt8](repeating: 0, count: 32)
        _ = crypto_core_ristretto255_from_hash(
            &point, Self.sha512(Self.generatorString(code: code, channel: channel, sid: sid)))
        return point
    }

    /// `nil` for what encodes no point and for the neutral one, as factor or product (`scalar_mult_vfy`).
    package static func multiply(_ scalar: [UInt8], _ point: [UInt8]) -> [UInt8]? {
        guard scalar.count == 32, point.count == 32 else { return nil }
        var out = [UInt8](repeating: 0, count: 32)
        return crypto_scalarmult_ristretto255(&out, scalar, point) == 0 ? out : nil
    }

    private static func sha512(_ data: [UInt8]) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: 64)
        crypto_hash_sha512(&out, data, UInt64(data.count))
        return out
    }
}
