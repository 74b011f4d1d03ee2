import EarshotModel
import EarshotNetwork
import EarshotRules
import EarshotStore
import EarshotText
import EarshotWire
import Logging

/// Sealed mail (Protocol.md 19): what the rules order is read from disk here, and sealed or given.
extension Node {
    /// Bytes of envelopes that are read for one blob.
    private static let readAtOnce = 57_000

    func perform(_ effect: MailEffect, _ state: inout RunState) {
        switch effect {
        case .seal(let order):
            let sealed = self.tried(&state) { try self.seal(order) } ?? nil
            self.mailbox.post(.event(.sealed(order, sealed?.blob, to: sealed?.to ?? 0), nil))
        case .give(let id, let link):
            let bytes = self.tried(&state) { try self.store.blob(id) } ?? nil
            guard let blob = bytes.flatMap({ try? SealedBlob(decoding: $0) }) else {
                return self.log.error("what was kept for somebody cannot be read: \(id.brief)")
            }
            self.transport.send([.mail(.give(blob))], to: link)
        }
    }

    /// `left with Carol`.
    func words(leftWith keepers: [PersonID], _ engine: Engine) -> String {
        Language.english.say(.left(keepers.map { self.name($0, engine) }.joined(separator: ", ")))
    }

    private func seal(_ order: SealOrder) throws -> (blob: SealedBlob, to: UInt64)? {
        let stored = try self.store.envelopes(
            order.log, from: order.from, to: order.to, mostBytes: Self.readAtOnce)
        var items: [SealedBlob.Item] = []
        for (place, one) in zip(order.from..., stored) {
            switch one {
            case .wire(seq: let seq, let wire):
                guard seq == place, let envelope = try? Envelope(decoding: wire) else {
                    return order.seal(items, at: Self.now().wall)
                }
                items.append(.envelope(envelope))
            case .gone(seq: let seq, let id):
                guard seq == place else { return order.seal(items, at: Self.now().wall) }
                items.append(.gone(Gone(conversation: order.conversation, log: order.log, seq: seq, id: id)))
            }
        }
        return order.seal(items, at: Self.now().wall)
    }
}
