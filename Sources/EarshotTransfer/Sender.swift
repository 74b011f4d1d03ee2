import EarshotModel
import EarshotNetwork
import EarshotVault
import EarshotWire
import Noise

/// The giving side of a transfer: reads, seals and writes (Protocol.md 13).
package struct Sender {
    let share: Share
    /// Where the listing lies.
    let listing: String
    /// Copies of what has no length of its own, if there are any.
    let copies: String
    let growth: Growth?
    /// What proves each chunk, if others are to pass it on.
    let signer: SigningKeyPair?
    let throttle: Throttle

    package init(
        _ share: Share, listing: String, copies: String, growth: Growth? = nil, signer: SigningKeyPair?,
        throttle: Throttle
    ) {
        self.share = share
        self.listing = listing
        self.copies = copies
        self.growth = growth
        self.signer = signer
        self.throttle = throttle
    }

    /// Until the other end has what it wants, and closes.
    package func run(_ worker: TransferWorker, _ channel: BulkChannel) throws -> BulkEnd {
        let bytes: [UInt8]
        do throws(VaultError) {
            bytes = try ListingFile.read(self.listing, atMost: Limits.listingBytes)
        } catch {
            channel.part(with: .stop(.unreadable, ""))
            return .unreadable(NetworkError.words(for: error))
        }
        // Of an open share that is complete by now the size is told by End all the same: the receiver was offered no
        // size.
        let isOpen = self.growth != nil
        try channel.send(
            .source(
                .init(
                    share: self.share.id, listing: UInt64(bytes.count), size: isOpen ? 0 : self.share.size,
                    isOpen: isOpen, isProven: self.signer != nil)))
        let spool = self.growth.flatMap { _ in self.share.roots.first.map { GrowingFile(path: $0.path) } }
        do {
            var loop = SendLoop(self, worker, channel, bytes, spool)
            return try loop.run()
        } catch let failure as StreamSource.Failure {
            switch failure {
            case .changed(let path):
                channel.part(with: .stop(.changed, self.shown(path)))
                return .changed(path)
            case .unreadable(let path, let reason):
                channel.part(with: .stop(.unreadable, self.shown(path)))
                return .unreadable(path.isEmpty ? reason : "\(path): \(reason)")
            }
        }
    }

    /// Of a path what the other knows too.
    private func shown(_ path: String) -> String { SafeText.name(String(path.split(separator: "/").last ?? "")) }
}
