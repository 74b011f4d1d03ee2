import EarshotControl
import EarshotModel

/// Transfers of a conversation as they stand, and how fast they go.
struct ChatFiles: Sendable {
    private(set) var transfers: [EnvelopeID: TransferView] = [:]
    private(set) var rates: [EnvelopeID: TransferRate] = [:]

    /// - Parameter now: uptime in ms.
    mutating func keep(_ transfer: TransferView, at now: UInt64) {
        self.transfers[transfer.id] = transfer
        guard transfer.state == .active else {
            self.rates[transfer.id] = nil
            return
        }
        self.rates[transfer.id, default: TransferRate()].note(have: transfer.have, at: now)
    }
}
