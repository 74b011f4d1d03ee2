import Noise
import Testing

/// CPace with ristretto255 and SHA-512, by the vectors of its draft: each step by itself, the whole run from both
/// sides, and the points that must be refused.
@Suite struct CPaceVectorTests {
    private func entry(_ name: String) throws -> [String: Any] {
        let root = try #require(try VectorFiles.json("cpace-testvectors.json") as? [String: Any])
        return try #require(root[name] as? [String: Any])
    }

    @Test func everyStepOfTheDraftsRunIsOurs() throws {
        let vector = try self.entry("G_Coffee25519")
        func hex(_ key: String) throws -> [UInt8] { try #require(vector.hex(key), "\(key)") }
        let (code, channel, sid) = (try hex("PRS"), try hex("CI"), try hex("sid"))
        var checked = 0
        func check(_ made: [UInt8]?, _ key: String) throws {
            #expect(made == (try hex(key)), "\(key)")
            checked += 1
        }
        try check(CPace.generator(code: code, channel: channel, sid: sid), "g")
        let one = try CPace(code: code, channel: channel, sid: sid, scalar: hex("ya"))
        let other = try CPace(code: code, channel: channel, sid: sid, scalar: hex("yb"))
        try check(one.share, "Ya")
        try check(other.share, "Yb")
        try check(CPace.multiply(hex("ya"), hex("Yb")), "K")
        try check(CPace.multiply(hex("yb"), hex("Ya")), "K")
        let (ada, adb) = (try hex("ADa"), try hex("ADb"))
        try check(one.secret(with: other.share, isInitiator: true, mine: ada, their: adb), "ISK_IR")
        try check(other.secret(with: one.share, isInitiator: false, mine: adb, their: ada), "ISK_IR")
        #expect(checked == 7)
    }

    @Test func pointsThatAreNoneAndTheNeutralOneAreRefused() throws {
        let points = try self.entry("G_Coffee25519_points")
        let valid = try #require(points["Valid"] as? [String: Any])
        let scalar = try #require(valid.hex("s"))
        #expect(CPace.multiply(scalar, try #require(valid.hex("X"))) == valid.hex("G.scalar_mult_vfy(s,X)"))
        let run = try CPace(code: [1], channel: [2], sid: [3], scalar: scalar)
        var refused = 0
        for key in points.keys where key.hasPrefix("Invalid") {
            let point = try #require(points.hex(key))
            #expect(CPace.multiply(scalar, point) == nil, "\(key)")
            #expect(run.secret(with: point, isInitiator: true) == nil, "\(key)")
            refused += 1
        }
        #expect(refused == 2)
        #expect(CPace.multiply(scalar, [UInt8](repeating: 0xFF, count: 32)) == nil, "above the field's prime")
        #expect(run.secret(with: [], isInitiator: true) == nil)
    }

    @Test func anotherCodeChannelOrSessionGivesAnotherSecret() throws {
        func run(_ code: [UInt8], _ channel: [UInt8], _ sid: [UInt8], _ byte: UInt8) throws -> CPace {
            try CPace(code: code, channel: channel, sid: sid, chance: [UInt8](repeating: byte, count: 64))
        }
        let mine = try run([1], [2], [3], 7)
        for (code, channel, sid) in [([1], [2], [3]), ([9], [2], [3]), ([1], [9], [3]), ([1], [2], [9])]
            as [([UInt8], [UInt8], [UInt8])]
        {
            let theirs = try run(code, channel, sid, 8)
            let one = mine.secret(with: theirs.share, isInitiator: true)
            let isSame = one == theirs.secret(with: mine.share, isInitiator: false)
            #expect(one?.count == 64 && isSame == (code == [1] && channel == [2] && sid == [3]))
        }
        #expect(mine.secret(with: mine.share, isInitiator: true)?.count == 64)
        #expect(throws: NoiseError.key) { try run([1], [2], [3], 0) }
        #expect(CPace.prefixed([UInt8](repeating: 0, count: 300)).prefix(2) == [0xAC, 0x02])
    }
}
