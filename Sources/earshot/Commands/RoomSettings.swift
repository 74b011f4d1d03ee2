import ArgumentParser
import EarshotControl
import EarshotModel
import EarshotTerminal

/// What is set in a room.
extension Room {
    struct Topic: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what a room is about, or change it.",
            discussion: """
                EXAMPLES
                  earshot room topic ops
                  earshot room topic ops "on call this week: Anna"
                  earshot room topic ops ""                          no topic
                """)
        @Argument(help: "Name or id.") var room: String
        @Argument(help: "The new topic, of one word or several.") var words: [String] = []
        @OptionGroup var options: Options

        func run() throws {
            let topic = self.words.isEmpty ? nil : try StandardInput.text(self.words.joined(separator: " "))
            let client = try self.options.connect()
            let room =
                try topic.map { try client.ask(Methods.SetTopic(room: self.room, topic: $0)) }
                ?? client.ask(Methods.RoomInfo(self.room))
            guard let now = room.topic else {
                return self.options.show(
                    room, self.options.hint("\(RoomResolver.shown(room.name)) has no topic."))
            }
            self.options.show(room, [now])
        }
    }

    struct Rename: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Call your room something else, for everybody.",
            discussion: """
                EXAMPLES
                  earshot room rename ops operations
                """)
        @Argument(help: "Name or id.") var room: String
        @Argument(help: "The new name.") var name: String
        @OptionGroup var options: Options

        func run() throws {
            let name = try StandardInput.text(self.name)
            let room = try self.options.connect().ask(Methods.RenameRoom(room: self.room, name: name))
            self.options.tell(room, "now called \(RoomResolver.shown(room.name))")
        }
    }

    struct Transfer: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give your room to another member.",
            discussion: """
                EXAMPLES
                  earshot room transfer ops anna

                You stay in it, and only they can give it back.
                """)
        @Argument(help: "Name or id of the room.") var room: String
        @Argument(help: "Name or id of the person.") var who: String
        @OptionGroup var options: Options

        func run() throws {
            let room = try self.options.connect().ask(Methods.TransferRoom(room: self.room, who: self.who))
            let owner = room.ownerName ?? self.who
            self.options.tell(room, "\(RoomResolver.shown(room.name)) belongs to \(owner) now")
        }
    }

    struct Writer: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let somebody write in your announcement room.",
            discussion: """
                EXAMPLES
                  earshot room writer news anna
                  earshot room writer news anna --off
                """)
        @Argument(help: "Name or id of the room.") var room: String
        @Argument(help: "Name or id of the person.") var who: String
        @Flag(help: "They may not write any more.") var off = false
        @OptionGroup var options: Options

        func run() throws {
            let room = try self.options.connect().ask(
                Methods.SetWriter(room: self.room, who: self.who, on: !self.off))
            let may = self.off ? "may not write in" : "may write in"
            self.options.tell(room, "\(self.who) \(may) \(RoomResolver.shown(room.name))\(self.off ? " any more" : "")")
        }
    }

    struct Pin: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Pin a message in a room, for everybody.",
            discussion: """
                EXAMPLES
                  earshot room pin ops k3v7
                  earshot room pin ops k3v7 --off
                """)
        @Argument(help: "Name or id of the room.") var room: String
        @Argument(help: "The message's id or its beginning.") var id: String
        @Flag(help: "Take the pin back.") var off = false
        @OptionGroup var options: Options

        func run() throws {
            let client = try self.options.connect()
            let room =
                try self.off
                ? client.ask(Methods.Unpin(room: self.room, message: self.id))
                : client.ask(Methods.Pin(room: self.room, message: self.id))
            self.options.tell(room, self.off ? "not pinned any more" : "pinned in \(RoomResolver.shown(room.name))")
        }
    }

    struct Lifetime: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say after how long messages of your room are dropped.",
            discussion: """
                EXAMPLES
                  earshot room lifetime ops 7d
                  earshot room lifetime ops off

                It is a request to everybody's node, and no guarantee.
                """)
        @Argument(help: "Name or id.") var room: String
        @Argument(help: "7d, 12h, …, or off.") var span: String
        @OptionGroup var options: Options

        func run() throws {
            let lifetime = try LifetimeWord(self.span).milliseconds
            let room = try self.options.connect().ask(Methods.SetRoomLifetime(room: self.room, lifetime: lifetime))
            let what = lifetime == 0 ? "stay" : "are dropped after \(self.span)"
            self.options.tell(room, "messages in \(RoomResolver.shown(room.name)) \(what) from now on")
        }
    }
}

/// `7d`, or `off`.
struct LifetimeWord {
    /// 0 is never.
    let milliseconds: Int64

    init(_ typed: String) throws {
        if ["off", "never", "0"].contains(typed.lowercased()) {
            self.milliseconds = 0
        } else if let span = Span(argument: typed), span.milliseconds > 0 {
            self.milliseconds = span.milliseconds
        } else {
            throw ValidationError("A lifetime is a number with s, m, h, d or w, such as 7d, or off; not \(typed).")
        }
    }
}
