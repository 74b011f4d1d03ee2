import EarshotModel
import EarshotProtocol
import Testing

/// Names of files that somebody else chose (Protocol.md 13, case 36).
@Suite struct HostileNameTests {
    @Test(arguments: [
        ("report.pdf", "report.pdf"), ("../../.ssh/authorized_keys", "_._.._.ssh_authorized_keys"), ("/etc/passwd", "_etc_passwd"), ("a/../../b", "a_.._.._b"),
        ("..", "_"), (".", "_"), ("", "file"), ("   ", "_"), ("...", "_"), ("CON", "_CON"), ("con.txt", "_con.txt"), ("COM1", "_COM1"), ("lpt9.log", "_lpt9.log"),
        ("COM10", "COM10"), ("-rf", "_rf"), (".bashrc", "_bashrc"), ("~root", "_root"), ("nul\0l", "null"), ("a\0/b", "a_b"),
        ("photo\u{202E}gpj.exe", "photogpj.exe"), ("\u{1B}[2J\u{1B}[H", "[2J[H"), ("<img src=x onerror=alert(1)>", "_img src=x onerror=alert(1)_"),
        ("C:\\Windows\\x", "C__Windows_x"), ("name. . .", "name"), ("tab\tend", "tabend"), ("two\nlines", "twolines"), ("zero\u{200B}width", "zerowidth"),
        ("e\u{301}", "\u{E9}"), ("한\u{3164}글", "한글"), ("a\u{2044}b", "a_b"), ("fulı\u{FF0F}x", "fulı_x"), ("👩‍👩‍👧 family.jpg", "👩‍👩‍👧 family.jpg"),
        ("مرحبا.txt", "مرحبا.txt"), ("NUL.tar.gz", "_NUL.tar.gz"), ("a|b?c*d\"e", "a_b_c_d_e"),
    ]) func hostileNamesStayInTheirFolder(raw: String, safe: String) {
        let name = SafeName(raw)
        #expect(Array(name.text.utf8) == Array(safe.utf8), "\(name.text.debugDescription)")
        #expect(SafeName(name.text) == name, "safe stays safe")
    }

    @Test func plainNamesGoTheShortWay() {
        var generator = SystemRandomNumberGenerator()
        let parts = ["con", "COM", "lpt", "aux", "NUL", "clock$", "prn", "1", ".", "..", " ", "-", "~", "a", "Zz", ":", "/", "\u{7F}", "\t", "\0", "x.tar", String(repeating: "y", count: 197)]
        let bytes = (0..<128).map { String(Unicode.Scalar(UInt8($0))) }
        for turn in 0..<20_000 {
            let from = turn % 2 == 0 ? parts : bytes
            let raw = (0..<Int.random(in: 0...4, using: &generator)).map { _ in from.randomElement(using: &generator) ?? "" }.joined()
            // What hides in it is dropped, and nothing else changes by that.
            #expect(SafeName(raw) == SafeName(raw + "\u{200B}"), "\(raw.debugDescription)")
        }
    }

    @Test func longNamesKeepTheirEnding() {
        for length in [199, 200, 201, 255, 4_096, 100_000] {
            let name = SafeName(String(repeating: "ä", count: length) + ".tar")
            #expect(name.text.utf8.count <= SafeName.longest && name.text.hasSuffix(".tar"))
            #expect(name.numbered(1_000_000).text.utf8.count <= 255)
        }
        let family = SafeName(String(repeating: "👩‍👩‍👧", count: 50))
        #expect(family.text.utf8.count <= 200 && family.text.allSatisfy { $0 == "👩‍👩‍👧" }, "cut between characters")
        #expect(SafeName("x." + String(repeating: "y", count: 300)).text.utf8.count <= 200)
    }

    @Test func whatIsTakenIsNumbered() {
        #expect(SafeName("a.tar.gz").numbered(2).text == "a.tar (2).gz")
        #expect(SafeName("README").numbered(3).text == "README (3)")
        #expect(SafeName("README").numbered(1).text == "README")
    }

    @Test(arguments: [
        ("photo.jpg", nil), ("setup.exe", SafeName.Suspicion.program), ("photo.jpg.exe", .disguised), ("invoice.pdf .scr", .disguised), ("run.sh", .program),
        ("exe", nil), ("archive.tar.gz", nil), ("a.DESKTOP", .program), ("x.docm", .program), ("notes.txt.txt", nil),
    ] as [(String, SafeName.Suspicion?)]) func programsAreToldFromDocuments(raw: String, suspicion: SafeName.Suspicion?) {
        #expect(SafeName(raw).suspicion == suspicion)
    }

    private func file(_ path: String, _ size: UInt64 = 1) -> Listing.Entry {
        Listing.Entry(kind: .file, path: path.split(separator: "/", omittingEmptySubsequences: false).map(String.init), size: size, modified: Timestamp(milliseconds: 7))
    }
    private func folder(_ path: String) -> Listing.Entry {
        Listing.Entry(kind: .folder, path: path.split(separator: "/").map(String.init), size: 0, modified: Timestamp(milliseconds: 7))
    }

    @Test func aListingIsReadAsItIsWrittenOrRefused() throws {
        let listing = try Listing([self.folder("trip"), self.file("trip/a.jpg", 1 << 40), self.file("trip/ü 漢.txt", 0), self.folder("trip/empty")])
        #expect(try Listing(decoding: listing.encoded) == listing)
        #expect(listing.size == 1 << 40)
        for length in 0..<listing.encoded.count { _ = try? Listing(decoding: listing.encoded.prefix(length)) }
        for bit in 0..<listing.encoded.count * 8 {
            var bad = listing.encoded
            bad[bit / 8] ^= 1 << UInt8(bit % 8)
            if let read = try? Listing(decoding: bad) { #expect(try Listing(decoding: read.encoded) == read) }
        }
        let refused: [[Listing.Entry]] = [
            [], [self.file("")], [self.file("a//b")], [self.file("/a")], [self.file("a\0b")],
            [self.file(Array(repeating: "x", count: 65).joined(separator: "/"))], [self.file(String(repeating: "x", count: 4_097))],
            [self.file("a", .max)], [self.file("a", 1 << 62), self.file("b", 1 << 62)],
            [Listing.Entry(kind: .folder, path: ["a"], size: 1, modified: Timestamp(milliseconds: 0))],
        ]
        for entries in refused { #expect(throws: ProtocolError.self) { try Listing(entries) } }
        for bytes in [[2], [0, 0x80], [0, 0x80, 0], [0] + [UInt8](repeating: 0xFF, count: 11), [0, 0, 0, 1, 0xFF], [0, 0, 0, 0xFF, 0xFF, 3]] as [[UInt8]] {
            #expect(throws: ProtocolError.self) { try Listing(decoding: bytes) }
        }
    }

    @Test func noTwoEntriesLandInOnePlace() throws {
        let listing = try Listing([
            self.file("A.txt"), self.file("a.txt"), self.file("a?.txt"), self.file("a*.txt"), self.file("e\u{301}"), self.file("d/../x"), self.file("d/./x"),
            self.folder("d:"), self.file("d:/y"), self.file("d|/y"),
        ])
        let paths = try SafeTree(listing).map { $0.path.map(\.text).joined(separator: "/") }
        #expect(Set(paths.map { $0.lowercased() }).count == paths.count, "\(paths)")
        #expect(paths[1] == "a (2).txt" && paths[3] == "a_ (2).txt" && paths[5] == "d/_/x" && paths[6] == "d/_ (2)/x" && paths[9] == "d_ (2)/y")
        #expect(paths.allSatisfy { !$0.split(separator: "/").contains("..") })
        #expect(throws: ProtocolError.self) { try SafeTree(Listing([self.file("a"), self.file("a/b")])) }
        #expect(throws: ProtocolError.self) { try SafeTree(Listing([self.file("a"), self.file("a")])) }
        #expect(throws: ProtocolError.self) { try SafeTree(Listing([self.folder("a"), self.file("a")])) }
        #expect(throws: ProtocolError.self) { try SafeTree(Listing([self.file("a"), self.folder("a")])) }
    }

    @Test func manyThatLookTheSameAreNumberedApart() throws {
        let listing = try Listing((0..<1_200).map { self.file("f/a" + String(repeating: "\u{200B}", count: $0)) })
        let paths = try SafeTree(listing).map(\.path)
        #expect(Set(paths).count == 1_200 && paths.last?.last?.text == "a (1200)")
    }
}
