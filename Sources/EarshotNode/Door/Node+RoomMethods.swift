import EarshotControl
import EarshotModel
import EarshotRules
import EarshotStore
import EarshotText
import EarshotWire
import Noise

/// Rooms.
extension Node {
    static let roomHandlers: [any AnyHandler] = [
        Handler(Methods.CreateRoom.self) { node, asked, state, asker in try node.create(asked, &state, asker.now) },
        Handler(looking: Methods.ListRooms.self) { node, asked, state in node.rooms(asked, state.engine) },
        Handler(looking: Methods.RoomInfo.self) { node, asked, state in
            try node.view(try node.room(asked.room, state.engine), state.engine)
        },
        Handler(Methods.JoinRoom.self) { node, asked, state, asker in
            try node.change(asked.room, &state, to: .join) { room, engine in try engine.joinRoom(room, at: asker.now) }
        },
        Handler(Methods.DeclineRoom.self) { node, asked, state, asker in
            try node.change(asked.room, &state) { room, engine in
                guard engine.room(room)?.known.standing == .invited else {
                    throw DoorError(.room(.noInvitation(room: node.name(room, engine))))
                }
                return try engine.leaveRoom(room, at: asker.now)
            }
        },
        Handler(Methods.LeaveRoom.self) { node, asked, state, asker in
            try node.change(asked.room, &state) { room, engine in try engine.leaveRoom(room, at: asker.now) }
        },
        Handler(Methods.InviteToRoom.self) { node, asked, state, asker in
            try node.change(asked.room, &state) { room, engine in
                try engine.invite(
                    try node.invited(asked.who.all, engine), to: room, at: asker.now)
            }
        },
        Handler(Methods.RemoveFromRoom.self) { node, asked, state, asker in
            try node.change(asked.room, &state) { room, engine in
                try engine.remove(try node.member(asked.who, of: room, engine), from: room, at: asker.now)
            }
        },
        Handler(Methods.SetTopic.self) { node, asked, state, asker in
            try node.set(.topic, of: asked.room, text: SafeText.line(asked.topic), &state, asker.now)
        },
        Handler(Methods.RenameRoom.self) { node, asked, state, asker in
            try node.set(.name, of: asked.room, text: try Node.roomName(asked.name), &state, asker.now)
        },
        Handler(Methods.TransferRoom.self) { node, asked, state, asker in
            try node.change(asked.room, &state) { room, engine in
                try engine.transferRoom(room, to: try node.member(asked.who, of: room, engine), at: asker.now)
            }
        },
        Handler(Methods.SetWriter.self) { node, asked, state, asker in
            try node.change(asked.room, &state) { room, engine in
                guard engine.room(room)?.known.charter.isAnnouncement ?? true else {
                    throw DoorError(.room(.allWrite(room: node.name(room, engine))))
                }
                let person = try node.member(asked.who, of: room, engine)
                return try engine.set(.writer(person), of: room, value: asked.on ?? true ? 1 : 0, at: asker.now)
            }
        },
        Handler(Methods.Pin.self) { node, asked, state, asker in
            try node.pin(asked.message, in: asked.room, true, &state, asker.now)
        },
        Handler(Methods.Unpin.self) { node, asked, state, asker in
            try node.pin(asked.message, in: asked.room, false, &state, asker.now)
        },
        Handler(Methods.SetRoomLifetime.self) { node, asked, state, asker in
            return try node.set(
                .lifetime, of: asked.room, value: try node.lifetime(asked.lifetime), &state, asker.now)
        },
    ]

    private func create(
        _ asked: Methods.CreateRoom, _ state: inout RunState, _ now: Moment
    ) throws -> (RoomView, [Effect]) {
        let name = try Self.roomName(asked.name)
        if let other = state.engine.roomList.first(where: {
            $0.known.standing == .joined && SafeText.name($0.state.name).lowercased() == name.lowercased()
        }) {
            let id = String(other.id.description.prefix(8))
            throw DoorError(.room(.nameInUse(room: RoomResolver.shown(name), id: id)))
        }
        do {
            let (room, effects) = try state.engine.createRoom(
                name, isOpen: asked.open ?? false, isAnnouncement: asked.announce ?? false,
                startsAtJoin: asked.history == .fromJoin, ownerInvites: asked.ownerInvites ?? false,
                salt: randomBytes(16), at: now)
            return (try self.view(room, state.engine), effects)
        } catch Engine.RoomRefusal.empty {
            throw DoorError(.room(.blankName))
        } catch Engine.RoomRefusal.tooLong {
            throw DoorError(.room(.longName))
        }
    }

    /// A name for a room, whole.
    private static func roomName(_ typed: String) throws(DoorError) -> String {
        guard SafeText.line(typed).count <= 64 else {
            throw DoorError(.room(.manyCharacters))
        }
        return RoomResolver.bare(typed)
    }

    /// Those we are in first, then invitations, then what is open here.
    private func rooms(_ asked: Methods.ListRooms, _ engine: Engine) -> [RoomView] {
        let known = engine.roomList.filter { $0.known.standing == .joined || $0.known.standing == .invited }
        var views = known.map { self.view($0, engine, isWhole: false) }
        if asked.open ?? true {
            let ours = Set(known.map(\.id))
            views += engine.openRooms.filter { !ours.contains($0.room.charter.room) }.map { offer in
                var view = self.view(offer.room)
                view.ownerName = view.owner.map { self.called($0, engine) }
                return view
            }
        }
        let order: [RoomStanding] = [.joined, .invited, .open]
        return views.sorted {
            let (one, other) = (order.firstIndex(of: $0.standing) ?? 3, order.firstIndex(of: $1.standing) ?? 3)
            return (one, $0.name.lowercased(), $0.id) < (other, $1.name.lowercased(), $1.id)
        }
    }

    /// Does something to a room, and answers with what it is then.
    private func change(
        _ word: String, _ state: inout RunState, to purpose: RoomResolver.Purpose = .use,
        _ body: (RoomID, inout Engine) throws -> [Effect]
    ) throws -> (RoomView, [Effect]) {
        let room = try self.room(word, state.engine, to: purpose)
        if purpose == .use { _ = try self.known(room, state.engine) }
        let effects = try self.inside(room, &state.engine) { engine in try body(room, &engine) }
        return (try self.view(room, state.engine), effects)
    }

    private func set(
        _ key: RoomSetting.Key, of word: String, text: String = "", value: UInt64 = 0, _ state: inout RunState,
        _ now: Moment
    ) throws -> (RoomView, [Effect]) {
        try self.change(word, &state) { room, engine in
            try engine.set(key, of: room, text: text, value: value, at: now)
        }
    }

    private func pin(
        _ typed: String, in word: String, _ on: Bool, _ state: inout RunState, _ now: Moment
    ) throws -> (RoomView, [Effect]) {
        let message = try self.message(typed)
        return try self.change(word, &state) { room, engine in
            guard engine.room(of: message.conversation) == room else {
                throw DoorError(.room(.pinElsewhere(room: self.name(room, engine))))
            }
            guard on != (engine.room(room)?.state.pins.contains(message.id) ?? false) else {
                throw DoorError(.room(on ? .isPinned : .isNotPinned))
            }
            return try engine.set(.pin(message.id), of: room, value: on ? 1 : 0, at: now)
        }
    }
}
