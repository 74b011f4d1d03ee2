import EarshotControl

/// How a transfer stands, in the room a conversation has for it.
extension TransferLines {
    /// `waiting for an answer`, `paused at 40 %`, `failed: no space left`.
    func state(_ transfer: TransferView) -> String {
        let (size, have) = (transfer.size ?? 0, transfer.have)
        let part =
            transfer.state == .complete || size <= 0 || have <= 0
            ? "" : " at \(Int(Double(have) / Double(size) * 100)) %"
        let reason = transfer.reason.map { ": \($0)" } ?? ""
        let shown =
            transfer.state != .offered
            ? transfer.state.rawValue : transfer.isOfferToUs ? "waiting for your answer" : "waiting for an answer"
        return shown + part + reason
    }

    /// One row: `━━━━━━╌╌╌╌ 61 %  112 MB/s  4 s left`, or as much of it as there is room for.
    func progress(_ transfer: TransferView, rate: Double, columns: Int, style: Style) -> String {
        let (size, have) = (transfer.size ?? 0, transfer.have)
        let speed = rate >= 1 ? "\(Self.size(Int64(min(rate, 1e15))))/s" : ""
        guard size > 0 else {
            return Flow.join([(Self.size(max(0, have)), 0), (speed, 1)], columns: columns, between: "  ")
        }
        let share = min(1, max(0, Double(have) / Double(size)))
        let left =
            rate >= 1 && size > have
            ? "\(Self.span(Int64(min(1e9, (Double(size - have) / rate).rounded(.up))))) left" : ""
        let percent = "\(Int(share * 100)) %"
        let words = Flow.join([(percent, 0), (speed, 1), (left, 2)], columns: columns, between: "  ")
        let room = min(30, columns - Width.of(words) - 1)
        guard room >= 4 else { return words }
        let filled = Int(share * Double(room))
        let (full, empty) = style.isUnicode ? ("━", "╌") : ("#", "-")
        return String(repeating: full, count: filled) + String(repeating: empty, count: room - filled) + " " + words
    }
}
