import EarshotModel
import EarshotWire

/// Ways over a relay (Protocol.md 20): the last choice, and no reason to look for no other.
extension Dialer {
    /// A relay is called so long after it told of somebody who has other addresses, in ms.
    private static let relayWaits: UInt64 = 2_000

    /// A device is linked, but over a relay: calls to its own addresses go on.
    mutating func linked(_ device: DeviceID, over relay: Endpoint, dial: DialID?, now: UInt64) {
        let target = Target.shortID(device.shortID)
        if let dial { self.end(dial, failed: false) }
        if self[target] == nil { self[target] = Node(isContact: true, seenAt: now) }
        self[target]?.isRelayed = true
        self[target]?.candidates[relay]?.failures = 0
    }

    /// A device that we have over a relay told its own addresses. They are tried as its adverts are, and forgotten
    /// where they lead nowhere.
    mutating func told(_ device: DeviceID, _ endpoints: [Endpoint], now: UInt64) {
        let target = Target.shortID(device.shortID)
        guard self[target]?.isRelayed ?? false else { return }
        let known = Set(self[target]?.candidates.keys.map { $0 } ?? [])
        self.add(endpoints, to: target, advertised: false, now: now)
        for endpoint in endpoints where !known.contains(endpoint) {
            self[target]?.candidates[endpoint]?.isTold = true
        }
    }

    /// A relay leads to a device. Unless we know no other way, those have a moment first.
    mutating func relayed(_ device: DeviceID, _ endpoint: Endpoint, now: UInt64) {
        let target = Target.shortID(device.shortID)
        let isOnly = self[target]?.candidates.keys.allSatisfy(\.isRelayed) ?? true
        var node = self[target] ?? Node(isContact: true, seenAt: now)
        node.isContact = true
        if node.candidates[endpoint] == nil {
            node.candidates[endpoint] = Candidate(
                isAdvertised: false, isProven: false, notBefore: isOnly ? now : now + Self.relayWaits)
        }
        self[target] = node
    }

    /// This way leads nowhere any more.
    mutating func forget(_ device: DeviceID, _ endpoint: Endpoint) {
        self[.shortID(device.shortID)]?.candidates[endpoint] = nil
    }
}
