import EarshotModel
import Noise

/// The first 32 bytes of a call: which protocol, and a gate that only someone passes who has seen our advert, or knows
/// the key that it takes (Protocol.md 3).
package enum Hello {
    package static let length = 32
    static let messageOne = 1_216
    static let messageTwo = 1_712
    static let messageThree = 576
    private static let start: [UInt8] = Array("EARSHOT".utf8) + [1, 1, 0, 0, 0]
    private static let anyone = String(repeating: "-", count: 16)

    /// `epoch` is unix seconds / 900; it only varies the gate.
    package static func head(epoch: UInt32) -> [UInt8] { Self.start + epoch.bigEndianBytes }

    package static func prologue(_ head: [UInt8]) -> [UInt8] { Array("earshot/1\0".utf8) + head }

    /// The gate for a node known by its advert, or by nothing but an address.
    package static func gate(head: [UInt8], message: [UInt8], short: String?) -> [UInt8] {
        Self.gate(blake2b(person: "earshot.gopen.1", Array((short ?? Self.anyone).utf8)), head, message)
    }

    /// The gate for a node that has told us its key.
    package static func gate(head: [UInt8], message: [UInt8], key: DiscoveryKey) -> [UInt8] {
        Self.gate(key.bytes, head, message)
    }

    private static func gate(_ key: [UInt8], _ head: [UInt8], _ message: [UInt8]) -> [UInt8] {
        blake2b(person: "earshot.gate.v1", key: key, length: 16, head + message)
    }

    /// Whether bytes so far can be the beginning of a hello.
    static func mayBegin(_ bytes: some Collection<UInt8>) -> Bool { zip(bytes, Self.start).allSatisfy { $0 == $1 } }

    /// How a hello and message 1 pass the gate of the node `short`; `nil` if they do not.
    static func passes(_ hello: [UInt8], message: [UInt8], short: String, _ gate: Gate) -> Pass? {
        let head = Array(hello.prefix(16))
        guard hello.count == Self.length, head.starts(with: Self.start) else { return nil }
        let shown = Array(hello.dropFirst(16))
        if let key = gate.key, constantTimeEqual(shown, Self.gate(head: head, message: message, key: key)) {
            return .byKey(shown)
        }
        guard gate.isOpen else { return nil }
        let isOpen =
            constantTimeEqual(shown, Self.gate(head: head, message: message, short: short))
            || constantTimeEqual(shown, Self.gate(head: head, message: message, short: nil))
        return isOpen ? .open : nil
    }

    enum Pass: Equatable {
        case open
        /// With the 16 bytes that passed: a closed gate they pass once.
        case byKey([UInt8])
    }
}
