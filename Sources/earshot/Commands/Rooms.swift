import ArgumentParser
import EarshotControl
import EarshotModel
import EarshotTerminal

struct Room: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Rooms: several people, one conversation.",
        discussion: """
            EXAMPLES
              earshot room                             your rooms, and the open ones here
              earshot room create ops
              earshot room invite ops anna bob
              earshot send '#ops' "the printer is back"
              earshot chat '#ops'
              earshot room join dev
              earshot room leave dev

            A ROOM is its name or its beginning, or four letters of its id or more. Where people may stand too, # or
            room: comes before it. For most shells # begins a comment, so '#ops' stands in quotes; room:ops need not.
            """,
        subcommands: [
            List.self, Create.self, Info.self, Join.self, Decline.self, Leave.self, Invite.self, Remove.self,
            Topic.self, Rename.self, Transfer.self, Writer.self, Pin.self, Lifetime.self,
        ], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            // The parser tells of a default command only where its name is given.
            commandName: "list",
            abstract: "Show your rooms, and the open ones of this network.",
            discussion: """
                EXAMPLES
                  earshot room list
                  earshot room list --mine
                """)
        @Flag(help: "Only those you are in or invited to.") var mine = false
        @OptionGroup var options: Options

        func run() throws {
            let rooms = try self.options.connect().ask(Methods.ListRooms(open: !self.mine))
            let hint = "No rooms. To make one: earshot room create NAME"
            self.options.show(
                rooms,
                rooms.isEmpty
                    ? self.options.hint(hint) : self.options.printout.rooms(rooms, columns: self.options.columns))
        }
    }

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a room.",
            discussion: """
                EXAMPLES
                  earshot room create ops
                  earshot room create dev --open            anybody here may join
                  earshot room create news --announce       only you and writers write
                  earshot room create board --history from-join

                With from-join, who comes later gets nothing that was said before; an open room cannot have that.
                """)
        @Argument(help: "What it is called.") var name: String
        @Flag(help: "Anybody on this network may join.") var open = false
        @Flag(help: "Only you and the writers you name may write.") var announce = false
        @Flag(help: "Only you may invite others.") var ownerInvites = false
        @Option(help: "What who comes later may read: all or from-join.") var history: String?
        @OptionGroup var options: Options

        func run() throws {
            let typed = self.history ?? RoomHistory.all.rawValue
            guard let history = RoomHistory(rawValue: typed) else {
                let hint = Nearest.question(typed, among: RoomHistory.allCases.map(\.rawValue))
                throw ValidationError("--history is \(RoomHistory.kind), not \(typed).\(hint)")
            }
            let room = try self.options.connect().ask(
                Methods.CreateRoom(
                    try StandardInput.text(self.name), open: self.open, announce: self.announce, history: history,
                    ownerInvites: self.ownerInvites))
            let shown = RoomResolver.shown(room.name)
            let next =
                room.open
                ? "everybody here may join: earshot room join \(Quoting.shell(room.name))"
                : "to invite people: earshot room invite \(Quoting.shell(room.name)) WHO"
            self.options.tell(room, "\(shown) is there; \(next)")
        }
    }
}

extension Options {
    /// What became of a room.
    func tell(_ room: RoomView, _ line: @autoclosure () -> String) {
        self.show(room, self.quiet ? [] : [line()])
    }
}

// MARK: being in it

extension Room {
    struct Info: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show who is in a room, and what may be done there.",
            discussion: """
                EXAMPLES
                  earshot room info ops
                """)
        @Argument(help: "Name or id.") var room: String
        @OptionGroup var options: Options

        func run() throws {
            let room = try self.options.connect().ask(Methods.RoomInfo(self.room))
            self.options.show(room, self.options.printout.room(room, columns: self.options.columns))
        }
    }

    struct Join: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Go into a room that is open, or to which you were invited.",
            discussion: """
                EXAMPLES
                  earshot room join ops
                  earshot room join q7k2abcd
                """)
        @Argument(help: "Name or id.") var room: String
        @OptionGroup var options: Options

        func run() throws {
            let client = try self.options.connect()
            _ = try client.ask(Methods.Subscribe())
            var room = try client.ask(Methods.JoinRoom(self.room))
            // So that whoever writes next may: the others tell what there is in it.
            let until = Deadline(milliseconds: Self.moment)
            while !room.isEntered, let incoming = try client.next(until: until) {
                guard case .event(let event) = incoming, event.room == room.id else { continue }
                room = try client.ask(Methods.RoomInfo(room.id.description))
            }
            let shown = RoomResolver.shown(room.name)
            let next =
                room.isEntered
                ? "to talk there: earshot chat \(Quoting.shell(shown))"
                : "none of the others is here to tell what was said; it comes when one of them is"
            self.options.tell(room, "you are in \(shown); \(next)")
        }

        /// Ms in which the others have answered, where one of them is here.
        private static let moment: Int64 = 3_000
    }

    struct Decline: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Decline an invitation to a room.",
            discussion: """
                EXAMPLES
                  earshot room decline ops
                """)
        @Argument(help: "Name or id.") var room: String
        @OptionGroup var options: Options

        func run() throws {
            let room = try self.options.connect().ask(Methods.DeclineRoom(self.room))
            self.options.tell(room, "the invitation to \(RoomResolver.shown(room.name)) is declined")
        }
    }

    struct Leave: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Leave a room. What was said until then stays with you.",
            discussion: """
                EXAMPLES
                  earshot room leave ops

                An owner gives the room to somebody else first, unless they are alone in it.
                """)
        @Argument(help: "Name or id.") var room: String
        @OptionGroup var options: Options

        func run() throws {
            let room = try self.options.connect().ask(Methods.LeaveRoom(self.room))
            self.options.tell(room, "you have left \(RoomResolver.shown(room.name))")
        }
    }

    struct Invite: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add people to a room; all of them or none.",
            discussion: """
                EXAMPLES
                  earshot room invite ops anna bob
                """)
        @Argument(help: "Name or id of the room.") var room: String
        @Argument(help: "Names or ids of people.") var who: [String]
        @OptionGroup var options: Options

        func run() throws {
            let room = try self.options.connect().ask(Methods.InviteToRoom(room: self.room, who: Words(self.who)))
            let who = self.who.joined(separator: ", ")
            self.options.tell(room, "invited to \(RoomResolver.shown(room.name)): \(who)")
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take somebody out of your room.",
            discussion: """
                EXAMPLES
                  earshot room remove ops bob

                What they had already stays with them. Only you can bring them back.
                """)
        @Argument(help: "Name or id of the room.") var room: String
        @Argument(help: "Name or id of the person.") var who: String
        @OptionGroup var options: Options

        func run() throws {
            let room = try self.options.connect().ask(Methods.RemoveFromRoom(room: self.room, who: self.who))
            self.options.tell(room, "\(self.who) is not in \(RoomResolver.shown(room.name)) any more")
        }
    }
}

extension RoomView {
    /// Whether we are in it as the others see it.
    fileprivate var isEntered: Bool {
        self.members?.contains { $0.me ?? false && $0.standing == .joined } ?? false
    }
}
