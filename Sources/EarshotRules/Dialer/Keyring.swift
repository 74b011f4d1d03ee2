import EarshotModel
import EarshotWire

/// With what a node is called: as anybody may, or with the key that its device has told us (Protocol.md 3). Either may
/// be the wrong one: it may have become private since we met, or have drawn another key. So where one has failed the
/// other is tried.
struct Keyring: Sendable {
    private struct Known: Sendable {
        let device: DeviceID
        let key: DiscoveryKey
    }

    private var known: [String: Known] = [:]

    mutating func know(_ key: DiscoveryKey?, of device: DeviceID) {
        self.known[device.shortID] = key.map { Known(device: device, key: $0) }
    }

    /// For a call to a device.
    /// - Parameters:
    ///   - failures: at this address.
    ///   - isOpen: its advert was heard last under its id.
    func expectation(_ shortID: String, failures: Int, isOpen: Bool) -> Expectation {
        guard let known = self.known[shortID], failures.isMultiple(of: 2) != isOpen else { return .shortID(shortID) }
        return .keyed(known.device, known.key)
    }

    /// For a call to an address that a person typed: as anybody, and every other time as somebody who may be there.
    /// - Parameters:
    ///   - leads: who answered there last.
    ///   - isHere: whether somebody need not be looked for.
    func expectation(leads: DeviceID?, failures: Int, isHere: (String) -> Bool) -> Expectation {
        guard !failures.isMultiple(of: 2) else { return .anyone }
        let missing = self.known.filter { !isHere($0.key) }.values.sorted { one, other in
            (one.device == leads ? 0 : 1, one.device) < (other.device == leads ? 0 : 1, other.device)
        }
        guard !missing.isEmpty else { return .anyone }
        let one = missing[failures / 2 % missing.count]
        return .keyed(one.device, one.key)
    }
}
