import EarshotModel
import EarshotWire
import NIOConcurrencyHelpers

/// Listings that were looked at just now: whoever agrees to one, as most do at once, has no need to fetch and to read
/// it again. Only a few and small ones are kept, and only until they are used.
package final class SeenListings: Sendable {
    private static let most = 2
    /// Bytes of one.
    private static let largest = 1 << 20

    private let trees = NIOLockedValueBox<[(id: EnvelopeID, tree: SafeTree)]>([])

    init() {}

    func keep(_ tree: SafeTree, of id: EnvelopeID) {
        guard tree.listing.encoded.count <= Self.largest else { return }
        self.trees.withLockedValue { trees in
            trees.removeAll { $0.id == id }
            trees.append((id, tree))
            if trees.count > Self.most { trees.removeFirst() }
        }
    }

    /// Once. As it would be in a folder with these rules; nothing if it was not kept, or has not so many bytes.
    func take(_ id: EnvelopeID, bytes: UInt64, for rules: NameRules) -> SafeTree? {
        let tree = self.trees.withLockedValue { trees in
            trees.firstIndex { $0.id == id }.map { trees.remove(at: $0).tree }
        }
        guard let tree, tree.rules == rules, tree.listing.encoded.count == Int(clamping: bytes) else { return nil }
        return tree
    }
}
