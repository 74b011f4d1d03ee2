import CSodium

/// What it costs to try one passphrase: argon2id (RFC 9106) by libsodium.
package struct PassphraseCost: Sendable, Hashable {
    package let operations: UInt32
    /// KiB.
    package let memory: UInt32

    /// What is believed of a file: less is not worth the name, more would be an attack on whoever opens it.
    package static let operationsRange: ClosedRange<UInt32> = 2...16
    package static let memoryRange: ClosedRange<UInt32> = 65_536...1_048_576

    /// Nothing where it is outside of what is believed.
    package init?(operations: UInt32, memory: UInt32) {
        guard Self.operationsRange.contains(operations), Self.memoryRange.contains(memory) else { return nil }
        (self.operations, self.memory) = (operations, memory)
    }

    private init(trusted operations: UInt32, memory: UInt32) {
        (self.operations, self.memory) = (operations, memory)
    }

    /// For a machine with 2 GiB and more, and for a small board.
    package static let usual = PassphraseCost(trusted: 3, memory: 262_144)
    package static let small = PassphraseCost(trusted: 3, memory: 65_536)
}

/// 32 bytes out of a passphrase and a salt of 16; nothing where there is not enough memory.
package func passphraseKey(_ passphrase: [UInt8], salt: [UInt8], cost: PassphraseCost) -> [UInt8]? {
    guard salt.count == Int(crypto_pwhash_saltbytes()) else { return nil }
    var key = [UInt8](repeating: 0, count: 32)
    // One byte more, so that an empty one has a place, too.
    let text = passphrase.map { CChar(bitPattern: $0) } + [0]
    let status = crypto_pwhash(
        &key, 32, text, UInt64(passphrase.count), salt, UInt64(cost.operations), Int(cost.memory) << 10,
        crypto_pwhash_alg_argon2id13())
    return status == 0 ? key : nil
}
