import EarshotControl
import EarshotModel

/// The tables of a file that names people.
extension TableReader {
    mutating func person() -> (provision: Provision, hook: Hook?)? {
        let name = self.needs("name", "what you call them, with something to be seen") { written in
            Self.text(written).map(SafeText.personName).flatMap { $0.isEmpty ? nil : $0 }
        }
        let key = self.key()
        let isVerified = self.take("verified", "true or false") { Self.truth($0) } ?? true
        let mayEntry = self.left["may"]
        let grants = self.take("may", Grant.fits) { written -> [Grant]? in
            if case .list(let list) = written, list.isEmpty { return nil }
            return Self.texts(written).flatMap { texts in
                let grants = texts.compactMap(Grant.init)
                return grants.count == texts.count ? grants : nil
            }
        }
        if let grants, !grants.contains(.write) {
            self.fault("Whoever may do more may write: add \"write\" to may.", at: mayEntry)
        }
        let files = (grants ?? []).compactMap { if case .files(let files) = $0 { files } else { nil } }
        if files.count > 1 { self.fault("may says twice which files are taken.", at: mayEntry) }
        let rooms = self.rooms()
        let hookEntry = self.left["hook"]
        let words = self.take("hook", "a program, or a list of it and its words") { Self.texts($0) }
        guard let name, let key else { return nil }
        let place = "\(self.file):\(self.table.line)"
        let provision = Provision(
            name: name, key: key, isVerified: isVerified, files: files.first, rooms: rooms,
            mayInvite: grants?.contains(.invite) ?? false, place: place)
        guard let words, let first = words.first else { return (provision, nil) }
        guard case .id(let person) = key else {
            self.fault("hook needs id: a fingerprint says who it is only when they are met.", at: hookEntry)
            return (provision, nil)
        }
        let program = (try? Self.program(first)) ?? first
        let filter = EventFilter([.message], from: person.description)
        return (provision, Hook("person-\(person.brief)", filter, .run(.init([program] + words.dropFirst()))))
    }

    /// Whose key it is: by an id or by a fingerprint.
    private mutating func key() -> Provision.Key? {
        let (idEntry, printEntry) = (self.left["id"], self.left["fingerprint"])
        let id = self.take("id", "the 52 letters and digits of an id, as `earshot id` shows it") { written in
            Self.text(written).flatMap { PersonID(text: String($0.trimmingPrefix("earshot:"))) }
        }
        let fingerprint = self.take("fingerprint", "thirty digits, as `earshot id` shows them") { written in
            Self.text(written).flatMap { Fingerprint(typed: $0) }
        }
        switch (idEntry, printEntry) {
        case (nil, nil): self.fault("[[person]] needs fingerprint or id: whose key it is.")
        case (_?, _?): self.fault("A person has id or fingerprint, and not both.", at: printEntry)
        case (_?, nil), (nil, _?): break
        }
        return id.map { .id($0) } ?? fingerprint.map { .fingerprint($0) }
    }

    /// The rooms of a person.
    private mutating func rooms() -> [String] {
        let entry = self.left["rooms"]
        let fits = #"a list of rooms that they are invited to, as ["ops"]"#
        let rooms = self.take("rooms", fits) { written -> [String]? in
            guard case .list = written, let texts = Self.texts(written), texts.count <= 64 else { return nil }
            let names = texts.compactMap(Self.roomName)
            return names.count == texts.count ? names : nil
        }
        let names = rooms ?? []
        if Set(names.map { $0.lowercased() }).count < names.count { self.fault("rooms names one twice.", at: entry) }
        return names
    }

    /// With or without `#`.
    private static func roomName(_ text: String) -> String? {
        let name = RoomResolver.bare(text)
        return name.isEmpty || name.utf8.count > 128 ? nil : name
    }

    mutating func room() -> ProvisionedRoom? {
        let name = self.needs("name", "what the room is called, at most 128 bytes") { written in
            Self.text(written).flatMap(Self.roomName)
        }
        let isOpen = self.take("open", "true or false") { Self.truth($0) } ?? false
        let isAnnouncement = self.take("announce", "true or false") { Self.truth($0) } ?? false
        let ownerInvites = self.take("owner_invites", "true or false") { Self.truth($0) } ?? false
        let history = self.take("history", RoomHistory.kind) { Self.text($0).flatMap { RoomHistory(rawValue: $0) } }
        guard let name else { return nil }
        return ProvisionedRoom(
            name: name, isOpen: isOpen, isAnnouncement: isAnnouncement, startsAtJoin: history == .fromJoin,
            ownerInvites: ownerInvites, place: "\(self.file):\(self.table.line)")
    }
}
