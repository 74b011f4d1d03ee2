import EarshotControl
import EarshotModel
import EarshotText

/// The tables of a file that names people.
extension TableReader {
    mutating func person() -> (provision: Provision, hook: Hook?)? {
        let name = self.needs("name", .called) { written in
            Self.text(written).map(SafeText.personName).flatMap { $0.isEmpty ? nil : $0 }
        }
        let key = self.key()
        let isVerified = self.take("verified", .truth) { Self.truth($0) } ?? true
        let mayEntry = self.left["may"]
        let grants = self.take("may", .grants) { written -> [Grant]? in
            if case .list(let list) = written, list.isEmpty { return nil }
            return Self.texts(written).flatMap { texts in
                let grants = texts.compactMap(Grant.init)
                return grants.count == texts.count ? grants : nil
            }
        }
        if let grants, !grants.contains(.write) {
            self.fault(.person(.noWriting), at: mayEntry)
        }
        let files = (grants ?? []).compactMap { if case .files(let files) = $0 { files } else { nil } }
        if files.count > 1 { self.fault(.person(.filesTwice), at: mayEntry) }
        let rooms = self.rooms()
        let hookEntry = self.left["hook"]
        let words = self.take("hook", .program) { Self.texts($0) }
        guard let name, let key else { return nil }
        let place = "\(self.file):\(self.table.line)"
        let provision = Provision(
            name: name, key: key, isVerified: isVerified, files: files.first, rooms: rooms,
            mayInvite: grants?.contains(.invite) ?? false, place: place)
        guard let words, let first = words.first else { return (provision, nil) }
        guard case .id(let person) = key else {
            self.fault(.person(.hookWithoutID), at: hookEntry)
            return (provision, nil)
        }
        let program = (try? Self.program(first)) ?? first
        let filter = EventFilter([.message], from: person.description)
        return (provision, Hook("person-\(person.brief)", filter, .run(.init([program] + words.dropFirst()))))
    }

    /// Whose key it is: by an id or by a fingerprint.
    private mutating func key() -> Provision.Key? {
        let (idEntry, printEntry) = (self.left["id"], self.left["fingerprint"])
        let id = self.take("id", .id) { written in
            Self.text(written).flatMap { PersonID(text: String($0.trimmingPrefix("earshot:"))) }
        }
        let fingerprint = self.take("fingerprint", .fingerprint) { written in
            Self.text(written).flatMap { Fingerprint(typed: $0) }
        }
        switch (idEntry, printEntry) {
        case (nil, nil): self.fault(.person(.noKey))
        case (_?, _?): self.fault(.person(.twoKeys), at: printEntry)
        case (_?, nil), (nil, _?): break
        }
        return id.map { .id($0) } ?? fingerprint.map { .fingerprint($0) }
    }

    /// The rooms of a person.
    private mutating func rooms() -> [String] {
        let entry = self.left["rooms"]
        let rooms = self.take("rooms", .invitedTo) { written -> [String]? in
            guard case .list = written, let texts = Self.texts(written), texts.count <= 64 else { return nil }
            let names = texts.compactMap(Self.roomName)
            return names.count == texts.count ? names : nil
        }
        let names = rooms ?? []
        if Set(names.map { $0.lowercased() }).count < names.count { self.fault(.person(.roomTwice), at: entry) }
        return names
    }

    private static let roomNameBytes = 128

    /// With or without `#`.
    private static func roomName(_ text: String) -> String? {
        let name = RoomResolver.bare(text)
        return name.isEmpty || name.utf8.count > Self.roomNameBytes ? nil : name
    }

    mutating func room() -> ProvisionedRoom? {
        let name = self.needs("name", .roomName(most: Self.roomNameBytes)) { written in
            Self.text(written).flatMap(Self.roomName)
        }
        let isOpen = self.take("open", .truth) { Self.truth($0) } ?? false
        let isAnnouncement = self.take("announce", .truth) { Self.truth($0) } ?? false
        let ownerInvites = self.take("owner_invites", .truth) { Self.truth($0) } ?? false
        let history = self.take("history", .history(RoomHistory.kind)) {
            Self.text($0).flatMap { RoomHistory(rawValue: $0) }
        }
        if isOpen, history == .fromJoin { self.fault(.person(.openFromJoin)) }
        guard let name else { return nil }
        return ProvisionedRoom(
            name: name, isOpen: isOpen, isAnnouncement: isAnnouncement, startsAtJoin: history == .fromJoin,
            ownerInvites: ownerInvites, place: "\(self.file):\(self.table.line)")
    }
}
