import EarshotModel
import Glibc
import Synchronization

/// Finding others and being found, by whichever backend fits; told through one callback, on threads of its own.
package final class Discovery: Sendable {
    private enum Running: Sendable {
        case nothing
        case embedded(EmbeddedBackend)
        case avahi(AvahiBackend)
    }

    private let choice: DiscoveryChoice
    private let interfaces: [String]
    private let tell: @Sendable (DiscoveryEvent) -> Void
    private let running = Mutex<(Running, Advertisement?)>((.nothing, nil))

    /// - Parameter interfaces: names; none means all that carry multicast.
    package init(_ choice: DiscoveryChoice, interfaces: [String], tell: @escaping @Sendable (DiscoveryEvent) -> Void) {
        self.choice = choice
        self.interfaces = interfaces
        self.tell = tell
    }

    /// Looks for others from now on, and tells them of us.
    package func start(_ advertisement: Advertisement) {
        self.running.withLock { $0.1 = advertisement }
        switch self.choice {
        case .none: self.tell(.backend("none"))
        case .avahi: self.run(avahi: true)
        case .embedded: self.run(avahi: false)
        case .auto: self.run(avahi: AvahiBackend.isThere)
        }
    }

    /// Is announced so from now on, if anybody looks and tells.
    package func advertise(_ advertisement: Advertisement) {
        let running = self.running.withLock { state in
            if state.1 != nil { state.1 = advertisement }
            return state.0
        }
        switch running {
        case .nothing: break
        case .embedded(let backend): backend.advertise(advertisement)
        case .avahi(let backend): backend.advertise(advertisement)
        }
    }

    private func run(avahi: Bool) {
        guard let advertisement = self.running.withLock({ $0.1 }) else { return }
        if avahi {
            let backend = AvahiBackend(advertisement, interfaces: self.interfaces, tell: self.tell) { reason in
                self.failed(reason)
            }
            guard let backend else { return self.tell(.failed("libdns_sd.so.1 is not installed")) }
            self.running.withLock { $0.0 = .avahi(backend) }
            self.tell(.backend("avahi"))
            backend.start()
        } else if let backend = EmbeddedBackend(advertisement, interfaces: self.interfaces, tell: self.tell) {
            self.running.withLock { $0.0 = .embedded(backend) }
            self.tell(.backend("embedded"))
            backend.start()
        }
    }

    /// The daemon went away or never answered. Told on the thread of the backend that is no more.
    private func failed(_ reason: String) {
        let isOver = self.running.withLock { state in
            if state.1 != nil { state.0 = .nothing }
            return state.1 == nil
        }
        guard !isOver else { return }
        if self.choice == .auto { return self.run(avahi: false) }
        self.tell(.failed(reason))
        sleep(Self.retry)
        if self.running.withLock({ if case .nothing = $0.0 { $0.1 != nil } else { false } }) { self.run(avahi: true) }
    }

    /// Seconds until the daemon is asked again, where nothing but the daemon will do.
    private static let retry: UInt32 = 2

    /// The network changed: look and tell again.
    package func reannounce() {
        switch self.running.withLock({ $0.0 }) {
        case .nothing: break
        case .embedded(let backend):
            if self.choice == .auto, AvahiBackend.isThere {
                backend.stop()
                self.run(avahi: true)
            } else {
                backend.rebuild()
            }
        case .avahi(let backend):
            backend.stop()
            self.run(avahi: self.choice == .avahi || AvahiBackend.isThere)
        }
    }

    package func stop() {
        let running = self.running.withLock { state in
            defer { state = (.nothing, nil) }
            return state.0
        }
        switch running {
        case .nothing: break
        case .embedded(let backend): backend.stop()
        case .avahi(let backend): backend.stop()
        }
    }
}
