import EarshotDiscovery
import EarshotModel
import Testing

@Suite struct AdvertTests {
    private func text(_ strings: String...) -> [[UInt8]] { strings.map { Array($0.utf8) } }

    @Test func anAdvertIsReadStrictly() {
        let id = "id=abcdefghijklmn23"
        #expect(ServiceRecord(port: 47_447, text: self.text("txtvers=1", "v=1", id))?.name == .id("abcdefghijklmn23"))
        let bad: [[[UInt8]]] = [
            [], self.text("v=1"), self.text(id), self.text("v=2", id), self.text("v=1", "id"), self.text("v=1", "id=a"),
            self.text("v=1", "id=abcdefghijklmn2"), self.text("v=1", "id=abcdefghijklmn234"),
            self.text("v=1", "id=ABCDEFGHIJKLMN23"),
            self.text("v=1", "id=abcdefghijklmn!3"), self.text("v=1", id, "id=bbcdefghijklmn23"), [[0xFF, 0xFE]],
            self.text("v=1", "id=" + String(repeating: "a", count: 255)),
            (0..<40).map { Array("k\($0)=\(String(repeating: "x", count: 220))".utf8) } + self.text("v=1", id),
        ]
        let tag = "tag=abcdefghijklmn23"
        let read = ServiceRecord(port: 47_447, text: self.text("txtvers=1", "v=1", tag))
        #expect(read?.name == AdvertTag("abcdefghijklmn23").map { .tag($0) })
        let neither = [[tag, id], [tag, tag], ["tag"], ["tag="], ["tag=abcdefghijklmn2"], ["tag=ABCDEFGHIJKLMN23"]]
        for strings in neither {
            #expect(ServiceRecord(port: 47_447, text: self.text("v=1") + strings.map { Array($0.utf8) }) == nil)
        }
        for strings in bad { #expect(ServiceRecord(port: 47_447, text: strings) == nil) }
        for port: UInt16 in [0, 22, 1_023] { #expect(ServiceRecord(port: port, text: self.text("v=1", id)) == nil) }
        // Protocol.md 16: lowestPort and advertBytes.
        #expect(ServiceRecord(port: 1_024, text: self.text("v=1", id)) != nil)
        func padded(_ total: Int) -> [[UInt8]] {
            let rest = self.text("v=1", id)
            let used = rest.reduce(0) { $0 + $1.count + 1 }
            return rest + [[UInt8](repeating: 0x78, count: 255), [UInt8](repeating: 0x78, count: total - used - 257)]
        }
        #expect(
            ServiceRecord(port: 1_024, text: padded(512)) != nil && ServiceRecord(port: 1_024, text: padded(513)) == nil
        )
    }

    @Test func onlyAddressesOfALocalNetworkAreCalled() {
        let yes: [[UInt8]] = [
            [10, 1, 2, 3], [192, 168, 0, 9], [172, 31, 0, 1], [169, 254, 9, 9],
            [0xFE, 0x80] + [UInt8](repeating: 1, count: 14), [0xFD] + [UInt8](repeating: 1, count: 15),
        ]
        let no: [[UInt8]] = [
            [8, 8, 8, 8], [224, 0, 0, 251], [255, 255, 255, 255], [0, 0, 0, 0], [172, 32, 0, 1],
            [0x20, 0x01] + [UInt8](repeating: 1, count: 14), [0xFF, 0x02] + [UInt8](repeating: 0, count: 14), [],
            [1, 2, 3],
        ]
        for address in yes { #expect(AddressPolicy.admits(address, onLoopback: false), "\(address)") }
        for address in no { #expect(!AddressPolicy.admits(address, onLoopback: true), "\(address)") }
        #expect(
            AddressPolicy.admits([127, 0, 0, 1], onLoopback: true)
                && !AddressPolicy.admits([127, 0, 0, 1], onLoopback: false))
        #expect(AddressPolicy.admits([UInt8](repeating: 0, count: 15) + [1], onLoopback: true))
    }
}

@Suite(.timeLimit(.minutes(5))) struct EmbeddedTests {
    /// Two responders in this process, on `lo` alone: each finds the other, and hears the other go.
    @Test func twoOnLoopbackFindEachOtherAndHearTheGoodbye() async throws {
        let (annas, toAnna) = AsyncStream.makeStream(of: DiscoveryEvent.self)
        let (bobs, toBob) = AsyncStream.makeStream(of: DiscoveryEvent.self)
        let anna = Discovery(.embedded, interfaces: ["lo"]) { toAnna.yield($0) }
        let bob = Discovery(.embedded, interfaces: ["lo"]) { toBob.yield($0) }
        let random = (0..<8).map { _ in "abcdefghijklmnopqrstuvwxyz234567".randomElement() ?? "a" }
        let (one, two) = ("anna2345" + String(random), "bobb2345" + String(random))
        anna.start(Advertisement(.id(one), port: 40_001))
        bob.start(Advertisement(.id(two), port: 40_002))
        var seen: Endpoint?
        for await event in bobs {
            if case .found(.id(one), let endpoint, _) = event, endpoint.address.count == 4 {
                seen = endpoint
                break
            }
        }
        #expect(seen?.port == 40_001 && seen?.address == [127, 0, 0, 1])
        var isFound = false
        for await event in annas {
            if case .found(.id(two), _, _) = event, !isFound {
                isFound = true
                bob.stop()
            }
            if case .lost(two) = event { break }
        }
        #expect(isFound)
        anna.stop()
    }

    /// In a container: others are told where they reach us, and not the addresses that only the container has.
    @Test func whereOthersReachUsIsAnnouncedInsteadOfTheInterfaces() async throws {
        let (bobs, toBob) = AsyncStream.makeStream(of: DiscoveryEvent.self)
        let outside = try #require(Endpoint(address: [10, 9, 8, 7], port: 50_005))
        let anna = Discovery(.embedded, interfaces: ["lo"], announced: [outside]) { _ in }
        let bob = Discovery(.embedded, interfaces: ["lo"]) { toBob.yield($0) }
        let random = (0..<8).map { _ in "abcdefghijklmnopqrstuvwxyz234567".randomElement() ?? "a" }
        let one = "anna2345" + String(random)
        anna.start(Advertisement(.id(one), port: 40_005))
        bob.start(Advertisement(.id("bobb2345" + String(random)), port: 40_006))
        for await event in bobs {
            guard case .found(.id(one), let endpoint, _) = event else { continue }
            #expect(endpoint == outside)
            break
        }
        anna.stop()
        bob.stop()
    }

    /// Another name: who looks hears it before the old one is taken back, and what they found stays where it is.
    @Test func anAdvertThatChangesItsNameIsNeverAway() async throws {
        let (annas, toAnna) = AsyncStream.makeStream(of: DiscoveryEvent.self)
        let anna = Discovery(.embedded, interfaces: ["lo"]) { toAnna.yield($0) }
        let bob = Discovery(.embedded, interfaces: ["lo"]) { _ in }
        let random = (0..<8).map { _ in "abcdefghijklmnopqrstuvwxyz234567".randomElement() ?? "a" }
        let one = try #require(AdvertTag("anna2345" + String(random)))
        let two = try #require(AdvertTag("bobb2345" + String(random)))
        bob.start(Advertisement(.tag(one), port: 40_003))
        anna.start(Advertisement(.id("carl2345" + String(random)), port: 40_004))
        var order: [String] = []
        for await event in annas {
            if case .found(.tag(one), _, _) = event, order.isEmpty {
                order.append("one")
                bob.advertise(Advertisement(.tag(two), port: 40_003))
            }
            if case .found(.tag(two), _, _) = event, order == ["one"] { order.append("two") }
            if case .lost(one.text) = event {
                order.append("goodbye")
                break
            }
        }
        #expect(order == ["one", "two", "goodbye"])
        anna.stop()
        bob.stop()
    }
}
