import EarshotControl
import EarshotModel

/// What waits for oneself.
extension Printout {
    package func inbox(_ inbox: InboxView, columns: Int? = nil) -> [String] {
        var lines: [String] = []
        for waiting in inbox.conversations {
            let alarm = waiting.looksLike == nil ? "" : " \(self.style.alarm(waiting))"
            var parts: [String] = []
            if waiting.unread > 0 { parts.append("\(waiting.unread) unread") }
            if waiting.mentions > 0 {
                parts.append(waiting.mentions == 1 ? "one names you" : "\(waiting.mentions) name you")
            }
            lines.append("\(self.style.bold(waiting.name))\(alarm)  \(parts.joined(separator: ", "))")
            for message in waiting.owed {
                let command = "`\(Quoting.command("ack", message.id.mark, state: self.folder))`"
                let text = self.oneLine(self.text(of: message, longest: 200), columns.map { max(20, $0 - 30) } ?? 200)
                lines.append("    \(message.fromName) asks: \(self.style.quoted(text))  \(self.style.yellow(command))")
            }
        }
        for peer in inbox.requests {
            let request = self.request(peer)
            let words = request.words.isEmpty ? "" : ": \(request.words)"
            lines.append("\(self.style.bold(peer.name)) asks to talk\(words)")
            lines.append("    \(self.style.yellow(request.command))")
        }
        for room in inbox.invitations {
            let command = "`\(Quoting.command("room join", room.name, state: self.folder))`"
            lines.append("\(self.style.bold(room.inviterName ?? "?")) invites you to \(RoomResolver.shown(room.name))")
            lines.append("    \(self.style.yellow(command))")
        }
        for offer in inbox.offers {
            lines.append(TransferLines(style: self.style).line(offer))
            lines.append(
                "    " + self.style.yellow("`\(Quoting.command("accept-file", offer.id.mark, state: self.folder))`"))
        }
        return lines
    }

    /// A line for each, after one that sums it up: `3 of 5 have it, 2 read`.
    package func receipts(_ receipts: [ReceiptView]) -> [String] {
        let have = receipts.count { $0.deliveredAt != nil }
        let read = receipts.count { $0.readAt != nil }
        var sum = "\(have) of \(receipts.count) \(have == 1 ? "has" : "have") it, \(read) read"
        let acknowledged = receipts.count { $0.acknowledgedAt != nil }
        if acknowledged > 0 { sum += ", \(acknowledged) acknowledged" }
        return [sum]
            + receipts.map { one in
                let state =
                    one.acknowledgedAt.map { "acknowledged \(self.moment($0))" } ?? one.readAt.map {
                        "read \(self.moment($0))"
                    } ?? one.deliveredAt.map { "has it since \(self.moment($0))" } ?? "does not have it yet"
                return "  \(self.style.bold(one.name))  \(state)"
            }
    }

    /// `3 of 5 have it, 2 read` behind a message of ours in a room.
    func counts(_ receipts: ReceiptCounts) -> String {
        receipts.read == 0
            ? "\(receipts.delivered) of \(receipts.members) have it"
            : "\(receipts.delivered) of \(receipts.members) have it, \(receipts.read) read"
    }
}
