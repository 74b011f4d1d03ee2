import EarshotControl
import EarshotDiscovery
import EarshotModel
import EarshotRules
import EarshotText

/// Path by path: what keeps two machines apart, and what the system keeps from us.
extension Node {
    /// Of several that something was found of, so many are named.
    private static let named = 8

    /// What we send by multicast comes back to us, unless something on this machine drops it.
    func checkEcho(_ probes: Probes) -> [CheckView] {
        probes.multicast.sorted { $0.key < $1.key }.compactMap { name, outcome in
            switch outcome {
            case .untried: nil
            case .heard: CheckView("echo on \(name)", ok: true, .echo(isHeard: true, way: ""))
            case .silent: CheckView("echo on \(name)", ok: false, .echo(isHeard: false, way: probes.wayThrough))
            }
        }
    }

    /// That there is one is no fault; which it is helps whoever has to change it.
    func checkFirewalls(_ probes: Probes) -> [CheckView] {
        probes.firewalls.map {
            CheckView("firewall \($0.name)", ok: true, .firewall(isOn: $0.isOn, command: $0.command))
        }
    }

    /// Who is here, and is heard through others alone: something keeps the two machines apart.
    func checkApart(_ state: RunState) -> [CheckView] {
        let apart = state.engine.health.witness.apart.filter { !state.engine.isOnline($0) }
        guard !apart.isEmpty else { return [] }
        return [
            CheckView(
                "kept apart", ok: false, .apart(names: apart.prefix(Self.named).map { self.name($0, state.engine) }))
        ]
    }

    func checkLimits(_ probes: Probes) -> [CheckView] {
        let files = probes.descriptors.map { open, most in
            CheckView("open files", ok: open < most - most / 5, .openFiles(open, most: most))
        }
        let watching = CheckView("inotify", ok: probes.watching == nil, .watching(fault: probes.watching))
        return [files, watching].compactMap { $0 }
    }

    /// Whose clock is ahead of ours, by what they wrote last. Of one that is behind nothing can be told: what comes
    /// late looks the same.
    func checkClocks(_ state: RunState) -> [CheckView] {
        state.engine.health.witness.clocksAhead.prefix(Self.named).map { person, ahead in
            CheckView("clocks", ok: false, .clockAhead(name: self.name(person, state.engine), milliseconds: ahead))
        }
    }
}
