import Testing

@testable import EarshotNode

/// Which firewall a machine has, and what lets us through.
@Suite struct FirewallTests {
    private func found(_ files: [String: String]) -> [String] {
        Firewall.found(exists: { files[$0] != nil }, text: { files[$0] }).map { one, isOn in
            "\(one) \(isOn.map { $0 ? "on" : "off" } ?? "unknown")"
        }
    }

    @Test func whatIsInstalledAndOn() {
        #expect(self.found([:]).isEmpty)
        #expect(self.found(["/usr/sbin/ufw": ""]) == ["ufw unknown"])
        #expect(self.found(["/usr/sbin/ufw": "", "/etc/ufw/ufw.conf": "# ENABLED=yes\nENABLED=no\n"]) == ["ufw off"])
        #expect(self.found(["/usr/sbin/ufw": "", "/etc/ufw/ufw.conf": "LOGLEVEL=low\nENABLED=yes\n"]) == ["ufw on"])
        let groups = "/sys/fs/cgroup/system.slice"
        #expect(self.found(["/usr/sbin/firewalld": ""]) == ["firewalld unknown"])
        #expect(self.found(["/usr/sbin/firewalld": "", groups: ""]) == ["firewalld off"])
        #expect(
            self.found(["/usr/sbin/firewalld": "", groups: "", groups + "/firewalld.service": ""]) == ["firewalld on"])
        #expect(self.found(["/usr/sbin/nft": ""]) == ["nftables unknown"])
    }

    @Test func theCommandNamesOurPorts() {
        #expect(Firewall.ufw.command(port: 47_447, hasProfile: true) == "sudo ufw allow Earshot")
        #expect(
            Firewall.ufw.command(port: 47_447, hasProfile: false) == "sudo ufw allow 47447 && sudo ufw allow 5353/udp")
        #expect(Firewall.firewalld.command(port: 47_447, hasProfile: true).contains("--add-service=earshot"))
        for one in Firewall.allCases {
            let command = one.command(port: 5_000, hasProfile: true)
            #expect(command.contains("5000") && command.contains("5353"), "\(one)")
        }
        // firewall-cmd takes ports or services at a time, and says "not allowed with argument" to both.
        let firewalld = Firewall.firewalld.command(port: 5_000, hasProfile: false)
        #expect(firewalld.contains("--add-port") && !firewalld.contains("--add-service"))
    }
}
