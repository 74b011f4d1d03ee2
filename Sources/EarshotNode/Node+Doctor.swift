import EarshotControl
import EarshotDiscovery
import EarshotModel
import EarshotProtocol
import EarshotVault

/// Looking for what really stops people.
extension Node {
    func doctor(_ state: RunState) -> [JSON] {
        func line(_ check: String, _ ok: Bool, _ detail: String, _ remedy: String? = nil) -> JSON {
            .compact([
                "check": .string(check), "ok": .bool(ok), "detail": .string(detail), "remedy": ok ? nil : remedy.map { .string($0) },
            ])
        }
        var lines: [JSON] = []
        let usable = Interface.usable(self.configuration.interfaces)
        let names = usable.map { "\($0.name) (\($0.addresses.count) addresses)" }.joined(separator: ", ")
        lines.append(
            line(
                "interfaces", !usable.isEmpty, usable.isEmpty ? "none is up with an address" : names,
                "Connect to a network, or name an interface with --interface."))
        let deaf = usable.filter { !$0.isMulticast && !$0.isLoopback }
        lines.append(
            line(
                "multicast", deaf.isEmpty, deaf.isEmpty ? "all of them carry it" : "not on \(deaf.map(\.name).joined(separator: ", "))",
                "Discovery needs multicast there; `earshot peer add HOST` works without."))
        lines.append(line("discovery", state.backend != "starting", "by \(state.backend), \(state.isAdvertised ? "announced" : "not announced yet")"))
        let seen = state.sightings.count
        lines.append(
            line(
                "others heard", seen > 0 || state.engine.sessionCount > 0, "\(seen) adverts, \(state.engine.sessionCount) sessions",
                "If others run Earshot here, the network may keep stations apart (guest Wi-Fi) or a firewall drops UDP 5353. Try `earshot peer add HOST` on one side."))
        let silent = state.sightings.count > state.engine.sessionCount
        lines.append(
            line(
                "port", !silent, "TCP and UDP \(state.port)",
                "Some who announce themselves do not answer: let TCP and UDP \(state.port) through the firewalls of both machines."))
        let free = self.directory.freeSpace()
        lines.append(
            line(
                "disk", !state.engine.isFull && free > 64 << 20, "\(free >> 20) MiB free at \(self.directory.path)",
                "Free some space: below 16 MiB nothing is taken in. What others sent waits with them."))
        let year = 1970 + Self.now().wall.milliseconds / 31_556_952_000
        lines.append(
            line("clock", year >= 2025, "the year is \(year)", "Set the clock: messages show its time. Nothing is refused because of it."))
        return lines
    }
}
