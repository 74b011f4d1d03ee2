import EarshotModel

/// A disk in memory that takes facts as the store does: whole commits, each fact once.
package struct SimulatedDisk: Sendable {
    package private(set) var snapshot: Snapshot
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
    private var manifests: [PersonID: [UInt8]] = [:]
    private var certificates: [DeviceID: [UInt8]] = [:]

    /// How transfers ended: each once.
    package private(set) var finished: [EnvelopeID: [Transfer.State]] = [:]

    package init(generation: [UInt8]) { self.snapshot = Snapshot(generation: generation) }

    package mutating func commit(_ facts: [Fact]) { for fact in facts { self.take(fact) } }

    private mutating func take(_ fact: Fact) {  // lint: table
        switch fact {
        case .envelope(let envelope, _, let author, let arrived):
            guard self.places[envelope.log]?[envelope.seq] == nil else { return self.doubles += 1 }
            self.places[envelope.log, default: [:]][envelope.seq] = envelope.id
            self.bodies[envelope.id] = envelope
            self.stored.append(envelope)
            self.head(envelope.conversation, envelope.log, envelope.device, envelope.seq, envelope.id)
            self.snapshot.latest = self.snapshot.latest.seen(envelope.stamp, now: arrived)
            self.members[envelope.conversation, default: []].insert(author)
        case .gone(let conversation, let device, let log, let seq, let id):
            guard self.places[log]?[seq] == nil else { return }
            self.places[log, default: [:]][seq] = id
            self.head(conversation, log, device, seq, id)
        case .held(let conversation, let log, let device, let person, let seq, let id, let at):
            let before = self.held[device]?[log] ?? 0
            guard self.places[log]?[seq] == id, seq > before else { return }
            self.note(conversation, log, before + 1...seq, person) {
                Receipt(person: person, deliveredAt: $0?.deliveredAt ?? at, readAt: $0?.readAt)
            }
            self.held[device, default: [:]][log] = seq
            self.snapshot.held.removeAll { $0.log == log && $0.device == device }
            self.snapshot.held.append(.init(conversation: conversation, log: log, device: device, seq: seq))
        case .read(let conversation, let log, let person, let seq, let at):
            let before = self.reads[person]?[log] ?? 0
            guard seq > before else { return }
            self.note(conversation, log, before + 1...seq, person) {
                let deliveredAt = $0?.deliveredAt ?? at
                return Receipt(person: person, deliveredAt: deliveredAt, readAt: max(at, deliveredAt))
            }
            self.reads[person, default: [:]][log] = seq
            self.snapshot.reads.removeAll { $0.log == log && $0.person == person }
            self.snapshot.reads.append(.init(conversation: conversation, log: log, person: person, seq: seq, at: at))
        case .contact(let contact):
            self.snapshot.contacts.removeAll { $0.person == contact.person }
            self.snapshot.contacts.append(contact)
        case .manifest(let manifest):
            self.manifests[manifest.person] = manifest.wire
            self.snapshot.manifests = Array(self.manifests.values)
        case .certificate(let certificate):
            self.certificates[certificate.device] = certificate.wire
            self.snapshot.certificates = Array(self.certificates.values)
        case .reached(let device, let person, let endpoint, let at):
            self.snapshot.addresses.removeAll { $0.device == device && $0.endpoint == endpoint }
            self.snapshot.addresses.insert(.init(device: device, person: person, endpoint: endpoint, at: at), at: 0)
            let old = self.snapshot.addresses.filter { $0.device == device }.sorted { $0.at > $1.at }.dropFirst(8)
            self.snapshot.addresses.removeAll { old.contains($0) }
        case .staticPeer(let peer, let on):
            self.snapshot.staticPeers.removeAll { $0 == peer }
            if on { self.snapshot.staticPeers.append(peer) }
        case .setting(let key, let value): self.snapshot.settings[key] = value
        case .generation(let bytes): self.snapshot.generation = bytes
        case .transfer(let transfer):
            self.snapshot.transfers.removeAll { $0.id == transfer.id }
            if transfer.state.isFinal {
                if transfer.isIncoming, let agreed = transfer.agreed {
                    self.snapshot.agreed.append((transfer.id, agreed, transfer.counted))
                }
                self.finished[transfer.id, default: []].append(transfer.state)
            } else {
                self.snapshot.transfers.append(transfer)
            }
        case .came(let id, let have):
            for index in self.snapshot.transfers.indices where self.snapshot.transfers[index].id == id {
                self.snapshot.transfers[index].have = max(have, self.snapshot.transfers[index].have)
            }
        case .share(let share):
            self.snapshot.shares.removeAll { $0.id == share.id }
            self.snapshot.shares.append(share)
        case .seen(let person, let at): self.snapshot.seen[person] = at
        case .profile(let person, let profile): self.snapshot.profiles[person] = profile.isEmpty ? nil : profile
        case .picture(let id, let bytes):
            self.snapshot.pictures.insert(id)
            self.snapshot.ownPicture = bytes
        case .pictureGone(let id): self.snapshot.pictures.remove(id)
        case .shareGone(let share): self.snapshot.shares.removeAll { $0.id == share }
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
        guard seq > self.snapshot.heads.first(where: { $0.log == log })?.seq ?? 0 else { return }
        self.snapshot.heads.removeAll { $0.log == log }
        self.snapshot.heads.append(.init(conversation: conversation, log: log, device: device, seq: seq, id: id))
    }

    /// Drops a body and keeps its place, as deleting does.
    package mutating func drop(_ id: EnvelopeID) { self.bodies[id] = nil }

    /// Whether an envelope has its place here, with its body or without.
    package func places(contain id: EnvelopeID) -> Bool { self.places.values.contains { $0.values.contains(id) } }

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
