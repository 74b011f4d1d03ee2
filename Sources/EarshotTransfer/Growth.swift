import NIOConcurrencyHelpers

/// How far a share has grown that nobody knows the end of.
package final class Growth: Sendable {
    private let state: NIOLockedValueBox<(size: UInt64, isOpen: Bool)>
    package init(size: UInt64, isOpen: Bool) { self.state = NIOLockedValueBox((size, isOpen)) }
    var now: (size: UInt64, isOpen: Bool) { self.state.withLockedValue { $0 } }
    package func set(size: UInt64, isOpen: Bool) { self.state.withLockedValue { $0 = (size, isOpen) } }
}
