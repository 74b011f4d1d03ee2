import EarshotNetwork
import NIOConcurrencyHelpers

/// How far a share has grown that nobody knows the end of.
package final class Growth: Sendable {
    private let state: NIOLockedValueBox<(size: UInt64, isOpen: Bool, bells: Bells)>

    package init(size: UInt64, isOpen: Bool) { self.state = NIOLockedValueBox((size, isOpen, Bells())) }

    var now: (size: UInt64, isOpen: Bool) { self.state.withLockedValue { ($0.size, $0.isOpen) } }

    package func set(size: UInt64, isOpen: Bool) {
        self.state.withLockedValue { state in
            state.size = size
            state.isOpen = isOpen
            state.bells.ring()
        }
    }

    /// The bell rings whenever it has grown.
    func watch(_ bell: Bell) { self.state.withLockedValue { $0.bells.add(bell) } }
    func unwatch(_ bell: Bell) { self.state.withLockedValue { $0.bells.remove(bell) } }
}
