import EarshotModel

/// The registry: every setting, each declared here and nowhere else. Files, variables, options, the door, completion,
/// `config show` and the commented file all go through it.
package struct Settings: Sendable {
    package let state = Setting(
        "state", Kind<String>.folder.optional, usual: nil,
        usually: "earshot in XDG_STATE_HOME, else ~/.local/state/earshot",
        sample: "\"~/.local/state/earshot\"", "Folder for keys, messages and the socket.", option: "--state")
    package let name = Setting(
        "name", Kind<String>.name.optional, usual: nil,
        usually: "your login name, or the machine's", sample: "\"Anna\"",
        "What you call yourself; `earshot name` is stronger.", option: "--name")
    package let port = Setting(
        "port", Kind<UInt16>.port.optional, usual: nil, usually: "47447 if it is free, else any", sample: "47447",
        "TCP and UDP port; 0 is any free one.", option: "--port")
    package let discovery = Setting(
        "discovery", .choice(DiscoveryChoice.self), usual: .auto,
        "How others are found: auto, avahi, embedded or none.", option: "--discovery")
    package let discoveryPrivate = Setting(
        "discovery.private", .choice(Switch.self), usual: .off,
        "Whether nobody but your contacts finds this node and is answered by it.", counts: .atOnce, isForDoor: true)
    package let discoveryAnnounce = Setting(
        "discovery.announce", .endpoints, usual: [], usually: "the addresses of your interfaces",
        sample: "[\"10.0.0.5:47447\"]",
        "Where others reach you, if not at the addresses of this machine: in a container, behind a forwarded port.")
    package let discoveryDomain = Setting(
        "discovery.domain", Kind<String>.domain.optional, usual: nil, usually: "none", sample: "\"office.example\"",
        "Domain of a DNS server in which others are looked for, too: beyond this network segment.")
    package let relay = Setting(
        "relay", .choice(Switch.self), usual: .off,
        "Whether contacts of yours who cannot reach each other do so over this node.", counts: .atOnce, isForDoor: true)
    package let interfaces = Setting(
        "interfaces", .interfaces, usual: [], usually: "all",
        "Interfaces to be found on; lo alone stays on this machine.",
        option: "--interface")
    package let aes = Setting(
        "aes", .truth, usual: true, "Seal with AES-256-GCM where the processor does it; else ChaCha20-Poly1305.",
        option: "--no-aes")
    package let logLevel = Setting(
        "log-level", .choice(LogLevel.self), usual: .notice, "How much earshotd tells.", option: "--log-level")
    package let logFormat = Setting(
        "log-format", .choice(LogFormat.self), usual: .text,
        "How earshotd tells it: lines for people, an object a line (json), or as systemd's journal reads it.",
        option: "--log-format")
    package let accept = Setting(
        "contacts.accept", .choice(AcceptPolicy.self), usual: .ask,
        "Whether strangers on this network wait for your answer (ask) or are accepted (lan).", counts: .atOnce,
        isForDoor: true)
    package let lobby = Setting(
        "rooms.lobby", .choice(Switch.self), usual: .off,
        "Whether you are in #lobby, the room of everybody on this network.",
        counts: .atOnce, isForDoor: true)
    package let filesFolder = Setting(
        "files.folder", Kind<String>.folder.optional, usual: nil,
        usually: "your download folder", sample: "\"~/inbox\"",
        "Where files go that others send, if nothing else is said.", counts: .atOnce, isForDoor: true)
    package let filesRate = Setting(
        "files.rate", .rate, usual: 0, usually: "no limit", "Bytes a second for all transfers together.",
        counts: .atOnce, isForDoor: true)
    package let filesRatePerPeer = Setting(
        "files.rate.peer", .rate, usual: 0, usually: "no limit", "Bytes a second for each person.", counts: .atOnce,
        isForDoor: true)

    package let awayAfter = Setting(
        "presence.away-after", .minutes, usual: 10, "Minutes without a key in a chat until you are away; 0 for never.",
        counts: .atOnce, isForDoor: true)
    package let lastSeen = Setting(
        "presence.last-seen", .choice(SeenPolicy.self), usual: .contacts,
        "Who is told since when you do nothing, and may note when you were here: contacts, verified or nobody.",
        counts: .atOnce, isForDoor: true)

    package let keeperEnabled = Setting(
        "keeper.enabled", .truth, usual: false, "Whether this node keeps sealed messages for others who are away.",
        counts: .atOnce, isForDoor: true)
    package let keeperFor = Setting(
        "keeper.for", .choice(MailSettings.Audience.self), usual: .contacts,
        "Whose messages are kept: those of contacts, of verified ones, or of a list (keeper.people).",
        counts: .atOnce, isForDoor: true)
    package let keeperPeople = Setting(
        "keeper.people", .people, usual: [], usually: "nobody", "Whose messages are kept where keeper.for is list.",
        counts: .atOnce, isForDoor: true)
    package let keeperSpace = Setting(
        "keeper.space", .space, usual: 256 << 20, "Bytes that are kept for others, at most 256M.",
        counts: .atOnce, isForDoor: true)
    package let keeperLeave = Setting(
        "keeper.leave", .choice(MailSettings.Leaving.self), usual: .contacts,
        "With whom your own messages may be left: contacts that keep, only named keepers, or nobody.",
        counts: .atOnce, isForDoor: true)

    package let webEnabled = Setting(
        "web.enabled", .truth, usual: true, "Whether `earshot web` can open the page in a browser of this machine.")
    package let webPort = Setting(
        "web.port", .port, usual: 47_448, "TCP port of the page, on this machine only; 0 for no page.")

    package let metricsEnabled = Setting(
        "metrics.enabled", .truth, usual: false, "Whether /metrics beside the page tells Prometheus how the node is.")

    package static let registry = Settings()

    /// All of them, in the order in which they are declared: whoever adds one adds nothing else.
    package static let all: [any AnySetting] =
        Mirror(reflecting: registry).children.compactMap { $0.value as? any AnySetting }

    private static let byKey: [String: any AnySetting] =
        Dictionary(Self.all.map { ($0.key, $0) }, uniquingKeysWith: { $1 })

    package static subscript(_ key: String) -> (any AnySetting)? { self.byKey[key] }

    /// Those that can be changed at the door.
    package static var forDoor: [any AnySetting] { self.all.filter(\.isForDoor) }
}

/// How much `earshotd` tells.
package enum LogLevel: String, Sendable, CaseIterable {
    case trace, debug, info, notice, warning, error
}

/// How `earshotd` tells it.
package enum LogFormat: String, Sendable, CaseIterable {
    case text, json, journal
}
