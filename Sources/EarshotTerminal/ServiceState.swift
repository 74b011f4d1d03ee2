import EarshotControl

/// How the units of systemd are that run somebody's node, as `systemctl show` tells it.
package struct ServiceState: View {
    /// Whether the units are there at all.
    package let installed: Bool
    /// Whether the node starts when its person logs in.
    package let enabled: Bool
    /// Whether it runs now, as a service.
    package let running: Bool
    /// Whether whoever knocks at its door has it started.
    package let listening: Bool
    /// Whether it goes on when its person has logged out.
    package let lingers: Bool
    /// What the node says of itself.
    package let status: String?

    /// What `systemctl show` is asked for.
    package static let properties = ["Id", "LoadState", "ActiveState", "UnitFileState", "StatusText"]
    package static let units = ["earshot.service", "earshot.socket"]

    /// - Parameter text: what `systemctl show` printed: blocks of `NAME=VALUE`, one for each unit.
    package init(_ text: String, lingers: Bool) {
        var units: [String: [String: String]] = [:]
        var block: [String: String] = [:]
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) + [""] {
            guard let equals = line.firstIndex(of: "=") else {
                if let id = block["Id"] { units[id] = block }
                block = [:]
                continue
            }
            block[String(line[..<equals])] = String(line[line.index(after: equals)...])
        }
        let (service, socket) = (units["earshot.service"] ?? [:], units["earshot.socket"] ?? [:])
        self.installed = [service, socket].allSatisfy { $0["LoadState"] == "loaded" }
        self.enabled = service["UnitFileState"] == "enabled"
        self.running = service["ActiveState"] == "active"
        self.listening = socket["ActiveState"] == "active"
        self.lingers = lingers
        self.status = service["StatusText"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// For people.
    package var lines: [String] {
        guard self.installed else { return [Self.missing] }
        let status = self.status.map { ": \($0)" } ?? ""
        let runs = self.running ? "It runs\(status)." : "It does not run as a service."
        let starts =
            self.enabled
            ? "It starts when you log in" + (self.listening ? ", and when it is needed." : ".")
            : "It does not start by itself: earshot service enable"
        return [runs, starts] + (self.enabled ? [self.end] : [])
    }

    /// What happens when its person logs out.
    package var end: String {
        self.lingers
            ? "It goes on when you log out, and starts with the machine."
            : "It ends when you log out. To have it run always: loginctl enable-linger"
    }

    /// What is said where the units are not there.
    package static let missing =
        "The units earshot.service and earshot.socket are not installed; the package and `make install` bring them."
}
