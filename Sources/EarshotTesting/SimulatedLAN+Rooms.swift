import EarshotModel
import EarshotRules
import EarshotWire

/// Rooms on the simulated network.
extension SimulatedLAN {
    /// A room and where its members talk.
    package struct Room: Sendable, Hashable {
        package let id: RoomID
        package let talk: ConversationID

        package init(_ id: RoomID) {
            self.id = id
            self.talk = Derive.talk(id)
        }
    }

    /// Makes a room, invites hosts, and lets them come in.
    package mutating func room(
        _ name: String, by owner: Int, with others: [Int], isOpen: Bool = false, isAnnouncement: Bool = false,
        startsAtJoin: Bool = false
    ) throws -> Room {
        var room: RoomID?
        let salt = self.chance(16)
        self.ask(owner) { engine, now in
            let made = try? engine.createRoom(
                name, isOpen: isOpen, isAnnouncement: isAnnouncement, startsAtJoin: startsAtJoin, salt: salt, at: now)
            room = made?.room
            return made?.effects ?? []
        }
        guard let room else { throw Trouble.noRoom }
        let made = Room(room)
        if !others.isEmpty { try self.invite(others, to: made, by: owner) }
        return made
    }

    package enum Trouble: Error {
        case noRoom
        case notInvited(Int)
        case notSaid
    }

    /// A host and others accept each other.
    package mutating func acquaint(_ one: Int, with others: [Int]) {
        for other in others {
            let (here, there) = (self.hosts[one].identity.person, self.hosts[other].identity.person)
            self.ask(one) { $0.accept(there, at: $1) }
            self.ask(other) { $0.accept(here, at: $1) }
        }
        // Where many strangers are, not everybody is met at once.
        for _ in 0..<20 {
            self.run(for: 5_000)
            let persons = self.persons(others)
            if persons.allSatisfy({ self.hosts[one].engine?.isOnline($0) ?? false }) { break }
        }
    }

    package mutating func invite(_ other: Int, to room: Room, by host: Int) throws {
        try self.invite([other], to: room, by: host)
    }

    /// Invites hosts, who say yes to whoever invites them and come in.
    package mutating func invite(_ others: [Int], to room: Room, by host: Int) throws {
        let persons = others.map { self.hosts[$0].identity.person }
        var problem: (any Error)?
        self.ask(host) { engine, now in
            do { return try engine.invite(persons, to: room.id, at: now) } catch {
                problem = error
                return []
            }
        }
        if let problem { throw problem }
        self.run(for: 1_000)
        let inviter = self.hosts[host].identity.person
        for other in others { self.ask(other) { $0.accept(inviter, at: $1) } }
        self.run(for: 1_000)
        for other in others {
            guard self.hosts[other].engine?.room(room.id)?.known.standing == .invited else {
                throw Trouble.notInvited(other)
            }
            self.ask(other) { (try? $0.joinRoom(room.id, at: $1)) ?? [] }
        }
        self.run(for: 2_000)
    }

    package mutating func say(_ text: String, from host: Int, in room: Room) throws -> EnvelopeID {
        var said: EnvelopeID?
        self.ask(host) { engine, now in
            let written = try? engine.say(text, in: room.id, at: now)
            said = written?.said.id
            return written?.effects ?? []
        }
        guard let said else { throw Trouble.notSaid }
        return said
    }

    /// What people see of a room at a host.
    package func shown(_ room: Room, at host: Int) -> [EnvelopeID] {
        self.hosts[host].disk.stored.filter { $0.conversation == room.talk && self.hosts[host].disk.shows($0) }.map(
            \.id)
    }

    package func members(of room: Room, at host: Int) -> [PersonID] {
        self.hosts[host].engine?.room(room.id)?.state.members ?? []
    }

    package func persons(_ hosts: [Int]) -> [PersonID] { hosts.map { self.hosts[$0].identity.person }.sorted() }

    /// The states of a room at these hosts: one, if all are well.
    package func hashes(of room: Room, hosts: [Int]? = nil) -> Set<Hash32> {
        Set((hosts ?? Array(self.hosts.indices)).compactMap { self.hosts[$0].engine?.room(room.id)?.state.hash })
    }

    /// Everybody hears the adverts of everybody again.
    package mutating func sightAll() {
        for one in self.hosts.indices {
            for other in self.hosts.indices where other != one { self.sight(one, other) }
        }
    }
}

extension SimulatedLAN {
    /// Something to be offered.
    package mutating func files(_ name: String, size: UInt64) -> (share: Share, offer: FileOffer) {
        let key = self.chance(32)
        let share = Share(
            id: Derive.share(key: key), key: key, roots: [.init(name: name, path: "/nowhere")], listing: 30, size: size,
            isOpen: false)
        return (share, FileOffer(key: key, name: name, files: 1, size: size))
    }
}
