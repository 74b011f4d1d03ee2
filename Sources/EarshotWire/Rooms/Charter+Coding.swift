import EarshotModel

extension Charter {
    /// Makes the charter of a new room.
    /// - Parameter salt: 16 random bytes.
    package init(
        name: String, owner: PersonID?, salt: [UInt8], isOpen: Bool = false, isAnnouncement: Bool = false,
        startsAtJoin: Bool = false, ownerInvites: Bool = false
    ) {
        var out = ProtobufWriter()
        out.string(1, name)
        out.bytes(2, (owner?.hash ?? .zero).bytes)
        out.bytes(3, salt)
        out.flag(4, isOpen)
        out.flag(5, isAnnouncement)
        out.flag(6, startsAtJoin)
        out.flag(7, ownerInvites)
        self.init(
            name: name, owner: owner, isOpen: isOpen, isAnnouncement: isAnnouncement, startsAtJoin: startsAtJoin,
            ownerInvites: ownerInvites, bytes: out.bytes)
    }

    /// The room that everybody knows and nobody owns.
    package static let lobby = Charter(name: "lobby", owner: nil, salt: [UInt8](repeating: 0, count: 16), isOpen: true)

    package var room: RoomID { Derive.room(charter: self.bytes) }

    package init(decoding bytes: some Collection<UInt8>) throws(ProtocolError) {
        var reader = try ProtobufReader(bytes)
        var name = ""
        var owner: PersonID?
        var hasSalt = false
        var flags: [UInt64: Bool] = [:]
        while let (field, value) = try reader.next() {
            if (1...7).contains(field) { try reader.once(field) }
            switch field {
            case 1: name = try ProtobufReader.string(value, most: Limits.roomName)
            case 2: owner = try ProtobufReader.id(value)
            case 3: hasSalt = try ProtobufReader.bytes(value).count == 16
            case 4...7: flags[field] = try ProtobufReader.flag(value)
            default: continue
            }
        }
        guard let owner, hasSalt, !name.isEmpty else { throw .malformed("charter") }
        self.init(
            name: name, owner: owner.hash == .zero ? nil : owner, isOpen: flags[4] ?? false,
            isAnnouncement: flags[5] ?? false, startsAtJoin: flags[6] ?? false, ownerInvites: flags[7] ?? false,
            bytes: Array(bytes))
    }
}

extension Invitation {
    package var payload: [UInt8] {
        var out = ProtobufWriter()
        out.bytes(1, self.charter.bytes)
        out.integer(2, self.number)
        return out.bytes
    }

    package init(decoding payload: [UInt8]) throws(ProtocolError) {
        var reader = try ProtobufReader(payload)
        var charter: Charter?
        var number: UInt64 = 0
        while let (field, value) = try reader.next() {
            if (1...2).contains(field) { try reader.once(field) }
            switch field {
            case 1: charter = try Charter(decoding: ProtobufReader.bytes(value))
            case 2: number = try ProtobufReader.integer(value)
            default: continue
            }
        }
        guard let charter, (1...Limits.roomNumber).contains(number) else { throw .malformed("invitation") }
        self.init(charter: charter, number: number)
    }
}
