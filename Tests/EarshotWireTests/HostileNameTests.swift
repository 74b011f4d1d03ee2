import EarshotModel
import EarshotWire
import Testing

/// Names of files that somebody else chose (Protocol.md 13, case 36).
@Suite struct HostileNameTests {
    /// Where Windows reads the disk too.
    @Test(arguments: [
        ("report.pdf", "report.pdf"), ("../../.ssh/authorized_keys", "_._.._.ssh_authorized_keys"),
        ("/etc/passwd", "_etc_passwd"), ("a/../../b", "a_.._.._b"),
        ("..", "_"), (".", "_"), ("", "file"), ("   ", "_"), ("...", "_"), ("CON", "_CON"), ("con.txt", "_con.txt"),
        ("COM1", "_COM1"), ("lpt9.log", "_lpt9.log"),
        ("COM10", "COM10"), ("-rf", "_rf"), (".bashrc", "_bashrc"), ("~root", "_root"), ("nul\0l", "null"),
        ("a\0/b", "a_b"),
        ("photo\u{202E}gpj.exe", "photogpj.exe"), ("\u{1B}[2J\u{1B}[H", "[2J[H"),
        ("<img src=x onerror=alert(1)>", "_img src=x onerror=alert(1)_"),
        ("C:\\Windows\\x", "C__Windows_x"), ("name. . .", "name"), ("tab\tend", "tabend"), ("two\nlines", "twolines"),
        ("zero\u{200B}width", "zerowidth"),
        ("e\u{301}", "e\u{301}"), ("한\u{3164}글", "한글"), ("a\u{2044}b", "a_b"), ("fulı\u{FF0F}x", "fulı_x"),
        ("👩‍👩‍👧 family.jpg", "👩‍👩‍👧 family.jpg"),
        ("مرحبا.txt", "مرحبا.txt"), ("NUL.tar.gz", "_NUL.tar.gz"), ("a|b?c*d\"e", "a_b_c_d_e"),
    ]) func hostileNamesStayInTheirFolder(raw: String, safe: String) {
        let name = SafeName(raw, for: .portable)
        #expect(Array(name.text.utf8) == Array(safe.utf8), "\(name.text.debugDescription)")
        #expect(SafeName(name.text, for: .portable) == name, "safe stays safe")
    }

    /// On a file system of Linux a name that is legal and safe stays as it is, to the byte; what moves, hides or
    /// misleads does not.
    @Test(arguments: [
        ("12:30.log", "12:30.log"), ("a|b?c*d\"e<f>", "a|b?c*d\"e<f>"), ("C:\\x", "C:\\x"), ("aux.c", "aux.c"),
        ("CON", "CON"), ("etc...", "etc..."),
        ("name ", "name "), (" name", " name"), ("e\u{301}", "e\u{301}"), ("12\u{FF1A}30", "12\u{FF1A}30"),
        ("/etc/passwd", "_etc_passwd"), ("..", "_."),
        (".", "_"), ("", "file"), ("   ", "_  "), ("-rf", "_rf"), ("~", "_"), ("~root", "_root"), ("nul\0l", "null"),
        ("a\0/b", "a_b"),
        ("photo\u{202E}gpj.exe", "photogpj.exe"), ("\u{1B}[2J", "[2J"), ("two\nlines", "twolines"),
        ("zero\u{200B}width", "zerowidth"), ("a\u{2044}b", "a_b"),
        ("fulı\u{FF0F}x", "fulı_x"), ("👩‍👩‍👧 family.jpg", "👩‍👩‍👧 family.jpg"),
    ]) func whatIsLegalAndSafeStaysOnLinux(raw: String, safe: String) {
        for isInside in [false, true] {
            let name = SafeName(raw, inside: isInside)
            #expect(Array(name.text.utf8) == Array(safe.utf8), "\(name.text.debugDescription)")
            #expect(SafeName(name.text, inside: isInside) == name, "safe stays safe")
        }
    }

    /// A dot hides, and makes a setting of whatever lies in a home folder: not where nothing of the receiver's own
    /// lies.
    @Test func aDotInFrontIsForTheInside() {
        for name in [".git", ".bashrc", ".ssh", "...", ".a b"] {
            #expect(SafeName(name).text == "_" + name.dropFirst() && SafeName(name, inside: true).text == name)
        }
        #expect(
            SafeName("../x").text == "_._x" && SafeName("../x", inside: true).text == ".._x", "a name, and no way out")
        #expect(SafeName(".git", inside: true, for: .portable).text == ".git")
    }

    @Test func twinsAreToldApartWhereTheyAreOne() throws {
        let listing = try Listing([
            self.folder("d"), self.file("d/A"), self.file("d/a"), self.file("d/12:30"), self.file("d/e\u{301}"),
            self.file("d/\u{E9}"), self.folder("d/.git"),
        ])
        let linux = try SafeTree(listing)
        #expect(
            linux.map { $0.path.map(\.text).joined(separator: "/") } == [
                "d", "d/A", "d/a", "d/12:30", "d/e\u{301}", "d/\u{E9} (2)", "d/.git",
            ])
        #expect(linux.notes.renamed == [.init(from: "d/\u{E9}", to: "d/\u{E9} (2)")], "they look the same")
        let sensitive = NameRules(isPortable: false, ignoresCase: true, longest: 255)
        #expect(try SafeTree(listing, for: sensitive).notes.renamed.map(\.to) == ["d/a (2)", "d/\u{E9} (2)"])
        let portable = try SafeTree(listing, for: .portable)
        #expect(
            portable.notes.renamed.map(\.to) == ["d/a (2)", "d/12_30", "d/\u{E9} (2)"]
                && portable.notes.renamedCount == 3)
        #expect(
            try SafeTree(Listing([self.file("-x"), self.file("t/\u{200B}")])).notes.renamed.map(\.to) == [
                "_x", "t/file",
            ])
    }

    @Test func whatDoesNotComeIsNoPartOfTheTree() throws {
        let listing = try Listing([
            self.folder("d"), .init(omitted: ["d", "secret"], .unreadable), self.file("d/a", 5),
            .init(omitted: ["x", "y"], .special),
        ])
        #expect(listing.files == 1 && listing.size == 5 && listing.count == 4)
        #expect(try Listing(decoding: listing.encoded) == listing)
        let tree = try SafeTree(listing)
        #expect(tree.map { $0.path.map(\.text) } == [["d"], ["d", "a"]] && tree.tops.map(\.text) == ["d"])
        #expect(
            tree.notes.omitted == [.init(path: "d/secret", reason: .unreadable), .init(path: "x/y", reason: .special)])
    }

    @Test func timesBefore1970Survive() throws {
        for time in [Int64.min, -1, 0, 1, -62_135_596_800_000, .max] {
            let listing = try Listing([
                Listing.Entry(kind: .file, path: ["a"], size: 1, modified: FileTime(milliseconds: time))
            ])
            #expect(try Listing(decoding: listing.encoded).first { _ in true }?.modified.milliseconds == time)
        }
        let time = FileTime(seconds: -1, nanoseconds: 999_000_000)
        #expect(time.milliseconds == -1 && time.seconds == -1 && time.nanoseconds == 999_000_000)
        #expect(
            FileTime(seconds: .min, nanoseconds: 0).milliseconds == .min
                && FileTime(seconds: .max, nanoseconds: 999_999_999).milliseconds == .max)
    }

    @Test func plainNamesGoTheShortWay() {
        var generator = SystemRandomNumberGenerator()
        let parts = [
            "con", "COM", "lpt", "aux", "NUL", "clock$", "prn", "1", ".", "..", " ", "-", "~", "a", "Zz", ":", "/",
            "\u{7F}", "\t", "\0", "x.tar", String(repeating: "y", count: 197),
        ]
        let bytes = (0..<128).map { String(Unicode.Scalar(UInt8($0))) }
        for turn in 0..<20_000 {
            let from = turn % 2 == 0 ? parts : bytes
            let raw = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
                from.randomElement(using: &generator) ?? ""
            }.joined()
            // What hides in it is dropped, and nothing else changes by that.
            for (isInside, rules) in [(false, NameRules.linux), (true, .linux), (false, .portable), (true, .portable)] {
                #expect(
                    SafeName(raw, inside: isInside, for: rules)
                        == SafeName(raw + "\u{200B}", inside: isInside, for: rules), "\(raw.debugDescription)")
            }
        }
    }

    @Test func longNamesKeepTheirEnding() {
        for length in [199, 200, 201, 255, 4_096, 100_000] {
            for rules in [NameRules.linux, .portable] {
                let name = SafeName(String(repeating: "ä", count: length) + ".tar", for: rules)
                #expect(name.text.utf8.count <= rules.longest && name.text.hasSuffix(".tar"))
                #expect(
                    name.numbered(1_000_000).text.utf8.count <= 255 && name.numbered(1_000_000).text.hasSuffix(".tar"))
            }
        }
        let family = SafeName(String(repeating: "👩‍👩‍👧", count: 50))
        #expect(family.text.utf8.count <= 255 && family.text.allSatisfy { $0 == "👩‍👩‍👧" }, "cut between characters")
        #expect(SafeName("x." + String(repeating: "y", count: 300)).text.utf8.count <= 255)
        #expect(SafeName(String(repeating: "y", count: 255)).text.utf8.count == 255, "as long as the file system takes")
    }

    @Test func whatIsTakenIsNumbered() {
        #expect(SafeName("a.tar.gz").numbered(2).text == "a.tar (2).gz")
        #expect(SafeName("README").numbered(3).text == "README (3)")
        #expect(SafeName("README").numbered(1).text == "README")
    }

    @Test(
        arguments: [
            ("photo.jpg", nil), ("setup.exe", SafeName.Suspicion.program), ("photo.jpg.exe", .disguised),
            ("invoice.pdf .scr", .disguised), ("run.sh", .program),
            ("exe", nil), ("archive.tar.gz", nil), ("a.DESKTOP", .program), ("x.docm", .program),
            ("notes.txt.txt", nil),
            ("debian.img", nil), ("firmware.bin", nil), ("debian.iso", nil), ("build.out", nil), ("disk.vhdx", nil),
            ("setup.exe.", .program), ("a.jpg.exe .", .disguised),
        ] as [(String, SafeName.Suspicion?)]) func programsAreToldFromDocuments(
            raw: String, suspicion: SafeName.Suspicion?
        )
    {
        #expect(SafeName(raw).suspicion == suspicion)
    }

    private func file(_ path: String, _ size: UInt64 = 1) -> Listing.Entry {
        Listing.Entry(
            kind: .file, path: path.split(separator: "/", omittingEmptySubsequences: false).map(String.init),
            size: size, modified: FileTime(milliseconds: 7))
    }
    private func folder(_ path: String) -> Listing.Entry {
        Listing.Entry(
            kind: .folder, path: path.split(separator: "/").map(String.init), size: 0,
            modified: FileTime(milliseconds: 7))
    }

    @Test func aListingIsReadAsItIsWrittenOrRefused() throws {
        let listing = try Listing([
            self.folder("trip"), self.file("trip/a.jpg", 1 << 40), self.file("trip/ü 漢.txt", 0),
            self.folder("trip/empty"),
        ])
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
            [self.file(Array(repeating: "x", count: 65).joined(separator: "/"))],
            [self.file(String(repeating: "x", count: 4_097))],
            [self.file("a", .max)], [self.file("a", 1 << 62), self.file("b", 1 << 62)],
            [Listing.Entry(kind: .folder, path: ["a"], size: 1, modified: FileTime(milliseconds: 0))],
        ]
        for entries in refused { #expect(throws: ProtocolError.self) { try Listing(entries) } }
        for bytes in [
            [3], [0, 0x80], [0, 0x80, 0], [0] + [UInt8](repeating: 0xFF, count: 11), [0, 0, 0, 1, 0xFF],
            [0, 0, 0, 0xFF, 0xFF, 3],
        ] as [[UInt8]] {
            #expect(throws: ProtocolError.self) { try Listing(decoding: bytes) }
        }
    }

    @Test func noTwoEntriesLandInOnePlace() throws {
        let listing = try Listing([
            self.file("A.txt"), self.file("a.txt"), self.file("a?.txt"), self.file("a*.txt"), self.file("e\u{301}"),
            self.file("d/../x"), self.file("d/./x"),
            self.folder("d:"), self.file("d:/y"), self.file("d|/y"),
        ])
        let paths = try SafeTree(listing, for: .portable).map { $0.path.map(\.text).joined(separator: "/") }
        #expect(Set(paths.map { $0.lowercased() }).count == paths.count, "\(paths)")
        #expect(
            paths[1] == "a (2).txt" && paths[3] == "a_ (2).txt" && paths[5] == "d/_/x" && paths[6] == "d/_ (2)/x"
                && paths[9] == "d_ (2)/y")
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
