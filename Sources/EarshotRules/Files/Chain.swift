import EarshotModel

/// Who gets a share from whom, as its author arranges it: one from the author, the next from that one, and so on, so
/// that the author's cable carries it once however many want it (Protocol.md 13).
package struct Chain: Sendable {
    /// From whom each has it; `nil` for those who have it from the author.
    private var sources: [DeviceID: DeviceID?] = [:]
    private var order: [DeviceID] = []
    private var complete: Set<DeviceID> = []

    package init() {}

    /// At once from the author.
    private static let direct = 1

    /// Where someone who asks now should get it: nothing is from the author.
    package mutating func place(_ asker: DeviceID, avoid: [DeviceID]) -> DeviceID? {
        self.leave(asker)
        let busy = self.sources.count { $0.value == nil && !self.complete.contains($0.key) }
        var chosen: DeviceID?
        if busy >= Self.direct {
            let taken = Set(self.sources.compactMap { self.complete.contains($0.key) ? nil : $0.value })
            chosen = self.order.last { !avoid.contains($0) && !taken.contains($0) && !self.leads($0, to: asker) }
        }
        self.sources.updateValue(chosen, forKey: asker)
        self.order.append(asker)
        return chosen
    }

    /// Whether what `device` has comes, over others, from `other`: then it cannot go there.
    private func leads(_ device: DeviceID, to other: DeviceID) -> Bool {
        var at = device
        for _ in 0...self.sources.count {
            if at == other { return true }
            guard let next = self.sources[at] ?? nil else { return false }
            at = next
        }
        return true
    }

    package mutating func leave(_ device: DeviceID) {
        self.sources.removeValue(forKey: device)
        self.order.removeAll { $0 == device }
        self.complete.remove(device)
    }

    /// They have all of it: they can pass it on, and take nothing from anybody.
    package mutating func completed(_ device: DeviceID) {
        if self.sources.keys.contains(device) { self.complete.insert(device) }
    }

    /// Whether each of these leads to the author in the end.
    package func isWithoutCircle(_ devices: [DeviceID]) -> Bool {
        devices.allSatisfy { device in
            var at = device
            for _ in 0...self.sources.count {
                guard let next = self.sources[at] ?? nil else { return true }
                at = next
            }
            return false
        }
    }
}
