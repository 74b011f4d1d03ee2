import EarshotModel

extension Heads {
    package var encoded: [UInt8] {
        var out = ProtobufWriter()
        out.bytes(1, self.conversation.bytes)
        for mark in self.marks { out.element(2, mark.encoded) }
        out.flag(3, self.ask)
        if let state = self.state { out.bytes(4, state.bytes) }
        for person in self.persons { out.element(5, person.encoded) }
        return out.bytes
    }

    package init(decoding body: some Collection<UInt8>) throws(ProtocolError) {
        var reader = try ProtobufReader(body)
        var conversation: ConversationID?
        var marks: [Mark] = []
        var ask = false
        var state: Hash32?
        var persons: [ManifestVersion] = []
        while let (field, value) = try reader.next() {
            switch field {
            case 1:
                try reader.once(1)
                conversation = try ProtobufReader.id(value)
            case 2:
                guard marks.count < Limits.protobufRepeated else { throw .tooMuch("marks") }
                marks.append(try Mark(decoding: reader.nested(value)))
            case 3:
                try reader.once(3)
                ask = try ProtobufReader.flag(value)
            case 4:
                try reader.once(4)
                state = Hash32(try ProtobufReader.bytes(value))
                guard state != nil else { throw .malformed("state is not 32 bytes") }
            case 5:
                guard persons.count < Limits.protobufRepeated else { throw .tooMuch("persons") }
                persons.append(try ManifestVersion(decoding: reader.nested(value)))
            default: continue
            }
        }
        guard let conversation else { throw .malformed("heads without conversation") }
        self.init(conversation: conversation, marks: marks, ask: ask, state: state, persons: persons)
    }
}

extension Mark {
    fileprivate var encoded: [UInt8] {
        var out = ProtobufWriter()
        out.bytes(1, self.log.bytes)
        out.bytes(2, self.device.bytes)
        out.integer(3, self.seq)
        if let id = self.id { out.bytes(4, id.bytes) }
        out.integer(5, self.read)
        out.integer(6, self.readAt.milliseconds)
        out.integer(7, self.after)
        return out.bytes
    }

    fileprivate init(decoding nested: ProtobufReader) throws(ProtocolError) {
        var reader = nested
        var log: LogID?
        var device: DeviceID?
        var seq: UInt64 = 0
        var id: EnvelopeID?
        var read: UInt64 = 0
        var readAt: UInt64 = 0
        var after: UInt64 = 0
        while let (field, value) = try reader.next() {
            if (1...7).contains(field) { try reader.once(field) }
            switch field {
            case 1: log = try ProtobufReader.log(value)
            case 2: device = try ProtobufReader.id(value)
            case 3: seq = try ProtobufReader.integer(value)
            case 4: id = try ProtobufReader.id(value)
            case 5: read = try ProtobufReader.integer(value)
            case 6: readAt = try ProtobufReader.integer(value)
            case 7: after = try ProtobufReader.integer(value)
            default: continue
            }
        }
        guard let log, let device else { throw .malformed("mark without log or device") }
        guard (seq == 0) == (id == nil) else { throw .malformed("mark with a seq and no id, or the reverse") }
        self.init(
            log: log, device: device, seq: seq, id: id, read: read, readAt: Timestamp(milliseconds: readAt),
            after: after)
    }
}

extension Want {
    package var encoded: [UInt8] {
        var out = ProtobufWriter()
        out.bytes(1, self.conversation.bytes)
        out.bytes(2, self.log.bytes)
        out.integer(3, self.from)
        out.integer(4, self.to)
        return out.bytes
    }

    package init(decoding body: some Collection<UInt8>) throws(ProtocolError) {
        var reader = try ProtobufReader(body)
        var conversation: ConversationID?
        var log: LogID?
        var from: UInt64 = 0
        var to: UInt64 = 0
        while let (field, value) = try reader.next() {
            if (1...4).contains(field) { try reader.once(field) }
            switch field {
            case 1: conversation = try ProtobufReader.id(value)
            case 2: log = try ProtobufReader.log(value)
            case 3: from = try ProtobufReader.integer(value)
            case 4: to = try ProtobufReader.integer(value)
            default: continue
            }
        }
        guard let conversation, let log else { throw .malformed("want without conversation or log") }
        guard let want = Want(conversation: conversation, log: log, from: from, to: to) else {
            throw .malformed("want with an impossible span")
        }
        self = want
    }
}

extension Gone {
    package var encoded: [UInt8] {
        var out = ProtobufWriter()
        out.bytes(1, self.conversation.bytes)
        out.bytes(2, self.log.bytes)
        out.integer(3, self.seq)
        out.bytes(4, self.id.bytes)
        return out.bytes
    }

    package init(decoding body: some Collection<UInt8>) throws(ProtocolError) {
        var reader = try ProtobufReader(body)
        var conversation: ConversationID?
        var log: LogID?
        var seq: UInt64 = 0
        var id: EnvelopeID?
        while let (field, value) = try reader.next() {
            if (1...4).contains(field) { try reader.once(field) }
            switch field {
            case 1: conversation = try ProtobufReader.id(value)
            case 2: log = try ProtobufReader.log(value)
            case 3: seq = try ProtobufReader.integer(value)
            case 4: id = try ProtobufReader.id(value)
            default: continue
            }
        }
        guard let conversation, let log, let id, seq > 0 else { throw .malformed("gone without its parts") }
        guard seq <= UInt64(Int64.max) else { throw .tooMuch("gone seq") }
        self.init(conversation: conversation, log: log, seq: seq, id: id)
    }
}

extension ManifestVersion {
    fileprivate var encoded: [UInt8] {
        var out = ProtobufWriter()
        out.bytes(1, self.person.bytes)
        out.integer(2, self.version)
        return out.bytes
    }

    fileprivate init(decoding nested: ProtobufReader) throws(ProtocolError) {
        var reader = nested
        var person: PersonID?
        var version: UInt32 = 0
        while let (field, value) = try reader.next() {
            if (1...2).contains(field) { try reader.once(field) }
            switch field {
            case 1: person = try ProtobufReader.id(value)
            case 2: version = try ProtobufReader.integer32(value)
            default: continue
            }
        }
        guard let person else { throw .malformed("version without person") }
        self.init(person: person, version: version)
    }
}

extension [ToldRoom] {
    package var encoded: [UInt8] {
        var out = ProtobufWriter()
        for room in self {
            var inner = ProtobufWriter()
            inner.bytes(1, room.charter.bytes)
            inner.integer(2, room.members)
            inner.string(3, room.topic)
            out.element(1, inner.bytes)
        }
        return out.bytes
    }

    package init(decoding body: some Collection<UInt8>) throws(ProtocolError) {
        self = []
        var reader = try ProtobufReader(body)
        while let (field, value) = try reader.next() {
            guard field == 1 else { continue }
            guard self.count < Limits.openRooms else { throw .tooMuch("rooms") }
            self.append(try ToldRoom(decoding: reader.nested(value)))
        }
    }
}

extension ToldRoom {
    fileprivate init(decoding nested: ProtobufReader) throws(ProtocolError) {
        var reader = nested
        var charter: Charter?
        var (members, topic): (UInt32, String) = (0, "")
        while let (field, value) = try reader.next() {
            if (1...3).contains(field) { try reader.once(field) }
            switch field {
            case 1: charter = try Charter(decoding: ProtobufReader.bytes(value))
            case 2: members = try ProtobufReader.integer32(value)
            case 3: topic = try ProtobufReader.string(value, most: Limits.roomText)
            default: continue
            }
        }
        guard let charter else { throw .malformed("room without charter") }
        self.init(charter: charter, members: members, topic: topic)
    }
}
