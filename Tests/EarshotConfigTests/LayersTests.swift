import EarshotConfig
import EarshotModel
import EarshotText
import Testing

/// Files, the environment, options and the door: who counts, and what is refused.
@Suite struct LayersTests {
    static let paths = ConfigPaths(system: "/s.toml", user: "/u.toml", policy: "/p.toml")

    static func layers(
        _ files: [String: String] = [:], _ environment: [String: String] = [:], _ options: [String: Written] = [:]
    ) throws(ConfigFaults) -> Layers {
        try Layers(Self.paths, environment: environment, options: options) { files[$0] }
    }

    /// What is to be known of the settings, in words.
    static func said(_ news: [SettingNews]) -> [String] { news.map { Language.english.say(.settings($0)) } }

    static func faults(
        _ files: [String: String] = [:], _ environment: [String: String] = [:], _ options: [String: Written] = [:]
    ) -> [String] {
        do throws(ConfigFaults) {
            _ = try Self.layers(files, environment, options)
            return []
        } catch { return error.faults.map(\.text) }
    }

    @Test func withoutAnythingTheDefaultsCount() throws {
        let config = try Self.layers().config()
        #expect(config[\.accept] == .ask)
        #expect(config[\.filesRate] == 0)
        #expect(config[\.port] == nil)
        #expect(config[\.interfaces] == [])
        #expect(config[\.aes])
        #expect(Settings.all.allSatisfy { config.source(of: $0.key) == .usual })
        #expect(config.notices.isEmpty)
    }

    /// From the weakest to the strongest: each with all weaker ones beside it.
    @Test(arguments: 0...6) func theStrongerCounts(strength: Int) throws {
        let system = strength >= 1 ? "[files]\nrate = 1" : ""
        let user = strength >= 2 ? "\n[files]\nrate = \"2k\"" : ""
        let door = strength >= 3 ? ["files.rate": "3000"] : [:]
        let environment = strength >= 4 ? ["EARSHOT_FILES_RATE": "4k"] : [:]
        let policy = strength >= 6 ? "files.rate = 4000" : ""
        let files = ["/s.toml": system, "/u.toml": user, "/p.toml": policy]
        let config = try Self.layers(files, environment).config(door: door)
        #expect(config[\.filesRate] == [0, 1, 2_000, 3_000, 4_000, 4_000, 4_000][strength])
        let sources: [SettingSource] = [
            .usual, .file("/s.toml", line: 2), .file("/u.toml", line: 3), .door, .variable("EARSHOT_FILES_RATE"),
            .variable("EARSHOT_FILES_RATE"), .policy("/p.toml", line: 1),
        ]
        #expect(config.source(of: "files.rate") == sources[strength])
    }

    @Test func optionsAreStrongerThanVariables() throws {
        let layers = try Self.layers(
            ["/u.toml": "port = 1"], ["EARSHOT_PORT": "2"], ["port": .typed("3"), "interfaces": .list([.typed("lo")])])
        let config = layers.config()
        #expect(config[\.port] == 3)
        #expect(config.source(of: "port") == .option("--port"))
        #expect(config.hidden("port") == [.variable("EARSHOT_PORT"), .file("/u.toml", line: 1)])
        #expect(config[\.interfaces] == ["lo"])
    }

    @Test func whatTheDoorSetCanBeTakenBack() throws {
        let layers = try Self.layers(["/u.toml": "[contacts]\naccept = \"lan\""])
        #expect(layers.config(door: ["contacts.accept": "ask"])[\.accept] == .ask)
        #expect(layers.config(door: [:])[\.accept] == .lan)
    }

    @Test func nothingChangesWhatThePolicyLocks() throws {
        let lock = ["/p.toml": "[contacts]\naccept = \"ask\"\n", "/u.toml": "contacts.accept = \"lan\""]
        let config = try Self.layers(lock).config(door: ["contacts.accept": "lan"])
        #expect(config[\.accept] == .ask)
        #expect(
            config.refusal(of: Settings.registry.accept)
                == .lockedSetting(key: "contacts.accept", policy: "/p.toml", line: 2))
        #expect(
            Self.said(config.notices) == [
                "contacts.accept of `earshot settings` does not count: it is locked by /p.toml:2.",
                "contacts.accept of /u.toml:1 does not count: it is locked by /p.toml:2.",
            ])
        let locked = ["/p.toml": "port = 5000"]
        #expect(
            Self.faults(locked, ["EARSHOT_PORT": "1"], ["port": .typed("2")]) == [
                "--port cannot change port: it is locked by /p.toml:1.",
                "EARSHOT_PORT cannot change port: it is locked by /p.toml:1.",
            ])
        #expect(Self.faults(locked, ["EARSHOT_PORT": "5000"]).isEmpty)
    }

    @Test func whatVariablesAndOptionsGiveCannotBeChangedAtTheDoor() throws {
        let config = try Self.layers([:], ["EARSHOT_FILES_RATE": "1k"]).config(door: ["files.rate": "5"])
        #expect(config[\.filesRate] == 1_000)
        #expect(
            config.refusal(of: Settings.registry.filesRate)
                == .givenSetting(key: "files.rate", by: "EARSHOT_FILES_RATE")
        )
        #expect(
            Self.said(config.notices) == [
                "files.rate is given by EARSHOT_FILES_RATE; what was set with `earshot settings` waits."
            ])
        #expect(config.refusal(of: Settings.registry.accept) == nil)
    }

    @Test func everyVariableIsRead() throws {
        let environment = [
            "EARSHOT_STATE": "/tmp/a", "EARSHOT_NAME": "Anna", "EARSHOT_PORT": "0", "EARSHOT_DISCOVERY": "none",
            "EARSHOT_INTERFACES": "eth0, wlan0", "EARSHOT_AES": "false", "EARSHOT_LOG_LEVEL": "debug",
            "EARSHOT_LOG_FORMAT": "json",
            "EARSHOT_CONTACTS_ACCEPT": "lan", "EARSHOT_FILES_FOLDER": "/in", "EARSHOT_FILES_RATE": "20M",
            "EARSHOT_FILES_RATE_PEER": "1.5M", "EARSHOT_ROOMS_LOBBY": "on",
            "EARSHOT_PRESENCE_AWAY_AFTER": "5",
            "EARSHOT_PRESENCE_LAST_SEEN": "nobody", "EARSHOT_DISCOVERY_PRIVATE": "on",
            "EARSHOT_DISCOVERY_ANNOUNCE": "10.0.0.5:47447", "EARSHOT_DISCOVERY_DOMAIN": "office.example",
            "EARSHOT_RELAY": "on", "EARSHOT_KEEPER_ENABLED": "true", "EARSHOT_KEEPER_FOR": "verified",
            "EARSHOT_KEEPER_PEOPLE": "", "EARSHOT_KEEPER_SPACE": "64M", "EARSHOT_KEEPER_LEAVE": "nobody",
            "EARSHOT_WEB_ENABLED": "false", "EARSHOT_WEB_PORT": "8080", "EARSHOT_METRICS_ENABLED": "true",
        ]
        #expect(Set(Settings.all.map(\.variable)) == Set(environment.keys))
        let config = try Self.layers([:], environment).config()
        #expect(config[\.state] == "/tmp/a")
        #expect(config[\.name] == "Anna")
        #expect(config[\.port] == 0)
        #expect(config[\.discovery] == .some(.none))
        #expect(config[\.discoveryPrivate] == .on)
        #expect(config[\.interfaces] == ["eth0", "wlan0"])
        #expect(!config[\.aes])
        #expect(config[\.logLevel] == .debug)
        #expect(config[\.accept] == .lan)
        #expect(config[\.filesFolder] == "/in")
        #expect(config[\.filesRate] == 20_000_000)
        #expect(config[\.filesRatePerPeer] == 1_500_000)
        #expect(!config[\.webEnabled])
        #expect(config[\.webPort] == 8_080)
        #expect(try Self.layers([:], ["EARSHOT_PORT": ""]).config()[\.port] == nil, "empty is not set")
    }

    @Test func aSlipInAVariableIsSaid() throws {
        let config = try Self.layers([:], ["EARSHOT_FILES_RAT": "1", "EARSHOT_SOMETHING": "2"]).config()
        #expect(
            Self.said(config.notices) == [
                "EARSHOT_FILES_RAT is not the variable of a setting. "
                    + "Did you mean EARSHOT_FILES_RATE or EARSHOT_FILES_RATE_PEER?"
            ])
    }

    @Test(
        arguments: [
            (
                "[files]\nrat = 1",
                "/u.toml:2:1: There is no setting files.rat. Did you mean files.rate or files.rate.peer?"
            ),
            ("[flies]\n\n  rate = 1", "/u.toml:3:3: There is no setting flies.rate. Did you mean files.rate?"),
            ("hooks = {}", "/u.toml:1:11: There is no setting hooks."),
            ("hook = 3", "/u.toml:1:1: hook is a table: [[hook]]."),
            ("[[hooks]]\non = \"message\"", "/u.toml:1:1: There is no setting hooks."),
            ("[[hook]]\non = \"message\"", "/u.toml:1:1: [[hook]] needs exec or url: what is to be done."),
            (
                "port = \"47447\"",
                "/u.toml:1:1: port is a number from 0 to 65535, not \"47447\"."
            ),
            ("port = 65_536", "/u.toml:1:1: port is a number from 0 to 65535, not 65536."),
            ("port = -1", "/u.toml:1:1: port is a number from 0 to 65535, not -1."),
            ("aes = 1", "/u.toml:1:1: aes is true or false, not 1."),
            ("discovery = \"dns\"", "/u.toml:1:1: discovery is auto, avahi, embedded or none, not \"dns\"."),
            ("contacts.accept = true", "/u.toml:1:1: contacts.accept is ask or lan, not true."),
            (
                "files.rate = \"fast\"",
                "/u.toml:1:1: files.rate is bytes a second, as 20M, or 0 for no limit, not \"fast\"."
            ),
            (
                "files.rate = -5",
                "/u.toml:1:1: files.rate is bytes a second, as 20M, or 0 for no limit, not -5."
            ),
            (
                "files.folder = \"inbox\"",
                "/u.toml:1:1: files.folder is the whole path of a folder, which may begin with ~, not \"inbox\"."
            ),
            (
                "interfaces = [\"eth0\", 2]",
                "/u.toml:1:1: interfaces is a list of interfaces, as [\"eth0\", \"wlan0\"], not a list."
            ),
            (
                "name = \"\"",
                "/u.toml:1:1: name is a name, in quotes, with something to be seen, not \"\"."
            ),
            ("port = 1\n\"port\" = 2", "/u.toml:2:1: port is set a second time."),
            ("files.rate.peer = 1\n\"files.rate.peer\" = 2", "/u.toml:2:1: files.rate.peer is set a second time."),
            ("x = ", "/u.toml:1:5: A value is missing here."),
        ]) func faultsOfAFile(text: String, fault: String)
    {
        #expect(Self.faults(["/u.toml": text]) == [fault])
    }

    @Test func allFaultsOfAllSourcesAreSaidAtOnce() {
        #expect(
            Self.faults(
                ["/s.toml": "aes = 2\nprot = 1", "/u.toml": "x", "/p.toml": "y = 1"], ["EARSHOT_PORT": "many"],
                ["discovery": .typed("foo")])
                == [
                    "/p.toml:1:1: There is no setting y.", "/s.toml:1:1: aes is true or false, not 2.",
                    "/s.toml:2:1: There is no setting prot. Did you mean port?",
                    "/u.toml:1:2: After a key there is a = and its value.",
                    "EARSHOT_PORT is a number from 0 to 65535, not \"many\".",
                    "--discovery is auto, avahi, embedded or none, not \"foo\".",
                ])
    }

    @Test func whatTheDatabaseHasAndDoesNotFitIsLeftOutAloud() throws {
        let config = try Self.layers().config(door: ["files.rate": "lots", "port": "5", "files.rules": "[]"])
        #expect(config[\.filesRate] == 0)
        #expect(config[\.port] == nil, "the door sets only what it may")
        #expect(
            Self.said(config.notices) == [
                "What the database has for files.rate is left out. "
                    + "files.rate is bytes a second, as 20M, or 0 for no limit, not \"lots\"."
            ])
    }

    @Test func whatNeedsAStartStaysUntilThen() throws {
        let before = try Self.layers(["/u.toml": "port = 1\nfiles.rate = 1"]).config()
        let after = try Self.layers(["/u.toml": "port = 2\nfiles.rate = 2"]).config()
        let now = before.changed(to: after)
        #expect(now[\.port] == 1)
        #expect(now[\.filesRate] == 2)
    }
}

/// The settings of a node that runs.
@Suite struct LiveSettingsTests {
    private static func layers(_ text: String) throws -> Layers { try LayersTests.layers(["/u.toml": text]) }

    @Test func theDoorChangesAndTakesBack() throws {
        var live = LiveSettings(try Self.layers("files.rate = 5"), kept: [:])
        let rate = Settings.registry.filesRate
        live.set(rate, "7")
        #expect(live.now[\.filesRate] == 7)
        #expect(live.now.source(of: rate.key) == .door)
        live.set(rate, nil)
        #expect(live.now[\.filesRate] == 5)
        live.set(rate, "7")
        live.restore(kept: [:])
        #expect(live.now[\.filesRate] == 5, "what could not be kept does not count")
    }

    @Test func readingAgainSaysWhatChangesAndWhen() throws {
        var live = LiveSettings(try Self.layers("files.rate = 5\nport = 1"), kept: ["contacts.accept": "lan"])
        #expect(
            try LayersTests.said(live.read(Self.layers("\nfiles.rate = 6\nport = 2\ncontacts.accept = \"ask\""))) == [
                "port is 2 (/u.toml:3) from the next start on.", "files.rate is 6 (/u.toml:2) now.",
            ])
        #expect(live.now[\.port] == 1)
        #expect(live.next[\.port] == 2)
        #expect(try live.read(Self.layers("\nfiles.rate = 6\nport = 2")).isEmpty)
        #expect(
            try LayersTests.said(live.read(Self.layers(""))) == [
                "port is 47447 if it is free, else any (default) from the next start on.",
                "files.rate is 0 (default) now.",
            ])
    }

    @Test func ourNameIsChangedAtOnceByItsCommand() throws {
        var live = LiveSettings(try Self.layers("name = \"Anna\""), kept: [:])
        #expect(live.now[\.name] == "Anna")
        live.set(Settings.registry.name, "Bob")
        #expect(live.now[\.name] == "Bob")
        #expect(live.now.source(of: "name") == .door)
    }
}
