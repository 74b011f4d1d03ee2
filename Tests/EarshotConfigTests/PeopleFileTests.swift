import EarshotConfig
import EarshotModel
import Testing

/// The file that names people.
@Suite struct PeopleFileTests {
    private static let digits = "04821 77310 90012 33481 20967 55120"
    private static let id = String(repeating: "a", count: 52)

    @Test func peopleByFingerprintAndById() throws {
        let read = try LayersTests.layers([
            "/people.toml": """
            [[person]]
            name = "Anna ◆"
            fingerprint = "\(Self.digits)"

            [[person]]
            name = "Print room"
            id = "earshot:\(Self.id)"
            verified = false
            may = ["write", "files up to 20M into /srv/inbox"]
            hook = ["print-it", "-x"]
            """
        ])
        let fingerprint = try #require(Fingerprint(typed: Self.digits))
        let person = try #require(PersonID(text: Self.id))
        #expect(
            read.people == [
                Provision(name: "Anna", key: .fingerprint(fingerprint), place: "/people.toml:1"),
                Provision(
                    name: "Print room", key: .id(person), isVerified: false,
                    files: .init(most: 20_000_000, folder: "/srv/inbox"), place: "/people.toml:5"),
            ])
        #expect(read.automations.hooks.map(\.does) == ["print-it -x"])
        #expect(read.automations.hooks.first?.filter.from == Self.id)
    }

    @Test func roomsAndWhoIsInThem() throws {
        let read = try LayersTests.layers([
            "/people.toml": """
            [[person]]
            name = "Anna"
            id = "\(Self.id)"
            may = ["write", "invite"]
            rooms = ["#ops", "Print room"]

            [[room]]
            name = "ops"
            announce = true
            history = "from-join"
            owner_invites = true

            [[room]]
            name = "#hall"
            open = true
            """
        ])
        #expect(read.people.first?.rooms == ["ops", "Print room"] && read.people.first?.mayInvite == true)
        #expect(
            read.rooms == [
                ProvisionedRoom(
                    name: "ops", isAnnouncement: true, startsAtJoin: true, ownerInvites: true, place: "/people.toml:7"),
                ProvisionedRoom(name: "hall", isOpen: true, place: "/people.toml:13"),
            ])
    }

    @Test(
        arguments: [
            ("files", nil, nil), ("files up to 1.5G", 1_500_000_000, nil), ("files into /a b", nil, "/a b"),
            ("files up to 20k into /x", 20_000, "/x"),
        ] as [(String, UInt64?, String?)]) func whatFilesAreTaken(text: String, most: UInt64?, folder: String?) throws
    {
        let read = try LayersTests.layers([
            "/people.toml":
                "[[person]]\nname = \"A\"\nid = \"\(Self.id)\"\nmay = [\"write\", \"\(text)\"]"
        ])
        #expect(read.people.first?.files == .init(most: most, folder: folder))
    }

    @Test(
        arguments: [
            ("nmae = \"A\"\nid = 1", "/people.toml:2:1: [[person]] knows no nmae. Did you mean name?"),
            ("id = \"x\"", "/people.toml:2:1: id is the 52 letters and digits"),
            ("name = \"A\"", "/people.toml:1:1: [[person]] needs fingerprint or id: whose key it is."),
            ("name = \"A\"\nfingerprint = \"123\"", "/people.toml:3:1: fingerprint is thirty digits"),
            ("name = \"◆\"", "/people.toml:2:1: name is what you call them"),
            ("may = [\"wriet\"]", "/people.toml:2:1: may is a list of \"write\", \"invite\" and \"files\""),
            ("may = [\"files\"]", "/people.toml:2:1: Whoever may do more may write"),
            ("may = [\"write\", \"files into x\"]", "/people.toml:2:1: may is a list"),
            ("may = []", "/people.toml:2:1: may is a list"),
            ("may = [\"write\", \"files\", \"files\"]", "/people.toml:2:1: may says twice"),
            ("verified = 1", "/people.toml:2:1: verified is true or false, not 1."),
            (
                "name = \"A\"\nfingerprint = \"04821 77310 90012 33481 20967 55120\"\nhook = \"x\"",
                "/people.toml:4:1: hook needs id"
            ),
            (
                "[[persn]]\nname = \"A\"",
                "/people.toml:2:1: Here stand [[person]] and [[room]] and nothing else, not persn. Did"
            ),
            (
                "[files]\nrate = 1",
                "/people.toml:3:1: Here stand [[person]] and [[room]] and nothing else, not files.rate."
            ),
            ("rooms = \"ops\"", "/people.toml:2:1: rooms is a list of rooms"),
            ("rooms = []", "/people.toml:2:1: rooms is a list of rooms"),
            ("rooms = [\"ops\", \"#Ops\"]", "/people.toml:2:1: rooms names one twice."),
            ("may = [\"invite\"]", "/people.toml:2:1: Whoever may do more may write"),
            ("[[room]]\nopen = 1", "/people.toml:3:1: open is true or false, not 1."),
            ("[[room]]\nopen = true", "/people.toml:2:1: [[room]] needs name: what the room is called"),
            ("[[room]]\nhistory = \"none\"", "/people.toml:3:1: history is"),
            ("[[room]]\nname = \"a\"\n[[room]]\nname = \"#A\"", "/people.toml:4: There is another room A at"),
        ]) func whatIsWrongIsSaidWithItsPlace(text: String, fault: String)
    {
        let faults = LayersTests.faults(["/people.toml": "[[person]]\n" + text])
        #expect(faults.contains { $0.hasPrefix(fault) }, "\(faults)")
    }

    @Test func nobodyIsNamedTwice() {
        let one = "[[person]]\nname = \"A\"\nid = \"\(Self.id)\"\n"
        let other = "[[person]]\nname = \"a\"\nfingerprint = \"\(Self.digits)\"\n"
        #expect(
            LayersTests.faults(["/people.toml": one + one.replacing("\"A\"", with: "\"B\"")])
                == ["/people.toml:4: B is named at /people.toml:1, too."])
        #expect(
            LayersTests.faults(["/people.toml": one + other])
                == ["/people.toml:4: Somebody else is called a at /people.toml:1."])
    }

    @Test func itStandsBesideTheFilesOfSettings() {
        let paths = ConfigPaths(
            system: "/etc/earshot/config.toml", user: "/home/a/.config/earshot/config.toml",
            policy: "/etc/earshot/policy.toml")
        #expect(paths.people == ["/etc/earshot/people.toml", "/home/a/.config/earshot/people.toml"])
        #expect(LayersTests.faults(["/u.toml": "[[person]]\nname = \"A\""]).first?.contains("people.toml") ?? false)
    }
}
