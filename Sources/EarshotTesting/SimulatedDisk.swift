import EarshotModel

/// A disk in memory that takes facts as the store does: whole commits, each fact once.
package struct SimulatedDisk: Sendable {
    private var kept: Snapshot
    private var heads: [LogID: Snapshot.Head] = [:]
    /// Logs in the order in which they last grew.
    private var growth: [LogID: UInt64] = [:]
    private var grown: UInt64 = 0
    private var operations: [ConversationID: [Snapshot.Operation]] = [:]
    private var holders: [LogID: [DeviceID: Snapshot.Held]] = [:]
    private var readings: [LogID: [PersonID: Snapshot.ReadMark]] = [:]
    /// Envelopes in the order they were stored.
    package private(set) var stored: [Envelope] = []
    private var places: [LogID: [UInt64: EnvelopeID]] = [:]
    private var bodies: [EnvelopeID: Envelope] = [:]
    /// Told twice for the same place: there must be none.
    package private(set) var doubles = 0
    /// How far each device is known to hold a log.
    package private(set) var held: [DeviceID: [LogID: UInt64]] = [:]
    package private(set) var reads: [PersonID: [LogID: UInt64]] = [:]
    private var receipts: [EnvelopeID: [PersonID: Receipt]] = [:]
    /// Who wrote in a conversation, holds something of it or has read it.
    private var members: [ConversationID: Set<PersonID>] = [:]
    private var firstTexts: [ConversationID: String] = [:]
    private var manifests: [PersonID: [UInt8]] = [:]
    private var certificates: [DeviceID: [UInt8]] = [:]
    private var contacts: [PersonID: Contact] = [:]
    /// Contacts in the order in which they were last changed.
    private var changes: [PersonID: UInt64] = [:]
    /// Where devices were reached, the latest first.
    private var addresses: [DeviceID: [Snapshot.Address]] = [:]
    private var known: Set<EnvelopeID> = []

    /// The bytes of what is kept for others.
    package private(set) var blobs: [BlobID: [UInt8]] = [:]

    /// How transfers ended: each once.
    package private(set) var finished: [EnvelopeID: [Transfer.State]] = [:]

    package init(generation: [UInt8]) { self.kept = Snapshot(generation: generation) }

    /// What the rules want to know at the start.
    package var snapshot: Snapshot {
        var snapshot = self.kept
        snapshot.heads = self.heads.values.sorted { (self.growth[$0.log] ?? 0) < (self.growth[$1.log] ?? 0) }
        snapshot.held = self.holders.values.flatMap(\.values)
        snapshot.firstWords = self.firstTexts.filter { self.members[$0.key]?.count == 1 }
        snapshot.reads = self.readings.values.flatMap(\.values)
        snapshot.contacts = self.contacts.values.sorted {
            (self.changes[$0.person] ?? 0) < (self.changes[$1.person] ?? 0)
        }
        snapshot.manifests = Array(self.manifests.values)
        snapshot.certificates = Array(self.certificates.values)
        snapshot.addresses = self.addresses.values.flatMap(\.self).sorted {
            ($1.at, $0.device) < ($0.at, $1.device)
        }
        snapshot.operations = self.kept.rooms.flatMap { self.operations[$0.id.operations] ?? [] }
        return snapshot
    }

    package mutating func commit(_ facts: [Fact]) { for fact in facts { self.take(fact) } }

    private mutating func take(_ fact: Fact) {  // lint: table
        switch fact {
        case .envelope(let envelope, let content, let author, let arrived):
            guard self.places[envelope.log]?[envelope.seq] == nil else { return self.doubles += 1 }
            self.places[envelope.log, default: [:]][envelope.seq] = envelope.id
            self.known.insert(envelope.id)
            self.bodies[envelope.id] = envelope
            self.stored.append(envelope)
            self.head(envelope.conversation, envelope.log, envelope.device, envelope.seq, envelope.id)
            self.kept.latest = self.kept.latest.seen(envelope.stamp, now: arrived)
            if envelope.membership == 0 { self.members[envelope.conversation, default: []].insert(author) }
            if case .text(let text) = content, self.firstTexts[envelope.conversation] == nil {
                self.firstTexts[envelope.conversation] = text.text
            }
            if case .room = content {
                self.operations[envelope.conversation, default: []].append(
                    Snapshot.Operation(wire: envelope.wire, author: author))
            }
        case .gone(let conversation, let device, let log, let seq, let id):
            guard self.places[log]?[seq] == nil else { return }
            self.places[log, default: [:]][seq] = id
            self.known.insert(id)
            self.head(conversation, log, device, seq, id)
        case .held(let conversation, let log, let device, let person, let seq, let id, let at):
            let before = self.held[device]?[log] ?? 0
            guard self.places[log]?[seq] == id, seq > before else { return }
            self.note(conversation, log, before + 1...seq, person) {
                Receipt(person: person, deliveredAt: $0?.deliveredAt ?? at, readAt: $0?.readAt)
            }
            self.held[device, default: [:]][log] = seq
            self.holders[log, default: [:]][device] = .init(
                conversation: conversation, log: log, device: device, seq: seq)
        case .read(let conversation, let log, let person, let seq, let at):
            let before = self.reads[person]?[log] ?? 0
            guard seq > before else { return }
            self.note(conversation, log, before + 1...seq, person) {
                let deliveredAt = $0?.deliveredAt ?? at
                return Receipt(person: person, deliveredAt: deliveredAt, readAt: max(at, deliveredAt))
            }
            self.reads[person, default: [:]][log] = seq
            self.readings[log, default: [:]][person] = .init(
                conversation: conversation, log: log, person: person, seq: seq, at: at)
        case .contact(let contact):
            self.grown += 1
            self.changes[contact.person] = self.grown
            self.contacts[contact.person] = contact
        case .manifest(let manifest): self.manifests[manifest.person] = manifest.wire
        case .certificate(let certificate): self.certificates[certificate.device] = certificate.wire
        case .reached(let device, let person, let endpoint, let at):
            var addresses = (self.addresses[device] ?? []).filter { $0.endpoint != endpoint }
            addresses.insert(.init(device: device, person: person, endpoint: endpoint, at: at), at: 0)
            self.addresses[device] = Array(addresses.sorted { $0.at > $1.at }.prefix(8))
        case .staticPeer(let peer, let on):
            self.kept.staticPeers.removeAll { $0 == peer }
            if on { self.kept.staticPeers.append(peer) }
        case .setting(let key, let value): self.kept.settings[key] = value
        case .generation(let bytes): self.kept.generation = bytes
        case .transfer(let transfer):
            self.kept.transfers.removeAll { $0.id == transfer.id }
            if transfer.state.isFinal {
                if transfer.isIncoming, let agreed = transfer.agreed {
                    self.kept.agreed.append((transfer.id, agreed, transfer.counted))
                }
                self.finished[transfer.id, default: []].append(transfer.state)
            } else {
                self.kept.transfers.append(transfer)
            }
        case .came(let id, let have):
            for index in self.kept.transfers.indices where self.kept.transfers[index].id == id {
                self.kept.transfers[index].have = max(have, self.kept.transfers[index].have)
            }
        case .share(let share):
            self.kept.shares.removeAll { $0.id == share.id }
            self.kept.shares.append(share)
        case .shareGone(let share): self.kept.shares.removeAll { $0.id == share }
        case .seen(let person, let at): self.kept.seen[person] = at
        case .profile(let person, let profile): self.kept.profiles[person] = profile.isEmpty ? nil : profile
        case .picture(let id, let bytes):
            self.kept.pictures.insert(id)
            self.kept.ownPicture = bytes
        case .pictureGone(let id): self.kept.pictures.remove(id)
        case .discoveryKey(let device, let person, let key):
            self.kept.discoveryKeys.removeAll { $0.device == device }
            if let key { self.kept.discoveryKeys.append(.init(device: device, person: person, key: key)) }
        case .room(let room):
            self.kept.rooms.removeAll { $0.id == room.id }
            self.kept.rooms.append(room)
        case .members(let conversation, let persons): self.members[conversation] = persons
        case .shown(_, let stretch, let limit): self.kept.shown[stretch] = limit
        case .mail(let mail): self.take(mail)
        case .begins(let conversation, let start):
            self.kept.starts[start.log] = start.seq
            self.head(conversation, start.log, start.device, start.seq, start.id)
        }
    }

    private mutating func note(
        _ conversation: ConversationID, _ log: LogID, _ seqs: ClosedRange<UInt64>, _ person: PersonID,
        _ receipt: (Receipt?) -> Receipt
    ) {
        self.members[conversation, default: []].insert(person)
        let places = self.places[log] ?? [:]
        for seq in seqs {
            guard let id = places[seq] else { continue }
            self.receipts[id, default: [:]][person] = receipt(self.receipts[id]?[person])
        }
    }

    private mutating func head(
        _ conversation: ConversationID, _ log: LogID, _ device: DeviceID, _ seq: UInt64, _ id: EnvelopeID
    ) {
        guard seq > self.heads[log]?.seq ?? 0 else { return }
        self.heads[log] = .init(conversation: conversation, log: log, device: device, seq: seq, id: id)
        self.grown += 1
        self.growth[log] = self.grown
    }

    /// Drops a body and keeps its place, as deleting does.
    package mutating func drop(_ id: EnvelopeID) { self.bodies[id] = nil }

    /// Whether an envelope has its place here, with its body or without.
    package func places(contain id: EnvelopeID) -> Bool { self.known.contains(id) }

    /// Envelopes of a log in order, at most so many bytes of them but one at least; without a body those that were
    /// dropped.
    package func envelopes(_ log: LogID, from: UInt64, to: UInt64, mostBytes: Int) -> [(
        seq: UInt64, id: EnvelopeID, body: Envelope?
    )] {
        var bytes = 0
        let seqs = (self.places[log] ?? [:]).keys.filter { (from...max(from, to)).contains($0) && $0 <= to }.sorted()
        let all = seqs.compactMap { seq in self.places[log]?[seq].map { (seq: seq, id: $0, body: self.bodies[$0]) } }
        return all.enumerated().prefix { index, one in
            bytes += one.body?.wire.count ?? 0
            return bytes <= mostBytes || index == 0
        }.map(\.element)
    }

    /// How far each other member of its conversation is with an envelope of this author.
    package func receipts(of id: EnvelopeID, by author: PersonID, in conversation: ConversationID) -> [Receipt] {
        (self.members[conversation] ?? []).filter { $0 != author }
            .map { self.receipts[id]?[$0] ?? Receipt(person: $0, deliveredAt: nil, readAt: nil) }
    }

    /// What a Want is answered with.
    package func frames(conversation: ConversationID, log: LogID, from: UInt64, to: UInt64) -> [(
        seq: UInt64, id: EnvelopeID, body: Envelope?
    )] {
        (from...to).compactMap { seq in
            guard let id = self.places[log]?[seq] else { return nil }
            return (seq, id, self.bodies[id])
        }
    }
}

extension SimulatedDisk {
    /// Whether people see an envelope here: in a room that depends on its author's membership (Protocol.md 17).
    package func shows(_ envelope: Envelope, isWords: Bool = true) -> Bool {
        guard envelope.membership != 0 else { return true }
        let limit = self.kept.shown[Stretch(log: envelope.log, membership: envelope.membership)] ?? .nothing
        return envelope.seq <= (isWords ? limit.words : limit.all)
    }
}

extension SimulatedDisk {
    /// What lies with keepers.
    package var left: [Deposit] { self.kept.mail.left }

    private mutating func take(_ fact: MailFact) {
        switch fact {
        case .own(let key):
            self.kept.mail.own.removeAll { $0.made == key.made }
            self.kept.mail.own.append(key)
        case .ownGone(let made): self.kept.mail.own.removeAll { $0.made == made }
        case .known(let known):
            self.kept.mail.known.removeAll { $0.device == known.device }
            self.kept.mail.known.append(known)
        case .knownGone(let device): self.kept.mail.known.removeAll { $0.device == device }
        case .kept(let blob, let bytes):
            guard self.blobs[blob.id] == nil else { return }
            self.kept.mail.kept.append(blob)
            self.blobs[blob.id] = bytes
        case .keptGone(let id):
            self.kept.mail.kept.removeAll { $0.id == id }
            self.blobs[id] = nil
        case .left(let deposit):
            self.kept.mail.left.removeAll { $0.blob == deposit.blob }
            self.kept.mail.left.append(deposit)
        case .leftGone(let id): self.kept.mail.left.removeAll { $0.blob == id }
        }
    }
}
