import EarshotModel
import Foundation
import GRDB

/// What anybody puts to a message without words: reactions, acknowledgements, reminders. Each is kept, and what
/// counts of them is found out when the message is read.
extension FactWriter {
    /// As the kinds of envelopes (Protocol.md 7, 17).
    enum Sign: Int64 {
        case reaction = 4
        case acknowledge = 7
        case remind = 8
    }

    mutating func put(
        _ sign: Sign, to target: EnvelopeID, emoji: String = "", on: Bool = true, _ place: Place
    ) throws {
        let envelope = place.envelope
        let isHidden = try self.hides(envelope)
        try self.run(
            """
            INSERT OR IGNORE INTO sign (target, id, kind, person, emoji, state, at, ordering, conversation, log, seq,
                membership, hidden) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                target.data, envelope.id.data, sign.rawValue, place.author.data, emoji.kept, on, place.at,
                place.order.bytes.data, envelope.conversation.data, envelope.log.data, Int64(clamping: envelope.seq),
                Int64(clamping: envelope.membership), isHidden,
            ])
        if !isHidden { try self.touch(target.data, "reacted", in: envelope.conversation.data) }
    }

    /// A reaction has another place in the order.
    /// - Parameter isKept: where each was kept; elsewhere an earlier Earshot kept only those that counted then.
    func place(
        reaction id: EnvelopeID, to target: EnvelopeID, _ emoji: String, _ on: Bool, by person: PersonID,
        stamp: HybridTime, _ order: OrderKey, isKept: Bool
    ) throws {
        if isKept {
            return try self.run(
                "UPDATE sign SET ordering = ? WHERE target = ? AND id = ?", [order.bytes.data, target.data, id.data])
        }
        try self.run(
            """
            INSERT INTO sign (target, id, kind, person, emoji, state, at, ordering, membership, hidden)
            VALUES (?, ?, 4, ?, ?, ?, ?, ?, 0, 0) ON CONFLICT (target, id) DO UPDATE SET ordering = excluded.ordering
            """,
            [
                target.data, id.data, person.data, emoji.kept, on, Int64(clamping: stamp.milliseconds),
                order.bytes.data,
            ])
    }

    /// How long messages are kept in a talk of two, from now on.
    func put(lifetime: UInt64, _ place: Place) throws {
        guard place.envelope.membership == 0 else { return }
        try self.run(
            "INSERT OR IGNORE INTO lifetime (conversation, id, time, ordering) VALUES (?, ?, ?, ?)",
            [
                place.envelope.conversation.data, place.envelope.id.data, Int64(clamping: lifetime),
                place.order.bytes.data,
            ])
    }

    /// Something was put to a message or taken off it.
    /// - Parameter conversation: where it was put; nothing where that is not known.
    func touch(_ message: Data, _ change: String, in conversation: Data?) throws {
        try self.run(
            """
            UPDATE message SET changed = ?1, change = ?2 WHERE id = ?3 AND hidden = 0 AND (?4 IS NULL OR conversation =
                ?4)
            """, [self.cursor, change, message, conversation])
    }
}
