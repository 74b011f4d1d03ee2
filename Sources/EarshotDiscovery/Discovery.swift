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
    /// Where others reach us, if not at the addresses of this machine's interfaces.
    private let announced: [Endpoint]
    private let browser: DomainBrowser?
    private let tell: @Sendable (DiscoveryEvent) -> Void
    private let running = Mutex<(Running, Advertisement?)>((.nothing, nil))

    /// - Parameters:
    ///   - interfaces: names; none means all that carry multicast.
    ///   - announced: where others reach us; none means the addresses of these interfaces.
    ///   - domain: where others are looked for, too, as `office.example`.
    package init(
        _ choice: DiscoveryChoice, interfaces: [String], announced: [Endpoint] = [], domain: String? = nil,
        tell: @escaping @Sendable (DiscoveryEvent) -> Void
    ) {
        self.choice = choice
        self.interfaces = interfaces
        self.announced = announced
        self.browser = domain.flatMap { DomainBrowser($0, tell: tell) }
        self.tell = tell
    }

    /// Looks for others from now on, and tells them of us.
    package func start(_ advertisement: Advertisement) {
        self.running.withLock { $0.1 = advertisement }
        self.browser?.start()
        switch self.choice {
        case .none: self.tell(.backend("none"))
        case .avahi:
            if !self.announced.isEmpty { self.tell(.failed(Self.noOthers)) }
            self.run(avahi: true)
        case .embedded: self.run(avahi: false)
        case .auto: self.run(avahi: self.isForAvahi)
        }
    }

    /// The daemon of the machine announces the addresses of the machine and no others.
    private static let noOthers =
        "discovery.announce does not count with Avahi, which announces the addresses of this machine alone; "
        + "discovery = \"embedded\" does it"

    private var isForAvahi: Bool { self.announced.isEmpty && AvahiBackend.isThere }

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
        } else if let backend = EmbeddedBackend(
            advertisement, interfaces: self.interfaces, announced: self.announced, tell: self.tell)
        {
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
        self.browser?.again()
        switch self.running.withLock({ $0.0 }) {
        case .nothing: break
        case .embedded(let backend):
            if self.choice == .auto, self.isForAvahi {
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
        self.browser?.stop()
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
