import EarshotControl
import EarshotDiscovery
import EarshotModel
import EarshotRules
import EarshotStore
import EarshotVault

/// Looking for what really stops people.
extension Node {
    func doctor(_ state: RunState) -> [JSON] {
        func line(_ check: String, _ ok: Bool, _ detail: String, _ remedy: String? = nil) -> JSON {
            .compact([
                "check": .string(check), "ok": .bool(ok), "detail": .string(detail),
                "remedy": ok ? nil : remedy.map { .string($0) },
            ])
        }
        var lines: [JSON] = []
        let usable = Interface.usable(self.configuration.interfaces)
        let names = usable.map { "\($0.name) (\($0.addresses.count) addresses)" }.joined(separator: ", ")
        // Without a network there is the machine itself: enough to find its own people, and no others.
        let isAlone =
            usable.allSatisfy(\.isLoopback) && !self.configuration.interfaces.contains { Interface.isLoopback($0) }
        let none =
            usable.isEmpty ? "no interface is up with an address" : "only this machine can be reached, by \(names)"
        lines.append(
            line(
                "interfaces", !isAlone, isAlone ? "there is no network: \(none)" : names,
                "Plug in the cable or join a Wi-Fi, or name an interface with --interface. What you write meanwhile waits."
            ))
        let usesMulticast = self.configuration.discovery != .none
        let deaf = usable.filter { !$0.isMulticast && !$0.isLoopback }
        lines.append(
            line(
                "multicast", deaf.isEmpty,
                deaf.isEmpty ? "all of them carry it" : "not on \(deaf.map(\.name).joined(separator: ", "))",
                "Discovery needs multicast there; `earshot peer add HOST` works without."))
        if usesMulticast {
            for interface in usable where interface.isMulticast || interface.isLoopback {
                let heard = state.heardOn[interface.index] ?? 0
                // Silence is no fault where nobody else may be; it is worth a word where others were heard elsewhere.
                lines.append(
                    line(
                        "heard on \(interface.name)", heard > 0 || state.heardOn.isEmpty || interface.isLoopback,
                        heard == 1 ? "1 advert" : "\(heard) adverts",
                        "Others were heard on another interface only: this network may drop multicast (guest Wi-Fi, IGMP snooping without a querier)."
                    ))
            }
        }
        lines.append(
            line(
                "discovery", state.backend != "starting",
                "by \(state.backend), \(state.isAdvertised ? "announced" : "not announced yet")"))
        let (seen, silent) = state.engine.dialer.census
        // What follows would only repeat that there is no network.
        lines.append(
            line(
                "others heard", isAlone || seen > 0 || state.engine.sessionCount > 0,
                "\(seen) announced, \(state.engine.sessionCount) in session",
                "If others run Earshot here, the network may keep stations apart (guest Wi-Fi) or a firewall drops UDP 5353. Try `earshot peer add HOST` on one side."
            ))
        lines.append(
            line(
                "port", silent == 0,
                "TCP and UDP \(state.port); \(state.engine.incomingCount) of \(state.engine.sessionCount) sessions were called by others",
                "\(silent) of those who announce themselves never answered: let TCP and UDP \(state.port) through the firewalls of both machines."
            ))
        let free = self.directory.freeSpace()
        lines.append(
            line(
                "disk", state.engine.trouble != .full && free > 64 << 20,
                "\(free >> 20) MiB free at \(self.directory.path)",
                "Free some space: below 16 MiB nothing is taken in. What others sent waits with them."))
        lines += self.database(state, line)
        let year = 1970 + Self.now().wall.milliseconds / 31_556_952_000
        lines.append(
            line(
                "clock", year >= 2025, "the year is \(year)",
                "Set the clock: messages show its time. Nothing is refused because of it."))
        return lines
    }

    private func database(_ state: RunState, _ line: (String, Bool, String, String?) -> JSON) -> [JSON] {
        var lines: [JSON] = []
        let fault = self.store.fault()
        let trouble = state.engine.trouble.flatMap { $0 == .full ? nil : $0.rawValue }
        lines.append(
            line(
                "database", fault == nil && trouble == nil, fault ?? trouble ?? "sound, \(self.store.path)",
                "Nothing that was acknowledged is on this disk alone for long: others have what they sent. Look at the disk itself, and keep a copy."
            ))
        let aside = (try? self.store.aside(limit: 8)) ?? []
        let count = (try? self.store.asideCount()) ?? aside.count
        for one in aside {
            let place = one.log.map { " \(one.seq ?? 0) of log \($0)" } ?? ""
            let state =
                one.isKept
                ? "its bytes are kept; it is tried again at each start"
                : "it is not on this disk and was not acknowledged"
            lines.append(
                line(
                    "set aside", false, "\(one.what)\(place), \(one.at.rfc3339): \(one.why); \(state)",
                    "A newer Earshot may know what to do with it. Nothing else waits for it."))
        }
        if count > aside.count { lines.append(line("set aside", false, "\(count - aside.count) more", nil)) }
        return lines
    }
}
