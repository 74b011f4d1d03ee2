import EarshotConfig
import EarshotModel
import Testing

/// Where others reach us, and where they are looked for.
@Suite struct DiscoverySettingsTests {
    @Test func whereOthersReachUsIsAnAddressOfALocalNetwork() throws {
        let good = try LayersTests.layers([
            "/u.toml": "\"discovery.announce\" = [\"10.0.0.5:47447\", \"[fd00::5]:47447\"]"
        ])
        let announced = good.config()[\.discoveryAnnounce]
        #expect(announced.map(\.description) == ["10.0.0.5:47447", "[fd00::5]:47447"])
        #expect(
            try LayersTests.layers([:], ["EARSHOT_DISCOVERY_ANNOUNCE": "10.0.0.5:2000"]).config()[\.discoveryAnnounce]
                .count
                == 1)
        for bad in [
            "8.8.8.8:47447", "10.0.0.5", "10.0.0.5:80", "127.0.0.1:47447", "host:47447", "[fe80::1]:47447",
            "10.0.0.5:4000\", \"10.0.0.6:5000",
        ] {
            let faults = LayersTests.faults(["/u.toml": "\"discovery.announce\" = [\"\(bad)\"]"])
            #expect(faults.count == 1, "\(bad)")
        }
    }

    @Test func aDomainIsAName() throws {
        #expect(
            try LayersTests.layers(["/u.toml": "\"discovery.domain\" = \"Office.example\""]).config()[\.discoveryDomain]
                == "office.example")
        for bad in ["", "a..b", "a b", "http://x", String(repeating: "a.", count: 100)] {
            #expect(!LayersTests.faults(["/u.toml": "\"discovery.domain\" = \"\(bad)\""]).isEmpty, "\(bad)")
        }
    }
}
