import EarshotConfig
import EarshotText
import Foundation
import Testing

/// The commented file, made of the registry.
@Suite struct TemplateTests {
    @Test func theFileInTheDocumentsIsTheRegistry() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/config.toml")
        #expect(try String(contentsOf: path, encoding: .utf8) == Template.text)
    }

    @Test func itSetsNothing() throws {
        #expect(try TOMLReader.entries(Template.text).isEmpty)
        #expect(Template.text.split(separator: "\n").allSatisfy { $0.count <= 120 })
    }

    /// With the # before each setting taken away it is a good file that says what the defaults say.
    @Test func withoutItsMarksItSaysTheDefaults() throws {
        let text = Template.text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.hasPrefix("#") && !line.hasPrefix("# ") ? line.dropFirst() : line
        }.joined(separator: "\n")
        #expect(try TOMLReader.entries(text).map(\.key) == Settings.all.map(\.key))
        let config = try LayersTests.layers(["/u.toml": text]).config()
        let usual = try LayersTests.layers().config()
        for setting in Settings.all where setting.sample == nil {
            let isSame = config.isSame(setting, as: usual)
            #expect(isSame, "\(setting.key)")
            #expect(config.source(of: setting.key) != .usual)
        }
    }
}

@Suite struct SettingsTests {
    @Test func eachIsDeclaredOnce() {
        #expect(
            Settings.all.map(\.key) == [
                "state", "name", "port", "discovery", "discovery.private", "discovery.announce",
                "discovery.domain", "relay", "interfaces", "aes", "log-level",
                "log-format", "contacts.accept",
                "rooms.lobby", "files.folder", "files.rate", "files.rate.peer", "presence.away-after",
                "presence.last-seen", "keeper.enabled", "keeper.for", "keeper.people", "keeper.space", "keeper.leave",
                "web.enabled", "web.port", "metrics.enabled",
            ])
        #expect(Set(Settings.all.map(\.variable)).count == Settings.all.count)
        #expect(Settings.all.filter(\.isForDoor).allSatisfy { $0.effect == .atOnce })
        #expect(Settings["files.rate"]?.examples == ["0", "5M", "20M"])
        #expect(Settings["contacts.accept"]?.examples == ["ask", "lan"])
    }

    /// What is kept, shown and written is read as the same again.
    @Test func whatIsWrittenIsReadAgain() throws {
        let config = try LayersTests.layers(
            [
                "/u.toml":
                    "name = \"A\\\"n\\\\na\"\nfiles.folder = \"/a b\"\nfiles.rate = \"1.5M\"\ninterfaces = [\"lo\"]"
            ]
        ).config()
        for setting in Settings.all where config.source(of: setting.key) != .usual {
            let again = try LayersTests.layers([:], [setting.variable: config.text(of: setting)]).config()
            let isSame = again.isSame(setting, as: config)
            #expect(isSame, "\(setting.key)")
        }
    }
}

/// Whose files are read.
@Suite struct ConfigFileTests {
    @Test(
        arguments: [
            (0o600, 1_000, nil), (0o644, 0, nil), (0o664, 1_000, "Others may write it"), (0o602, 0, "Others may"),
            (0o600, 1_001, "It belongs to another user (1001)"),
        ] as [(UInt32, UInt32, String?)]) func whoMayWriteIt(mode: UInt32, owner: UInt32, reason: String?)
    {
        let found = ConfigFile.distrust(mode: 0o100_000 | mode, owner: owner, us: 1_000)
        #expect((found == nil) == (reason == nil))
        if let reason { #expect(found.map { ConfigFault(.file($0)).message.hasPrefix(reason) } ?? false) }
    }

    @Test func filesOnTheDisk() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("earshot-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/config.toml"
        #expect(try ConfigFile.text(path) == nil)
        #expect(try ConfigFile.text(path + "/below") == nil)
        try Data("port = 1\n\u{FEFF}".utf8).write(to: URL(fileURLWithPath: path))
        chmod(path, 0o600)
        #expect(try ConfigFile.text(path) == "port = 1\n\u{FEFF}")
        chmod(path, 0o620)
        #expect(throws: ConfigFault(.file(.writable), file: path)) { try ConfigFile.text(path) }
        #expect(throws: ConfigFault(.file(.notFile), file: folder)) { try ConfigFile.text(folder) }
        #expect(throws: ConfigFault.self) { try ConfigFile.text([0x61, 0x0A, 0xFF], path) }
        do throws(ConfigFault) { _ = try ConfigFile.text([0x61, 0x0A, 0xFF], path) } catch {
            #expect(error.text == "\(path):2: This is not UTF-8.")
        }
        #expect(mkfifo(folder + "/pipe", 0o600) == 0)
        #expect(throws: ConfigFault.self) { try ConfigFile.text(folder + "/pipe") }
        try Data(repeating: 0x0A, count: ConfigFile.longest + 1).write(to: URL(fileURLWithPath: path))
        chmod(path, 0o600)
        #expect(throws: ConfigFault(.file(.tooLong(most: 65_536)), file: path)) { try ConfigFile.text(path) }
    }

    @Test func whereTheyAre() {
        #expect(ConfigPaths.usual(["XDG_CONFIG_HOME": "/x"]).user == "/x/earshot/config.toml")
        let relative = ConfigPaths.usual(["XDG_CONFIG_HOME": "x"])
        #expect(relative == ConfigPaths.usual([:]), "a relative one is ignored")
        #expect(relative.policy == "/etc/earshot/policy.toml")
    }
}
