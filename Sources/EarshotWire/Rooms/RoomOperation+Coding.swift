import EarshotModel

extension RoomOperation {
    package var kind: UInt32 {
        switch self {
        case .add: 17
        case .remove: 18
        case .transfer: 19
        case .set: 20
        case .joined: 21
        }
    }

    package var payload: [UInt8] {
        var out = ProtobufWriter()
        switch self {
        case .add(let membership, let owner, let manifest, let from):
            out.membership(membership, owner)
            out.bytes(4, manifest)
            for start in from.prefix(Limits.roomStarts) { out.element(5, start.encoded) }
        case .remove(let membership, let owner, let cut):
            out.membership(membership, owner)
            out.cut(4, cut)
        case .transfer(let person, let owner, let cut):
            out.bytes(1, person.bytes)
            out.integer(2, owner)
            out.cut(3, cut)
        case .set(let setting): setting.write(to: &out)
        case .joined: break
        }
        return out.bytes
    }

    /// Fails where the payload does not fit its kind, or a number is none.
    init(kind: UInt32, _ payload: [UInt8]) throws(ProtocolError) {
        if kind == 21 {
            var reader = try ProtobufReader(payload)
            while try reader.next() != nil {}
            self = .joined
            return
        }
        if kind == 20 {
            self = .set(try RoomSetting(decoding: payload))
            return
        }
        var fields = Fields()
        try fields.read(payload, kind)
        guard let person = fields.person else { throw .malformed("room operation without person") }
        if kind == 19 {
            guard let owner = fields.owner else { throw .malformed("transfer without owner") }
            self = .transfer(person, owner: owner, cut: fields.cut.lowest)
            return
        }
        guard let number = fields.number else { throw .malformed("room operation without number") }
        let membership = RoomMembership(person, number)
        self =
            kind == 17
            ? .add(membership, owner: fields.owner, manifest: fields.manifest, from: fields.from)
            : .remove(membership, owner: fields.owner, cut: fields.cut.lowest)
    }

    /// What kinds 17 to 19 hold.
    private struct Fields {
        var person: PersonID?
        var number: UInt64?
        var owner: UInt64?
        var manifest: [UInt8] = []
        var from: [LogStart] = []
        var cut = CutReader()

        mutating func read(_ payload: [UInt8], _ kind: UInt32) throws(ProtocolError) {
            var reader = try ProtobufReader(payload)
            while let (field, value) = try reader.next() {
                if (1...3).contains(field), kind != 19 || field != 3 { try reader.once(field) }
                switch (kind, field) {
                case (_, 1): self.person = try ProtobufReader.id(value)
                case (17, 2), (18, 2): self.number = try ProtobufReader.roomNumber(value)
                case (17, 3), (18, 3), (19, 2): self.owner = try ProtobufReader.roomNumber(value)
                case (17, 4):
                    try reader.once(4)
                    self.manifest = Array(try ProtobufReader.bytes(value))
                    guard self.manifest.count <= Limits.manifestBytes else { throw .tooMuch("manifest") }
                case (17, 5):
                    guard self.from.count < Limits.roomStarts else { throw .tooMuch("starts") }
                    self.from.append(try LogStart(decoding: reader.nested(value)))
                case (18, 4), (19, 3): try self.cut.read(reader.nested(value))
                default: continue
                }
            }
        }
    }
}

extension RoomSetting {
    fileprivate func write(to out: inout ProtobufWriter) {
        let (what, subject): (UInt32, [UInt8]) =
            switch self.key {
            case .name: (1, [])
            case .topic: (2, [])
            case .lifetime: (3, [])
            case .writer(let person): (4, person.bytes)
            case .pin(let message): (5, message.bytes)
            }
        out.integer(1, what)
        out.integer(2, self.number)
        out.integer(3, self.owner ?? 0)
        out.string(4, self.text)
        out.integer(5, self.value)
        out.bytes(6, subject)
        out.cut(7, self.cut)
    }

    fileprivate init(decoding payload: [UInt8]) throws(ProtocolError) {
        var reader = try ProtobufReader(payload)
        var (what, number, owner): (UInt32, UInt64?, UInt64?) = (0, nil, nil)
        var (text, value, subject): (String, UInt64, Hash32?) = ("", 0, nil)
        var cut = CutReader()
        while let (field, content) = try reader.next() {
            if (1...6).contains(field) { try reader.once(field) }
            switch field {
            case 1: what = try ProtobufReader.integer32(content)
            case 2: number = try ProtobufReader.roomNumber(content)
            case 3: owner = try ProtobufReader.roomNumber(content)
            case 4: text = try ProtobufReader.string(content, most: Limits.roomText)
            case 5: value = try ProtobufReader.integer(content)
            case 6:
                subject = Hash32(try ProtobufReader.bytes(content))
                guard subject != nil else { throw .malformed("subject is not 32 bytes") }
            case 7: try cut.read(reader.nested(content))
            default: continue
            }
        }
        let key: Key
        switch (what, subject) {
        case (1, nil) where text.utf8.count <= Limits.roomName: key = .name
        case (2, nil): key = .topic
        case (3, nil): key = .lifetime
        case (4, let subject?): key = .writer(PersonID(hash: subject))
        case (5, let subject?): key = .pin(EnvelopeID(hash: subject))
        default: throw .malformed("room setting")
        }
        guard let number else { throw .malformed("room setting without number") }
        self.init(key, number: number, owner: owner, text: text, value: value, cut: cut.lowest)
    }
}

extension LogStart {
    fileprivate var encoded: [UInt8] {
        var out = ProtobufWriter()
        out.bytes(1, self.log.bytes)
        out.bytes(2, self.device.bytes)
        out.integer(3, self.seq)
        out.bytes(4, self.id.bytes)
        return out.bytes
    }

    fileprivate init(decoding nested: ProtobufReader) throws(ProtocolError) {
        var reader = nested
        var (log, device, id): (LogID?, DeviceID?, EnvelopeID?) = (nil, nil, nil)
        var seq: UInt64 = 0
        while let (field, value) = try reader.next() {
            if (1...4).contains(field) { try reader.once(field) }
            switch field {
            case 1: log = try ProtobufReader.log(value)
            case 2: device = try ProtobufReader.id(value)
            case 3: seq = try ProtobufReader.integer(value)
            case 4: id = try ProtobufReader.id(value)
            default: continue
            }
        }
        guard let log, let device, let id, seq >= 1, seq <= UInt64(Int64.max) else { throw .malformed("start") }
        self.init(log: log, device: device, seq: seq, id: id)
    }
}

extension ProtobufWriter {
    fileprivate mutating func membership(_ membership: RoomMembership, _ owner: UInt64?) {
        self.bytes(1, membership.person.bytes)
        self.integer(2, membership.number)
        self.integer(3, owner ?? 0)
    }

    fileprivate mutating func cut(_ field: UInt64, _ cut: [LogID: UInt64]) {
        for (log, seq) in cut.sorted(by: { $0.key < $1.key }) {
            var inner = ProtobufWriter()
            inner.bytes(1, log.bytes)
            inner.integer(2, seq)
            self.element(field, inner.bytes)
        }
    }
}

extension ProtobufReader {
    /// A number that is counted from 1; 0 is none.
    fileprivate static func roomNumber(_ value: Value) throws(ProtocolError) -> UInt64? {
        let number = try self.integer(value)
        guard number <= Limits.roomNumber else { throw .malformed("room number") }
        return number == 0 ? nil : number
    }
}

/// How far each log counts: of a log that is named twice the lower.
private struct CutReader {
    private(set) var lowest: [LogID: UInt64] = [:]
    private var count = 0

    mutating func read(_ nested: ProtobufReader) throws(ProtocolError) {
        guard self.count < Limits.protobufRepeated else { throw .tooMuch("cuts") }
        self.count += 1
        var reader = nested
        var log: LogID?
        var seq: UInt64 = 0
        while let (field, value) = try reader.next() {
            if (1...2).contains(field) { try reader.once(field) }
            switch field {
            case 1: log = try ProtobufReader.log(value)
            case 2: seq = try ProtobufReader.integer(value)
            default: continue
            }
        }
        guard let log else { throw .malformed("cut without log") }
        self.lowest[log] = min(self.lowest[log] ?? seq, seq)
    }
}
