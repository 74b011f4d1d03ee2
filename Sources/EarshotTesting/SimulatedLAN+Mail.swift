import EarshotModel
import EarshotRules
import EarshotWire

/// Sealed mail: what the node does for it, on a disk in memory.
extension SimulatedLAN {
    mutating func perform(_ effect: MailEffect, _ host: Int) {
        switch effect {
        case .seal(let order):
            let stored = self.hosts[host].disk.frames(
                conversation: order.conversation, log: order.log, from: order.from, to: order.to)
            let items = stored.map { item -> SealedBlob.Item in
                item.body.map { .envelope($0) }
                    ?? .gone(Gone(conversation: order.conversation, log: order.log, seq: item.seq, id: item.id))
            }
            let sealed = order.seal(items, at: self.moment(host).wall)
            self.tell(host, after: 1, .sealed(order, sealed?.blob, to: sealed?.to ?? 0))
        case .give(let id, let link):
            let bytes = self.hosts[host].disk.blobs[id] ?? []
            guard let blob = try? SealedBlob(decoding: bytes) else { return }
            self.send([.mail(.give(blob))], Int(link.raw), from: host)
        }
    }
}
