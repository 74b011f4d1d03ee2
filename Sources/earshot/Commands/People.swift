import ArgumentParser
import EarshotControl
import EarshotTerminal
import Glibc

struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Whether a node runs, and how it is.")
    @OptionGroup var options: Options

    func run() throws {
        let status = try self.options.connect().ask("status")
        func text(_ key: String) -> String { status[key]?.string ?? status[key]?.integer.map(String.init) ?? "" }
        let interfaces = (status["interfaces"]?.array ?? []).compactMap(\.string).joined(separator: ", ")
        self.options.show(
            status,
            [
                "\(text("name"))  \(text("person").prefix(8))  device \(text("device").prefix(16))", "state      \(text("state"))",
                "port       \(text("port")) (TCP and UDP)", "discovery  \(text("discovery")) on \(interfaces)", "sessions   \(text("sessions"))",
                "queued     \(text("queued"))", "accepts    \(text("accept") == "lan" ? "everybody on this network" : "whom you say yes to")",
            ] + (status["diskFull"]?.bool ?? false ? ["disk       FULL: nothing is taken in until there is room"] : []))
    }
}

struct ID: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "id", abstract: "Who you are, to be compared or scanned.")
    @Flag(help: "As a QR code.") var qr = false
    @OptionGroup var options: Options

    func run() throws {
        let id = try self.options.connect().ask("id")
        let lines = ["\(id["name"]?.string ?? "")", "person  \(id["person"]?.string ?? "")", "device  \(id["device"]?.string ?? "")"]
        self.options.show(id, lines + (self.qr ? QRCode.lines(id["uri"]?.string ?? "") : []))
    }
}

struct Name: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "What you call yourself, or a new name.")
    @Argument(help: "The new name.") var new: String?
    @OptionGroup var options: Options

    func run() throws {
        let client = try self.options.connect()
        let name = try self.new.map { try client.ask("name.set", ["name": .string($0)]) } ?? client.ask("name.get")
        self.options.show(name, [name["name"]?.string ?? ""])
    }
}

struct Peers: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Who is here, and whom you know.")
    @Flag(name: .shortAndLong, help: "Go on, and tell what changes.") var watch = false
    @OptionGroup var options: Options

    func run() throws {
        let client = try self.options.connect()
        let peers = try client.ask("peers")
        self.options.show(peers, self.options.listing.peers(peers.array ?? [], columns: self.options.columns))
        guard self.watch else { return }
        _ = try client.ask("subscribe")
        while true {
            let event = try client.nextEvent()
            guard ["presence", "peer", "contact", "request"].contains(event["event"]?.string) else { continue }
            self.options.show(event, self.options.listing.event(event, columns: self.options.columns))
            fflush(nil)
        }
    }
}

struct Contacts: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "People you have to do with.")
    @OptionGroup var options: Options

    func run() throws {
        let contacts = try self.options.connect().ask("contacts")
        let lines = self.options.listing.peers(contacts.array ?? [], columns: self.options.columns)
        self.options.show(contacts, contacts.array?.isEmpty ?? true ? ["No contacts yet. `earshot peers` shows who is here; `earshot send NAME TEXT` writes to them."] : lines)
    }
}

/// The commands that do one thing to one person.
protocol PersonCommand: ParsableCommand {
    static var method: String { get }
    static var done: String { get }
    var who: String { get }
    var options: Options { get }
}

extension PersonCommand {
    func run() throws {
        let person = try self.options.connect().ask(Self.method, ["who": .string(self.who)])
        self.options.show(person, self.options.quiet ? [] : ["\(person["name"]?.string ?? self.who) \(Self.done)"])
    }
}

struct Accept: PersonCommand {
    static let configuration = CommandConfiguration(abstract: "Say yes to somebody.")
    static let method = "accept"
    static let done = "is accepted"
    @Argument(help: "Name or id.") var who: String
    @OptionGroup var options: Options
}

struct Block: PersonCommand {
    static let configuration = CommandConfiguration(abstract: "Hear nothing of somebody any more.")
    static let method = "block"
    static let done = "is blocked"
    @Argument(help: "Name or id.") var who: String
    @OptionGroup var options: Options
}

struct Unblock: PersonCommand {
    static let configuration = CommandConfiguration(abstract: "Take a block back.")
    static let method = "unblock"
    static let done = "is a stranger again"
    @Argument(help: "Name or id.") var who: String
    @OptionGroup var options: Options
}

struct Read: PersonCommand {
    static let configuration = CommandConfiguration(abstract: "Mark everything of somebody as read.")
    static let method = "read"
    static let done = "is read"
    @Argument(help: "Name or id.") var who: String
    @OptionGroup var options: Options
}

struct Rename: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "What you call somebody; with an empty name, what he calls himself.")
    @Argument(help: "Name or id.") var who: String
    @Argument(help: "Your name for him.") var petname: String
    @OptionGroup var options: Options

    func run() throws {
        let person = try self.options.connect().ask("rename", ["who": .string(self.who), "petname": .string(self.petname)])
        self.options.show(person, self.options.quiet ? [] : ["now called \(person["name"]?.string ?? "")"])
    }
}

struct Peer: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Addresses to call where discovery does not reach.", subcommands: [Add.self, Remove.self, List.self], defaultSubcommand: List.self)

    struct Add: ParsableCommand {
        @Argument(help: "HOST[:PORT]") var address: String
        @OptionGroup var options: Options
        func run() throws {
            let answer = try self.options.connect().ask("peer.add", ["address": .string(self.address)])
            self.options.show(answer, self.options.quiet ? [] : ["\(self.address) will be called"])
        }
    }
    struct Remove: ParsableCommand {
        @Argument(help: "HOST[:PORT]") var address: String
        @OptionGroup var options: Options
        func run() throws {
            let answer = try self.options.connect().ask("peer.remove", ["address": .string(self.address)])
            self.options.show(answer, self.options.quiet ? [] : ["\(self.address) will not be called"])
        }
    }
    struct List: ParsableCommand {
        @OptionGroup var options: Options
        func run() throws {
            let answer = try self.options.connect().ask("peer.list")
            self.options.show(answer, (answer.array ?? []).compactMap { $0["address"]?.string })
        }
    }
}
