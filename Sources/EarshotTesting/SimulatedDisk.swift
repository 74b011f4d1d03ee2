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

    /// How transfers ended: each once.
    package private(set) var finished: [EnvelopeID: [Transfer.State]] = [:]

    package init(generation: [UInt8]) { self.snapshot = Snapshot(generation: generation) }

    package mutating func commit(_ facts: [Fact]) { for fact in facts { self.take(fact) } }

    private mutating func take(_ fact: Fact) {
        switch fact {
        case .envelope(let envelope, _, _, _):
            guard self.places[envelope.log]?[envelope.seq] == nil else { return self.doubles += 1 }
            self.places[envelope.log, default: [:]][envelope.seq] = envelope.id
            self.bodies[envelope.id] = envelope
            self.stored.append(envelope)
            self.head(envelope.conversation, envelope.log, envelope.device, envelope.seq, envelope.id)
            self.snapshot.latest = max(self.snapshot.latest, envelope.stamp)
        case .gone(let conversation, let device, let log, let seq, let id):
            self.places[log, default: [:]][seq] = id
            self.head(conversation, log, device, seq, id)
        case .held(let conversation, let log, let device, let seq, let id, _):
            guard self.places[log]?[seq] == id, seq > self.held[device]?[log] ?? 0 else { return }
            self.held[device, default: [:]][log] = seq
            self.snapshot.held.removeAll { $0.log == log && $0.device == device }
            self.snapshot.held.append(.init(conversation: conversation, log: log, device: device, seq: seq))
        case .read(let conversation, let log, let person, let seq, let at):
            guard seq > self.reads[person]?[log] ?? 0 else { return }
            self.reads[person, default: [:]][log] = seq
            self.snapshot.reads.removeAll { $0.log == log && $0.person == person }
            self.snapshot.reads.append(.init(conversation: conversation, log: log, person: person, seq: seq, at: at))
        case .contact(let contact):
            self.snapshot.contacts.removeAll { $0.person == contact.person }
            self.snapshot.contacts.append(contact)
        case .manifest(let manifest): self.snapshot.manifests.append(manifest.wire)
        case .certificate(let certificate): self.snapshot.certificates.append(certificate.wire)
        case .reached(let device, let person, let endpoint, let at):
            self.snapshot.addresses.removeAll { $0.device == device && $0.endpoint == endpoint }
            self.snapshot.addresses.append(.init(device: device, person: person, endpoint: endpoint, at: at))
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
                self.snapshot.transfers[index].have = have
            }
        case .share(let share):
            self.snapshot.shares.removeAll { $0.id == share.id }
            self.snapshot.shares.append(share)
        case .shareGone(let share): self.snapshot.shares.removeAll { $0.id == share }
        }
    }

    private mutating func head(
        _ conversation: ConversationID, _ log: LogID, _ device: DeviceID, _ seq: UInt64, _ id: EnvelopeID
    ) {
        self.snapshot.heads.removeAll { $0.log == log }
        self.snapshot.heads.append(.init(conversation: conversation, log: log, device: device, seq: seq, id: id))
    }

    /// Drops a body and keeps its place, as deleting does.
    package mutating func drop(_ id: EnvelopeID) { self.bodies[id] = nil }

    /// Whether an envelope has its place here, with its body or without.
    package func places(contain id: EnvelopeID) -> Bool { self.places.values.contains { $0.values.contains(id) } }

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
