import EarshotModel
import EarshotRules
import EarshotWire

/// Those who are on the simulated network, and how bad it is.
extension SimulatedLAN {
    /// How bad the network is.
    package struct Weather: Sendable {
        /// One way, in ms.
        package var delay: ClosedRange<UInt64> = 1...5
        /// In so many of a thousand datagrams.
        package var loss = 0
        package var doubling = 0
        /// A line breaks at so many of a thousand frames.
        package var breaking = 0
        /// A host crashes at so many of a thousand commits, before it or after.
        package var crashing = 0
        /// The disk is full at so many of a thousand commits, and has room again when it is looked at the next time.
        package var filling = 0

        package init() {}
        package static var fair: Weather { Weather() }
        package static var storm: Weather {
            var storm = Weather()
            storm.delay = 1...200
            (storm.loss, storm.doubling, storm.breaking, storm.crashing) = (200, 100, 10, 5)
            return storm
        }
    }

    package struct Host: Sendable {
        package let identity: Identity
        package let endpoint: Endpoint
        package internal(set) var disk: SimulatedDisk
        /// Nothing while the host is down.
        package internal(set) var engine: Engine? { didSet { self.wakeAt = self.engine?.wakeAt } }
        /// When its engine wants to be woken.
        private(set) var wakeAt: UInt64?
        package internal(set) var news: [News] = []
        /// How far its clock is ahead, in ms.
        package internal(set) var ahead: Int64 = 0
        var generation = 0

        init(identity: Identity, endpoint: Endpoint, disk: SimulatedDisk) {
            self.identity = identity
            self.endpoint = endpoint
            self.disk = disk
        }

        /// Lets something happen to the engine, of which there is no copy meanwhile: else all of it would be copied.
        mutating func with<Result>(_ body: (inout Engine) -> Result) -> Result? {
            guard var engine = self.engine else { return nil }
            self.engine = nil
            defer { self.engine = engine }
            return body(&engine)
        }
    }
}

extension SimulatedLAN {
    /// Everybody has accepted everybody.
    package mutating func introduceAll() {
        for one in self.hosts.indices {
            for other in self.hosts.indices where other != one {
                let person = self.hosts[other].identity.person
                self.ask(one) { $0.accept(person, at: $1) }
            }
        }
    }

    /// Drops a body on one disk and keeps its place, as deleting does.
    package mutating func drop(_ id: EnvelopeID, on host: Int) { self.hosts[host].disk.drop(id) }
}
