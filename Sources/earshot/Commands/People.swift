import ArgumentParser
import EarshotControl
import EarshotModel
import EarshotTerminal
import Glibc

struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show how your node is doing and how present you are, or change that.",
        discussion: """
            EXAMPLES
              earshot status
              earshot status --json
              earshot status --set busy --text "until noon"
              earshot status --set online --text ""
              earshot status --set invisible       contacts take you for absent

            Starts no node. Exit code 9 when none is running.
            """)
    @Option(help: "How present you are: online, busy, away or invisible.") var set: PresenceWord?
    @Option(help: "What contacts are told with it, at most 256 bytes; \"\" takes it back.") var text: String?
    @OptionGroup var options: Options

    func run() throws {
        if self.set != nil || self.text != nil {
            let text = try self.text.map { try StandardInput.text($0) }
            let own = try self.options.running().ask(Methods.SetPresence(self.set?.presence, text: text))
            return self.options.show(own, self.options.quiet ? [] : ["you are \(Self.words(own))"])
        }
        let status = try self.status()
        let interfaces = status.interfaces.joined(separator: ", ")
        let lines = [
            "\(status.name)  \(status.person.brief)  device \(status.device.shortID)", "state      \(status.state)",
            "port       \(status.port) (TCP and UDP)",
            """
            discovery  \(status.discovery) on \(interfaces.isEmpty ? "no interface: there is no network" : interfaces)
            """,
            "sessions   \(status.sessions)\(Self.relayed(status))", "queued     \(status.queued)",
            "presence   \(status.presence.map(Self.words) ?? "online")",
        ]
        guard self.options.json else {
            return (lines + Self.reachable(status) + Self.page(status) + Self.storage(status)).forEach { print($0) }
        }
        // A status has a version of its own.
        print(String(decoding: JSONWriter.object([Running(running: true), status]), as: UTF8.self))
    }

    private static func relayed(_ status: StatusView) -> String {
        status.relayed.map { $0 == 1 ? ", and 1 between others" : ", and \($0) between others" } ?? ""
    }

    /// Who finds us, and whom we hear.
    private static func reachable(_ status: StatusView) -> [String] {
        let accepts = "accepts    \(status.accept == "lan" ? "everybody on this network" : "those you accept")"
        switch status.findable {
        case .everyone, nil: return [accepts]
        case .contacts:
            return [
                "private    only your contacts find this node and are answered",
                "accepts    nobody new: strangers cannot ask; `earshot invite` lets one person in",
            ]
        case .guests:
            return ["private    not while your invitation is open: everybody here sees this node's id", accepts]
        }
    }

    private static func words(_ own: PresenceView) -> String {
        let seen = own.shown == .away && own.presence == .online ? " (away by itself: nothing was typed)" : ""
        return own.presence.rawValue + seen + (own.text.map { ": \($0)" } ?? "")
    }

    /// What stands before the members of a status, or is all there is.
    private struct Running: Encodable {
        let running: Bool
        var state: String?
    }

    private func status() throws(DoorError) -> StatusView {
        do throws(DoorError) { return try self.options.running().ask(Methods.Status()) } catch {
            if error.kind == .notRunning, self.options.json {
                self.options.show(object: Running(running: false, state: try self.options.directory))
            }
            throw error
        }
    }

    private static func page(_ status: StatusView) -> [String] {
        guard let page = status.page else { return [] }
        let words = [page.address, page.problem].compactMap { $0 }.joined(separator: "  ")
        return ["page       \(page.enabled ? words : "switched off by web.enabled or web.port")"]
    }

    private static func storage(_ status: StatusView) -> [String] {
        var lines: [String] = []
        switch status.disk {
        case .full: lines.append("disk       FULL: nothing is received until there is room")
        case .damaged:
            lines.append("disk       DAMAGED: the database is not what was written to it; see `earshot doctor`")
        case .unwritable:
            lines.append(
                "disk       the database cannot be written: nothing is received until it can; see `earshot doctor`")
        case .ok: break
        }
        if status.setAside > 0 { lines.append("set aside  \(status.setAside), see `earshot doctor`") }
        return lines
    }
}

struct ID: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "id", abstract: "Show who you or others are, to compare or scan.",
        discussion: """
            EXAMPLES
              earshot id
              earshot id --qr
              earshot id bob     what must stand there on bob's own machine
            """)
    @Argument(help: "Name or id of somebody else.") var who: String?
    @Flag(help: "Show a QR code as well.") var qr = false
    @OptionGroup var options: Options

    func run() throws {
        let client = try self.options.connect()
        guard let who = self.who else {
            let id = try client.ask(Methods.Identity())
            let lines = [
                id.name, "person       \(id.person)", "device       \(id.device)",
                "fingerprint  \(id.fingerprint ?? "")",
            ]
            let isPrivate = id.findable == .contacts
            let hint = "private: strangers cannot ask to talk; `earshot invite` lets one person in"
            return self.options.show(
                id, lines + (isPrivate ? [hint] : []) + (self.qr ? QRCode.lines(id.uri, self.options.style) : []))
        }
        let other = try client.view(who)
        let style = self.options.style
        let lines = [
            "\(style.named(other.name, other.trust))  \(other.trust.rawValue)", "person       \(other.person)",
            "fingerprint  \(other.fingerprint ?? "")",
        ]
        self.options.show(other, lines + (self.qr ? QRCode.lines("earshot:\(other.person)", style) : []))
    }
}

struct Name: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what you are called, or change it.",
        discussion: """
            EXAMPLES
              earshot name
              earshot name "Anna Berg"
            """)
    @Argument(help: "Your new name.") var new: String?
    @OptionGroup var options: Options

    func run() throws {
        let new = try self.new.map { try StandardInput.text($0) }
        let client = try self.options.connect()
        let answer = try new.map { try client.ask(Methods.SetName($0)) } ?? client.ask(Methods.GetName())
        self.options.show(answer, [answer.name])
    }
}

struct Peers: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show who is here, and whom you know.",
        discussion: """
            EXAMPLES
              earshot peers
              earshot peers --watch
              earshot peers --json | jq -r 'select(.online).name'
            """)
    @Flag(name: .shortAndLong, help: "Keep running, and show what changes.") var watch = false
    @OptionGroup var options: Options

    func run() throws {
        let client = try self.options.connect()
        let peers = try client.ask(Methods.Peers())
        self.options.show(peers, self.options.printout.peers(peers, columns: self.options.columns))
        guard self.watch else { return }
        _ = try client.ask(Methods.Subscribe())
        while true {
            try self.options.flush()
            let event = try client.nextEvent()
            switch event.what {
            case .presence, .peer, .contact, .request, .verification, .invitation:
                self.options.show(event, self.options.printout.event(event, columns: self.options.columns))
            case .message, .edit, .delete, .reaction, .receipt, .typing, .live, .warning, .room, .talk, .offer,
                .transfer:
                break
            }
        }
    }
}

struct Contacts: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show your contacts, and what is unread or waiting.",
        discussion: """
            EXAMPLES
              earshot contacts
              earshot contacts --json
            """)
    @OptionGroup var options: Options

    func run() throws {
        let contacts = try self.options.connect().ask(Methods.Contacts())
        let lines = self.options.printout.peers(contacts, columns: self.options.columns)
        self.options.show(
            contacts,
            contacts.isEmpty
                ? ["No contacts yet. `earshot peers` shows who is here; `earshot send NAME TEXT` writes to them."]
                : lines)
    }
}

/// The commands that do one thing to one person.
protocol PersonCommand: ParsableCommand {
    associatedtype Asked: Method where Asked.Answer == PersonView
    static func asking(_ who: String) -> Asked
    static var done: String { get }
    var who: String { get }
    var options: Options { get }
}

extension PersonCommand {
    func run() throws {
        let person = try self.options.connect().ask(Self.asking(self.who))
        self.options.show(person, self.options.quiet ? [] : ["\(person.name) \(Self.done)"])
    }
}

struct Accept: PersonCommand {
    static let configuration = CommandConfiguration(
        abstract: "Accept someone who would like to talk to you.",
        discussion: """
            EXAMPLES
              earshot accept bob
              earshot accept "Anna Berg"
              earshot accept lzxksnnj
            """)
    static func asking(_ who: String) -> Methods.Accept { Methods.Accept(who) }
    static let done = "is one of your contacts now"
    @Argument(help: "Name or id.") var who: String
    @OptionGroup var options: Options
}

struct Block: PersonCommand {
    static let configuration = CommandConfiguration(
        abstract: "Block someone: nothing they send reaches you.",
        discussion: """
            EXAMPLES
              earshot block bob
            """)
    static func asking(_ who: String) -> Methods.Block { Methods.Block(who) }
    static let done = "is blocked"
    @Argument(help: "Name or id.") var who: String
    @OptionGroup var options: Options
}

struct Unblock: PersonCommand {
    static let configuration = CommandConfiguration(
        abstract: "Unblock someone.",
        discussion: """
            EXAMPLES
              earshot unblock bob
            """)
    static func asking(_ who: String) -> Methods.Unblock { Methods.Unblock(who) }
    static let done = "is no longer blocked, and neither a contact nor verified"
    @Argument(help: "Name or id.") var who: String
    @OptionGroup var options: Options
}

struct Read: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Mark everything someone wrote, or that was said in a room, as read.",
        discussion: """
            EXAMPLES
              earshot read anna
              earshot read '#ops'
            """)
    @Argument(help: "Name or id, or a #room.") var who: String
    @OptionGroup var options: Options

    func run() throws {
        let answer = try self.options.connect().ask(Methods.MarkRead(self.who))
        self.options.show(answer, self.options.quiet ? [] : ["\(answer.shownName) is marked as read"])
    }
}

struct Rename: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Choose what you call someone.",
        discussion: """
            EXAMPLES
              earshot rename bob "Bob from the workshop"
              earshot rename bob ""                  back to the name they chose
            """)
    @Argument(help: "Name or id.") var who: String
    @Argument(help: "Your name for them.") var petname: String
    @OptionGroup var options: Options

    func run() throws {
        let petname = try StandardInput.text(self.petname)
        let person = try self.options.connect().ask(Methods.Rename(who: self.who, petname: petname))
        self.options.show(person, self.options.quiet ? [] : ["now called \(person.name)"])
    }
}

struct Peer: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Addresses to call where discovery does not reach.",
        discussion: """
            EXAMPLES
              earshot peer add 192.168.7.20
              earshot peer add anna.lan:47447
              earshot peer remove anna.lan:47447
              earshot peer list
            """, subcommands: [Add.self, Remove.self, List.self], defaultSubcommand: List.self)

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Call an address from now on.",
            discussion: """
                EXAMPLES
                  earshot peer add 192.168.7.20
                  earshot peer add '[fe80::1%eth0]:47447'
                """)
        @Argument(help: "HOST[:PORT]") var address: String
        @OptionGroup var options: Options
        func run() throws {
            let answer = try self.options.connect().ask(Methods.AddPeer(self.address))
            self.options.show(answer, self.options.quiet ? [] : ["\(self.address) will be called"])
        }
    }
    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stop calling an address.",
            discussion: """
                EXAMPLES
                  earshot peer remove 192.168.7.20
                """)
        @Argument(help: "HOST[:PORT]") var address: String
        @OptionGroup var options: Options
        func run() throws {
            let answer = try self.options.connect().ask(Methods.RemovePeer(self.address))
            self.options.show(answer, self.options.quiet ? [] : ["\(self.address) will not be called"])
        }
    }
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            // The parser tells of a default command only where its name is given.
            commandName: "list",
            abstract: "Show the addresses that are called.",
            discussion: """
                EXAMPLES
                  earshot peer list
                """)
        @OptionGroup var options: Options
        func run() throws {
            let answer = try self.options.connect().ask(Methods.ListPeers())
            let lines = answer.map(\.address)
            self.options.show(
                answer,
                lines.isEmpty ? [self.options.style.dim("No addresses: everybody is found by discovery.")] : lines)
        }
    }
}
