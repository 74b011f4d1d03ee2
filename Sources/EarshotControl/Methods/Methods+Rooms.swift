/// Rooms.
extension Methods {
    package static let rooms: [any Method.Type] = [
        CreateRoom.self, ListRooms.self, RoomInfo.self, JoinRoom.self, DeclineRoom.self, LeaveRoom.self,
        InviteToRoom.self, RemoveFromRoom.self, SetTopic.self, RenameRoom.self, TransferRoom.self, SetWriter.self,
        Pin.self, Unpin.self, SetRoomLifetime.self,
    ]

    /// Makes a room of one's own.
    package struct CreateRoom: Method {
        package typealias Answer = RoomView
        package static let name = "room.create"
        package static let summary = "Makes a room of one's own."

        package let name: String
        /// Anybody may join.
        package let open: Bool?
        /// Only the owner and the writers they name write.
        package let announce: Bool?
        /// From where on who comes later may read; `all` unless given.
        package let history: RoomHistory?
        /// Only the owner invites.
        package let ownerInvites: Bool?

        package init(
            _ name: String, open: Bool? = nil, announce: Bool? = nil, history: RoomHistory? = nil,
            ownerInvites: Bool? = nil
        ) {
            self.name = name
            self.open = open
            self.announce = announce
            self.history = history
            self.ownerInvites = ownerInvites
        }
    }

    /// The rooms one is in or invited to, and the open ones of this network.
    package struct ListRooms: Method {
        package typealias Answer = [RoomView]
        package static let name = "room.list"
        package static let summary = "The rooms one is in or invited to, and the open ones of this network."
        package static let mayAnswerMuch = true

        /// Also the open ones that others here tell of; true unless given.
        package let open: Bool?

        package init(open: Bool? = nil) {
            self.open = open
        }
    }

    /// One room, with its members.
    package struct RoomInfo: Method {
        package typealias Answer = RoomView
        package static let name = "room.info"
        package static let summary = "One room, with its members."

        /// Which, by its name or id.
        package let room: String
        package var rooms: [String] { [self.room] }

        package init(_ room: String) {
            self.room = room
        }
    }

    /// Goes into a room that is open, or to which one was invited.
    package struct JoinRoom: Method {
        package typealias Answer = RoomView
        package static let name = "room.join"
        package static let summary = "Goes into a room that is open, or to which one was invited."

        /// Which, by its name or id.
        package let room: String
        package var rooms: [String] { [self.room] }

        package init(_ room: String) {
            self.room = room
        }
    }

    /// Does not go into a room to which one was invited.
    package struct DeclineRoom: Method {
        package typealias Answer = RoomView
        package static let name = "room.decline"
        package static let summary = "Does not go into a room to which one was invited."

        /// Which, by its name or id.
        package let room: String
        package var rooms: [String] { [self.room] }

        package init(_ room: String) {
            self.room = room
        }
    }

    /// Leaves a room.
    package struct LeaveRoom: Method {
        package typealias Answer = RoomView
        package static let name = "room.leave"
        package static let summary = "Leaves a room."

        /// Which, by its name or id.
        package let room: String
        package var rooms: [String] { [self.room] }

        package init(_ room: String) {
            self.room = room
        }
    }

    /// Adds people to a room and invites them; all of them or none.
    package struct InviteToRoom: Method {
        package typealias Answer = RoomView
        package static let name = "room.invite"
        package static let summary = "Adds people to a room and invites them; all of them or none."

        /// Which, by its name or id.
        package let room: String
        /// Whom, by names or ids.
        package let who: Words
        package var rooms: [String] { [self.room] }
        package var people: [String] { self.who.all }

        package init(room: String, who: Words) {
            self.room = room
            self.who = who
        }
    }

    /// Takes somebody out of a room.
    package struct RemoveFromRoom: Method {
        package typealias Answer = RoomView
        package static let name = "room.remove"
        package static let summary = "Takes somebody out of a room."

        /// Which, by its name or id.
        package let room: String
        /// Whom, by a name or an id.
        package let who: String
        package var rooms: [String] { [self.room] }
        package var people: [String] { [self.who] }

        package init(room: String, who: String) {
            self.room = room
            self.who = who
        }
    }

    /// Sets what a room is about; an empty text takes it back.
    package struct SetTopic: Method {
        package typealias Answer = RoomView
        package static let name = "room.topic"
        package static let summary = "Sets what a room is about; an empty text takes it back."

        /// Which, by its name or id.
        package let room: String
        package let topic: String
        package var rooms: [String] { [self.room] }

        package init(room: String, topic: String) {
            self.room = room
            self.topic = topic
        }
    }

    /// Calls a room something else, for everybody.
    package struct RenameRoom: Method {
        package typealias Answer = RoomView
        package static let name = "room.rename"
        package static let summary = "Calls a room something else, for everybody."

        /// Which, by its name or id.
        package let room: String
        package let name: String
        package var rooms: [String] { [self.room] }

        package init(room: String, name: String) {
            self.room = room
            self.name = name
        }
    }

    /// Gives a room to another member.
    package struct TransferRoom: Method {
        package typealias Answer = RoomView
        package static let name = "room.transfer"
        package static let summary = "Gives a room to another member."

        /// Which, by its name or id.
        package let room: String
        /// Whom, by a name or an id.
        package let who: String
        package var rooms: [String] { [self.room] }
        package var people: [String] { [self.who] }

        package init(room: String, who: String) {
            self.room = room
            self.who = who
        }
    }

    /// Says whether somebody may write in an announcement room.
    package struct SetWriter: Method {
        package typealias Answer = RoomView
        package static let name = "room.writer"
        package static let summary = "Says whether somebody may write in an announcement room."

        /// Which, by its name or id.
        package let room: String
        /// Whom, by a name or an id.
        package let who: String
        /// True unless given.
        package let on: Bool?
        package var rooms: [String] { [self.room] }
        package var people: [String] { [self.who] }

        package init(room: String, who: String, on: Bool? = nil) {
            self.room = room
            self.who = who
            self.on = on
        }
    }

    /// Pins a message in a room.
    package struct Pin: Method {
        package typealias Answer = RoomView
        package static let name = "room.pin"
        package static let summary = "Pins a message in a room."

        /// Which, by its name or id.
        package let room: String
        /// Its id or the beginning of it.
        package let message: String
        package var rooms: [String] { [self.room] }

        package init(room: String, message: String) {
            self.room = room
            self.message = message
        }
    }

    /// Takes a pin back.
    package struct Unpin: Method {
        package typealias Answer = RoomView
        package static let name = "room.unpin"
        package static let summary = "Takes a pin back."

        /// Which, by its name or id.
        package let room: String
        /// Its id or the beginning of it.
        package let message: String
        package var rooms: [String] { [self.room] }

        package init(room: String, message: String) {
            self.room = room
            self.message = message
        }
    }

    /// Says after how long messages of a room are dropped.
    package struct SetRoomLifetime: Method {
        package typealias Answer = RoomView
        package static let name = "room.lifetime"
        package static let summary = "Says after how long messages of a room are dropped."

        /// Which, by its name or id.
        package let room: String
        /// Ms; 0 is never.
        package let lifetime: Int64
        package var rooms: [String] { [self.room] }

        package init(room: String, lifetime: Int64) {
            self.room = room
            self.lifetime = lifetime
        }
    }
}
