import EarshotModel
import Foundation
import GRDB

/// Where an envelope stands, for what it does to messages.
struct Place {
    let envelope: Envelope
    let author: PersonID
    let order: OrderKey
    let arrived: Timestamp

    init(_ envelope: Envelope, author: PersonID, order: OrderKey, arrived: Timestamp) {
        self.envelope = envelope
        self.author = author
        self.order = order
        self.arrived = arrived
    }

    var stamp: Int64 { Int64(clamping: self.envelope.stamp.raw) }

    /// 2025: a clock before it was never set and says nothing of others.
    private static let unset = Timestamp(milliseconds: 1_735_689_600_000)

    /// When it was written, as it is shown: the stamp, unless that cannot be. It is not ahead of when it came, and
    /// not long before what it answers.
    var at: Int64 {
        let stamp = Timestamp(milliseconds: self.envelope.stamp.milliseconds)
        guard self.arrived >= Self.unset else { return stamp.sql }
        if self.envelope.stamp.isFar(ahead: self.arrived) { return self.arrived.sql }
        if let above = self.order.above, !above.isFar(ahead: self.arrived), above.isFar(ahead: stamp) {
            return self.arrived.sql
        }
        return stamp.sql
    }
}

/// Folding envelopes into messages (Protocol.md 7), in whatever order they come.
extension FactWriter {
    mutating func fold(_ content: Content, _ place: Place) throws {
        if !content.isShown { try self.mark(place.envelope.id, place.order) }
        switch content {
        case .text(let text) where text.part > 0: try self.add(part: text, place)
        case .text(let text): try self.add(text, unknown: nil, place)
        case .file(let offer): try self.add(Content.Text(offer.name), unknown: nil, offer: offer, place)
        // Of transfers the rules have their own facts.
        case .answer: break
        // What changes a room is for the rules alone.
        case .room: break
        case .acknowledge(let target): try self.put(.acknowledge, to: target, place)
        case .remind(let target): try self.put(.remind, to: target, place)
        case .lifetime(let time): try self.put(lifetime: time, place)
        case .invitation(let invitation):
            guard try self.kind(of: place.envelope.conversation) == .two else {
                return try self.add(Content.Text(""), unknown: place.envelope.kind, place)
            }
            try self.add(Content.Text(invitation.charter.name), unknown: nil, invitation: invitation, place)
        case .unknown(let kind): try self.add(Content.Text(""), unknown: kind, place)
        case .edit(let target, let text): try self.amend(target, text: text, place)
        case .delete(let target): try self.amend(target, text: nil, place)
        case .reaction(let target, let emoji, let on): try self.put(.reaction, to: target, emoji: emoji, on: on, place)
        }
    }

    /// The line of an envelope that could not be put into the history, so that people see that there is something.
    mutating func stand(in content: Content, _ place: Place, _ why: String) throws {
        guard content.isShown else { return try self.mark(place.envelope.id, place.order) }
        try self.add(Content.Text(""), unknown: nil, place)
        try self.run("UPDATE message SET problem = ? WHERE id = ?", [why, place.envelope.id.data])
    }

    private mutating func add(
        _ text: Content.Text, unknown: UInt32?, offer: FileOffer? = nil, invitation: Invitation? = nil, _ place: Place
    ) throws {
        let envelope = place.envelope
        if text.parts > 1 { try self.keep(text, of: envelope.id, place) }
        let seq = Int64(clamping: envelope.seq)
        try self.run(
            hot: """
                INSERT OR IGNORE INTO message
                (id, conversation, author, device, log, seq, last, text, parts, held, reply, at, stamp, arrived,
                    unknown, offer, changed, change, ordering, membership, hidden, asks, mentions, expires,
                    invitation)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'said', ?, ?, ?, ?, ?, ?, ?)
                """,
            [
                .id(envelope.id), .id(envelope.conversation), .id(place.author), .id(envelope.device),
                .log(envelope.log), .integer(seq),
                .integer(Int64(clamping: envelope.seq &+ UInt64(max(1, text.parts)) &- 1)), .text(text.text.kept),
                .integer(Int64(text.parts)), .integer(1),
                text.replyTo.map { .id($0) } ?? .nothing, .integer(place.at), .integer(place.stamp),
                .integer(place.arrived.sql),
                unknown.map { .integer(Int64($0)) } ?? .nothing, offer.map { .text(json($0)) } ?? .nothing,
                .integer(self.cursor),
                .bytes(place.order.bytes), .integer(Int64(clamping: envelope.membership)),
                .integer(try self.hides(envelope) ? 1 : 0),
                .integer(text.extras.asks ? 1 : 0),
                text.extras.mentions.isEmpty ? .nothing : .bytes(text.extras.mentions.flatMap(\.bytes)),
                self.expiry(text.extras.lifetime, place).map { .integer($0) } ?? .nothing,
                invitation.map { .text(json(InvitationRecord($0))) } ?? .nothing,
            ])
        if text.parts > 1 { try self.join(envelope.id, by: place.author, in: envelope.conversation) }
        try self.applyWaiting(to: envelope.id, by: place.author, in: envelope.conversation)
    }

    /// When it goes by itself: so many ms after it came, or, of our own, after it was written.
    private func expiry(_ lifetime: UInt64, _ place: Place) -> Int64? {
        guard lifetime > 0 else { return nil }
        let from = place.author == self.me ? place.at : place.arrived.sql
        let end = from.addingReportingOverflow(Int64(clamping: lifetime))
        return end.overflow ? .max : end.partialValue
    }

    /// Where a part lies is its key: the same part may be told of in two places, and only one of them counts.
    private mutating func keep(_ text: Content.Text, of first: EnvelopeID, _ place: Place) throws {
        try self.run(
            """
            INSERT OR IGNORE INTO part (first, log, seq, part, author, text, conversation, membership, hidden)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                first.data, place.envelope.log.data, Int64(clamping: place.envelope.seq), Int64(text.part),
                place.author.data,
                text.text.kept, place.envelope.conversation.data, Int64(clamping: place.envelope.membership),
                try self.hides(place.envelope),
            ])
    }

    /// A later part of a long text: kept, and joined once all are here.
    private mutating func add(part text: Content.Text, _ place: Place) throws {
        guard let first = text.first else { return }
        try self.keep(text, of: first, place)
        try self.join(first, by: place.author, in: place.envelope.conversation)
        try self.applyWaiting(to: first, by: place.author, in: place.envelope.conversation)
    }

    /// Counts the parts of a long text that are where they belong, in its log and as far behind part 0 as their
    /// number says (Protocol.md 7): whatever else calls itself a part of it, and in whatever order they come, is
    /// nothing to it. The text is joined once, when all of it is here and shown; until then its beginning stands for
    /// it.
    func join(_ first: EnvelopeID, by author: PersonID, in conversation: ConversationID) throws {
        guard let row = try self.message(first, by: author, in: conversation), !row.isDeleted, row.parts > 1 else {
            return
        }
        let held =
            try Int64.fetchOne(
                self.db.cachedStatement(
                    sql: """
                        SELECT count(*) FROM part WHERE first = ?1 AND log = ?2 AND seq = ?3 + part AND part < ?4 AND
                            hidden = 0
                        """),
                arguments: [first.data, row.log, row.seq, row.parts]) ?? 0
        guard held != row.held else { return }
        try self.run(
            "UPDATE message SET held = ?, changed = ?, change = 'said' WHERE number = ?",
            [held, self.cursor, row.number])
        let isWhole = held == row.parts
        guard isWhole || row.held == row.parts, row.edited == nil else { return }
        try self.reword(row, try self.words(of: row, first, isWhole: isWhole))
    }

    /// Of a long text all parts, or its beginning.
    func words(of row: Standing, _ first: EnvelopeID, isWhole: Bool) throws -> String {
        try String.fetchAll(
            self.db.cachedStatement(
                sql:
                    """
                    SELECT text FROM part WHERE first = ?1 AND log = ?2 AND seq = ?3 + part AND part < ?4 ORDER BY
                        part
                    """
            ),
            arguments: [first.data, row.log, row.seq, isWhole ? row.parts : 1]
        ).joined()
    }
}

extension String {
    /// As SQLite keeps it: to it a text ends at U+0000, which nobody is shown.
    var kept: String { self.utf8.contains(0) ? self.filter { $0 != "\0" } : self }
}

extension Envelope {
    /// What it comes after.
    var ancestors: [EnvelopeID] { [self.prev].compactMap { $0 } + self.parents }
}

extension Content {
    /// Whether it has a line of its own in the history.
    var isShown: Bool {
        switch self {
        case .text(let text): text.part == 0
        case .file, .unknown: true
        case .edit, .delete, .reaction, .answer, .acknowledge, .remind, .lifetime, .room: false
        case .invitation: true
        }
    }
}
