import EarshotModel
import Testing

@testable import EarshotDiscovery

/// What a DNS server says, and what is believed of it.
@Suite struct DomainTests {
    /// Writes answers as a server would.
    private struct Zone {
        var records: [(name: String, kind: DNSAnswer.Kind, data: [UInt8])] = []

        static func name(_ text: String) -> [UInt8] {
            text.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
        }

        mutating func pointer(_ name: String, _ to: String) { self.records.append((name, .pointer, Self.name(to))) }

        mutating func service(_ name: String, _ host: String, port: UInt16 = 47_447) {
            let data = [0, 0, 0, 0, UInt8(port >> 8), UInt8(port & 0xFF)] + Self.name(host)
            self.records.append((name, .service, data))
        }

        mutating func text(_ name: String, _ strings: [String]) {
            let data = strings.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
            self.records.append((name, .text, data))
        }

        mutating func address(_ name: String, _ bytes: [UInt8]) {
            self.records.append((name, bytes.count == 4 ? .address4 : .address6, bytes))
        }

        mutating func node(_ short: String, id: String? = nil, at bytes: [UInt8], port: UInt16 = 47_447) {
            let instance = "\(short)._earshot._tcp.office.example"
            self.pointer("_earshot._tcp.office.example", instance)
            self.service(instance, "\(short).office.example", port: port)
            self.text(instance, ["txtvers=1", "v=1", "id=\(id ?? "abcdefghijklmn23")"])
            self.address("\(short).office.example", bytes)
        }

        /// An answer to one question: the records of that name and kind, or all of them at once.
        func answer(_ name: DNSName, _ kind: DNSAnswer.Kind, all: Bool = false) -> [UInt8] {
            let fit = self.records.filter { all || DNSName($0.name) == name && $0.kind == kind }
            var bytes: [UInt8] = [0, 0, 0x81, 0x80, 0, 1, UInt8(fit.count >> 8), UInt8(fit.count & 0xFF), 0, 0, 0, 0]
            bytes += Self.name(name.description) + [0, UInt8(kind.rawValue), 0, 1]
            for record in fit {
                bytes += Self.name(record.name) + [0, UInt8(record.kind.rawValue), 0, 1, 0, 0, 0, 60]
                bytes += [UInt8(record.data.count >> 8), UInt8(record.data.count & 0xFF)] + record.data
            }
            return bytes
        }

        func look(all: Bool = false) -> [DomainLook.Found]? {
            var look = DomainLook { DNSAnswer(self.answer($0, $1, all: all)) }
            return DNSName("office.example").flatMap { look.look($0) }
        }
    }

    @Test(arguments: [false, true]) func whoIsAnnouncedInADomainIsFound(all: Bool) throws {
        var zone = Zone()
        zone.node("anna", at: [10, 1, 2, 3])
        zone.address("anna.office.example", [0xFD] + [UInt8](repeating: 0, count: 14) + [1])
        zone.node("bob", id: "bbcdefghijklmn23", at: [192, 168, 7, 8], port: 4_000)
        let found = try #require(zone.look(all: all))
        #expect(found.map(\.name) == [.id("abcdefghijklmn23"), .id("abcdefghijklmn23"), .id("bbcdefghijklmn23")])
        #expect(found.map(\.endpoint.description) == ["10.1.2.3:47447", "[fd00::1]:47447", "192.168.7.8:4000"])
    }

    @Test func whatADomainSaysIsBelievedNoMoreThanAnAdvert() throws {
        var zone = Zone()
        zone.node("public", at: [8, 8, 8, 8])
        zone.node("loopback", at: [127, 0, 0, 1])
        zone.node("low", at: [10, 0, 0, 1], port: 22)
        zone.node("badid", id: "nobody", at: [10, 0, 0, 2])
        zone.pointer("_earshot._tcp.office.example", "evil._earshot._tcp.elsewhere.example")
        zone.node("twice", at: [10, 0, 0, 3])
        zone.text("twice._earshot._tcp.office.example", ["v=1", "id=bbcdefghijklmn23"])
        #expect(try #require(zone.look()).isEmpty)
        #expect(try #require(Zone().look()).isEmpty, "nobody is announced")
        var silent = DomainLook { _, _ in nil }
        #expect(DNSName("office.example").map { silent.look($0) == nil } ?? false)
    }

    @Test func aFloodIsCutOff() throws {
        var zone = Zone()
        for index in 0..<600 { zone.node("n\(index)", at: [10, 0, UInt8(index / 250), UInt8(index % 250)]) }
        for index in 0..<40 { zone.address("n0.office.example", [10, 9, 9, UInt8(index)]) }
        var asked = 0
        var look = DomainLook {
            asked += 1
            return DNSAnswer(zone.answer($0, $1))
        }
        let found = try #require(try DNSName("office.example").flatMap { look.look(try #require($0)) })
        #expect(asked <= DomainLook.mostQuestions && found.count <= DomainLook.mostNodes + DomainLook.mostAddresses)
        #expect(found.count { $0.endpoint.address.starts(with: [10, 9, 9]) } <= DomainLook.mostAddresses)
    }

    @Test func whatIsNotWholeIsLeftOut() throws {
        var zone = Zone()
        zone.node("anna", at: [10, 1, 2, 3])
        let name = try #require(DNSName("_earshot._tcp.office.example"))
        let whole = zone.answer(name, .pointer, all: true)
        #expect(DNSAnswer(whole)?.records.count == 4)
        for length in 0..<whole.count { #expect(DNSAnswer(Array(whole.prefix(length)))?.records.count ?? 0 < 4) }
        for at in whole.indices {
            for byte: UInt8 in [0, 0x3F, 0xC0, 0xFF] {
                var bytes = whole
                bytes[at] = byte
                _ = DNSAnswer(bytes)
            }
        }
    }

    @Test func aNameThatPointsAtItselfHasNoEnd() {
        let head: [UInt8] = [0, 0, 0x80, 0, 0, 0, 0, 1, 0, 0, 0, 0]
        let tail: [UInt8] = [0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 10, 0, 0, 1]
        for name in [[0xC0, 12], [0xC0, 13], [1, 0x61, 0xC0, 12], [0xC0, 0xFF], [0x80, 0]] as [[UInt8]] {
            #expect(DNSAnswer(head + name + tail)?.records.isEmpty ?? true, "\(name)")
        }
        let label = [UInt8(63)] + [UInt8](repeating: 0x61, count: 63)
        let longest = label + label + label + label + [0]
        #expect(DNSAnswer(head + longest + tail)?.records.isEmpty ?? true, "more than 255 bytes")
        // The end of a name may stand before it.
        let twice: [UInt8] = [1, 0x61, 0] + tail + [1, 0x62, 0xC0, 12] + tail
        let answer = DNSAnswer([0, 0, 0x80, 0, 0, 0, 0, 2, 0, 0, 0, 0] + twice)
        #expect(answer?.records.map(\.name.description) == ["a", "b.a"])
    }

    @Test func namesAreAskedForByTheirNumbersWhereTheyHaveSigns() throws {
        let name = try #require(DNSName(labels: [Array("Anna's P.C".utf8), Array("Example".utf8)]))
        #expect(name.description == "anna\\039s\\032p\\046c.example")
        #expect(DNSName("") == nil && DNSName("a..b") == nil && DNSName(String(repeating: "a", count: 64)) == nil)
        #expect(DNSName("Office.example.") == DNSName("office.EXAMPLE"))
    }
}
