/// A handshake pattern as data: what is known before, and which tokens each message carries (Noise 7, 9 and the
/// hybrid extension).
package struct Pattern: Hashable, Sendable {
    package enum Token: String, Sendable {
        case e, s, ee, es, se, ss, psk
        /// The initiator's KEM public key.
        case e1
        /// A ciphertext for it.
        case ekem1
    }

    package let name: String
    package let initiatorKnown: Bool
    package let responderKnown: Bool
    /// The first message is the initiator's, then in turn.
    package let messages: [[Token]]

    var usesPSK: Bool { self.messages.contains { $0.contains(.psk) } }

    /// A pattern by its name, with `psk0`, `psk1+psk2` and so on as modifiers.
    package init?(_ name: String) {
        let base = String(name.prefix { $0.isUppercase || $0 == "1" })
        let modifiers = name.dropFirst(base.count).split(separator: "+").map(String.init)
        let isHybrid = modifiers.contains("hfs")
        guard let text = Self.table[isHybrid ? base + "hfs" : base] else { return nil }
        let parts = text.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { return nil }
        var messages = parts[1].split(separator: ";").map { message in
            message.split(separator: " ").compactMap { Token(rawValue: String($0)) }
        }
        for modifier in modifiers where modifier != "hfs" {
            guard modifier.hasPrefix("psk"), let place = Int(modifier.dropFirst(3)),
                (0...messages.count).contains(place)
            else {
                return nil
            }
            if place == 0 { messages[0].insert(.psk, at: 0) } else { messages[place - 1].append(.psk) }
        }
        self.name = name
        self.initiatorKnown = parts[0].contains(">s")
        self.responderKnown = parts[0].contains("<s")
        self.messages = messages
    }

    /// Known before | message; message; … `>s` is the initiator's static key, `<s` the responder's.
    private static let table: [String: String] = [
        "N": "<s|e es", "K": ">s <s|e es ss", "X": "<s|e es s ss",
        "NN": "|e;e ee", "NK": "<s|e es;e ee", "NX": "|e;e ee s es",
        "XN": "|e;e ee;s se", "XK": "<s|e es;e ee;s se", "XX": "|e;e ee s es;s se",
        "KN": ">s|e;e ee se", "KK": ">s <s|e es ss;e ee se", "KX": ">s|e;e ee se s es",
        "IN": "|e s;e ee se", "IK": "<s|e es s ss;e ee se", "IX": "|e s;e ee se s es",
        "NK1": "<s|e;e ee es", "NX1": "|e;e ee s;es",
        "X1N": "|e;e ee;s;se", "X1K": "<s|e es;e ee;s;se", "XK1": "<s|e;e ee es;s se", "X1K1": "<s|e;e ee es;s;se",
        "X1X": "|e;e ee s es;s;se", "XX1": "|e;e ee s;es s se", "X1X1": "|e;e ee s;es s;se",
        "K1N": ">s|e;e ee;se", "K1K": ">s <s|e es;e ee;se", "KK1": ">s <s|e;e ee se es", "K1K1": ">s <s|e;e ee es;se",
        "K1X": ">s|e;e ee s es;se", "KX1": ">s|e;e ee se s;es", "K1X1": ">s|e;e ee s;se es",
        "I1N": "|e s;e ee;se", "I1K": "<s|e es s;e ee;se", "IK1": "<s|e s;e ee se es", "I1K1": "<s|e s;e ee es;se",
        "I1X": "|e s;e ee s es;se", "IX1": "|e s;e ee se s;es", "I1X1": "|e s;e ee s;se es",
        "XXhfs": "|e e1;e ee ekem1 s es;s se",
    ]
}
