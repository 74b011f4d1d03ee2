import ArgumentParser
import EarshotControl
import EarshotModel
import EarshotTerminal

struct Inbox: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what waits for you: unread messages, requests, offers, invitations, acknowledgements.",
        discussion: """
            EXAMPLES
              earshot inbox
              earshot inbox --json | jq '.conversations | map(.unread) | add'

            Looking here marks nothing as read. `earshot read WHO` does, and `earshot history WHO --read`.
            """)
    @OptionGroup var options: Options

    func run() throws {
        let inbox = try self.options.connect().ask(Methods.Inbox())
        self.options.show(
            inbox,
            inbox.isEmpty
                ? self.options.hint("Nothing waits for you.")
                : self.options.printout.inbox(inbox, columns: self.options.columns))
    }
}

struct Ack: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Acknowledge a message that asks for it.",
        discussion: """
            EXAMPLES
              earshot inbox                  shows which messages ask
              earshot ack k3v7
            """)
    @Argument(help: "The message's id or its beginning.") var id: String
    @OptionGroup var options: Options

    func run() throws {
        let message = try self.options.connect().ask(Methods.Acknowledge(self.id))
        self.options.show(message, self.options.quiet ? [] : ["acknowledged"])
    }
}

struct Remind: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Remind those who have not acknowledged one of your messages.",
        discussion: """
            EXAMPLES
              earshot remind k3v7
            """)
    @Argument(help: "The message's id or its beginning.") var id: String
    @OptionGroup var options: Options

    func run() throws {
        let open = try self.options.connect().ask(Methods.Remind(self.id))
        let names = open.map(\.name).joined(separator: ", ")
        self.options.show(open, self.options.quiet ? [] : ["reminded: \(names)"])
    }
}

struct Receipts: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show who has one of your messages, who has read it, and who has acknowledged it.",
        discussion: """
            EXAMPLES
              earshot receipts k3v7
            """)
    @Argument(help: "The message's id or its beginning.") var id: String
    @OptionGroup var options: Options

    func run() throws {
        let receipts = try self.options.connect().ask(Methods.ReceiptsOf(self.id))
        self.options.show(receipts, self.options.printout.receipts(receipts))
    }
}

struct Lifetime: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show or say after how long messages with somebody are dropped.",
        discussion: """
            EXAMPLES
              earshot lifetime anna
              earshot lifetime anna 7d
              earshot lifetime '#ops' 12h
              earshot lifetime anna off

            It counts for messages that are written from then on, on both sides. It is a request to the other's node,
            and no guarantee.
            """)
    @Argument(help: "Name or id, or a #room.") var who: String
    @Argument(help: "7d, 12h, …, or off.") var span: String?
    @OptionGroup var options: Options

    func run() throws {
        let lifetime = try self.span.map { try LifetimeWord($0).milliseconds }
        let answer = try self.options.connect().ask(Methods.SetLifetime(who: self.who, lifetime: lifetime))
        let stay = "messages with \(answer.name) stay"
        let what =
            answer.lifetime == 0
            ? stay : "messages with \(answer.name) are dropped after \(Printout.span(answer.lifetime))"
        self.options.show(answer, self.options.quiet && self.span != nil ? [] : [what])
    }
}
