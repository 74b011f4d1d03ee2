import EarshotModel
import EarshotNetwork
import EarshotWire

/// The bulk channels there are and who works on them. On the loop only.
package struct TransferTable {
    /// For each offer the one that counts.
    package private(set) var workers: [EnvelopeID: TransferWorker] = [:]
    /// Lines that others opened and that nobody works on yet.
    private var channels: [BulkID: (channel: BulkChannel, source: BulkFrame.Source?)] = [:]
    /// Those who pass on what others have offered.
    private var passing: [(worker: TransferWorker, person: PersonID)] = []
    private var chunkStores: [(id: EnvelopeID, chunks: ChunkStore)] = []
    private var greeting: [DeviceID: Int] = [:]
    private var nextLine: UInt64 = 1
    /// What is to be removed once its worker is gone.
    private var discards: [EnvelopeID: Transfer] = [:]
    /// Shares of ours that are still being written.
    package var growths: [ShareID: Growth] = [:]
    package let seen = SeenListings()

    package init() {}

    /// Whether one more channel of a device may be listened to.
    package mutating func admits(_ device: DeviceID, isStranger: Bool) -> Bool {
        let greeted = self.greeting.values.reduce(0, +)
        let working = self.channels(of: device)
        guard self.channels(of: nil) + greeted < Limits.bulkLines,
            (self.greeting[device] ?? 0) + working < Limits.bulkLinesPerDevice
        else { return false }
        // Who is not known may have the proof that lets them in, or be here to be in the way.
        guard !isStranger || greeted < Limits.bulkLines / 4 else { return false }
        self.greeting[device, default: 0] += 1
        return true
    }

    /// At work with a device, or with all.
    private func channels(of device: DeviceID?) -> Int {
        (Array(self.workers.values) + self.passing.map(\.worker)).filter { device == nil || $0.device == device }
            .reduce(0) {
                $0 + $1.channels
            }
    }

    /// Who works on the channel of a handshake.
    package func worker(on handshake: [UInt8], with device: DeviceID) -> TransferWorker? {
        self.workers.values.first { $0.device == device && $0.isOn(handshake) }
    }

    package mutating func greeted(_ device: DeviceID) {
        let left = (self.greeting[device] ?? 1) - 1
        self.greeting[device] = left > 0 ? left : nil
    }

    package mutating func keep(_ channel: BulkChannel, _ source: BulkFrame.Source?) -> BulkID {
        defer { self.nextLine += 1 }
        let id = BulkID(raw: self.nextLine)
        self.channels[id] = (channel, source)
        return id
    }

    package mutating func take(_ id: BulkID) -> (channel: BulkChannel, source: BulkFrame.Source?)? {
        self.channels.removeValue(forKey: id)
    }

    /// From now on this one counts; whoever did before stops.
    package mutating func begin(_ worker: TransferWorker) {
        self.workers[worker.id]?.halt(.busy)
        self.workers[worker.id] = worker
    }

    /// To somebody what others offer, or a look at a listing.
    package mutating func beginPassing(_ worker: TransferWorker, to person: PersonID) {
        self.passing.append((worker, person))
    }

    /// Who was to show a listing gives all of it, and counts from now on. Nothing if it did before.
    package mutating func promote(_ worker: TransferWorker) -> Bool {
        guard self.endedPassing(worker) else { return false }
        self.begin(worker)
        return true
    }

    /// Whether it was one of those.
    package mutating func endedPassing(_ worker: TransferWorker) -> Bool {
        let count = self.passing.count
        self.passing.removeAll { $0.worker === worker }
        return self.passing.count < count
    }

    /// What we have of an offer, for others; proofs of it lie in `folder`. Those used last are kept.
    package mutating func chunks(_ id: EnvelopeID, in folder: String) -> ChunkStore {
        let chunks = self.chunkStores.first { $0.id == id }?.chunks ?? ChunkStore(path: "\(folder)/\(id)")
        self.keep(chunks, id)
        return chunks
    }

    package mutating func keep(_ chunks: ChunkStore, _ id: EnvelopeID) {
        self.chunkStores.removeAll { $0.id == id }
        self.chunkStores.append((id, chunks))
        while self.chunkStores.count > Limits.passed { self.chunkStores.removeFirst().chunks.forget() }
    }

    package func counts(_ worker: TransferWorker) -> Bool { self.workers[worker.id] === worker }

    /// What is to be removed now.
    package mutating func ended(_ worker: TransferWorker) -> Transfer? {
        self.workers[worker.id] = nil
        return self.discards.removeValue(forKey: worker.id)
    }

    /// Says whether it can be removed at once.
    package mutating func discard(_ transfer: Transfer) -> Bool {
        guard self.workers[transfer.id] != nil else { return true }
        self.discards[transfer.id] = transfer
        return false
    }

    package func halt(_ reason: StopReason) {
        for worker in Array(self.workers.values) + self.passing.map(\.worker) { worker.halt(reason) }
    }

    /// Nothing is passed on to a person any more, or to one device of theirs.
    package func haltPassing(to person: PersonID, _ device: DeviceID?) {
        for one in self.passing where one.person == person && (device == nil || one.worker.device == device) {
            one.worker.halt(.notOffered)
        }
    }
}
