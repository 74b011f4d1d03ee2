/// The firewalls that a machine with Linux may have, how one sees that they are there, and what lets us through.
enum Firewall: String, CaseIterable, Sendable {
    case ufw, firewalld, nftables

    /// Those that are installed, and whether each is on; `nil` where nobody but root can say.
    /// - Parameters:
    ///   - exists: whether there is something at a path.
    ///   - text: what stands in a file.
    static func found(
        exists: (String) -> Bool, text: (String) -> String?
    ) -> [(firewall: Firewall, isOn: Bool?)] {
        Self.allCases.compactMap { one -> (firewall: Firewall, isOn: Bool?)? in
            guard one.programs.contains(where: exists) else { return nil }
            switch one {
            case .ufw: return (one, text("/etc/ufw/ufw.conf").map { $0.split(separator: "\n").contains("ENABLED=yes") })
            case .firewalld:
                return (one, exists("/sys/fs/cgroup/system.slice") ? exists(Self.unit("firewalld")) : nil)
            case .nftables:
                let isEnabled = exists("/etc/systemd/system/sysinit.target.wants/nftables.service")
                return (one, isEnabled ? true : nil)
            }
        }
    }

    private static func unit(_ name: String) -> String { "/sys/fs/cgroup/system.slice/\(name).service" }

    private var programs: [String] {
        switch self {
        case .ufw: ["/usr/sbin/ufw"]
        case .firewalld: ["/usr/sbin/firewalld", "/usr/bin/firewalld"]
        case .nftables: ["/usr/sbin/nft"]
        }
    }

    /// What lets us through, for a shell.
    /// - Parameter hasProfile: the package has told it what Earshot needs.
    func command(port: UInt16, hasProfile: Bool) -> String {
        let isUsual = port == HostAndPort.defaultPort && hasProfile
        return switch self {
        case .ufw: isUsual ? "sudo ufw allow Earshot" : "sudo ufw allow \(port) && sudo ufw allow 5353/udp"
        case .firewalld:
            (isUsual
                ? "sudo firewall-cmd --permanent --add-service=earshot"
                // Services and ports it does not take at once.
                : "sudo firewall-cmd --permanent --add-port=\(port)/tcp --add-port=\(port)/udp --add-port=5353/udp")
                + " && sudo firewall-cmd --reload"
        case .nftables:
            "sudo nft insert rule inet filter input tcp dport \(port) accept && "
                + "sudo nft insert rule inet filter input udp dport '{ 5353, \(port) }' accept"
        }
    }

    /// Where the package puts what it tells the firewall.
    var profile: String {
        switch self {
        case .ufw: "/etc/ufw/applications.d/earshot"
        case .firewalld: "/usr/lib/firewalld/services/earshot.xml"
        case .nftables: ""
        }
    }
}
