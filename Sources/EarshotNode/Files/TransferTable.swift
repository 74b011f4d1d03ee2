import EarshotControl
import EarshotModel
import EarshotNetwork
import EarshotRules
import EarshotWire

/// The bulk channels there are and who works on them. On the loop only.
struct TransferTable {
    /// For each offer the one that counts.
    private(set) var workers: [EnvelopeID: TransferWorker] = [:]
    /// Lines that others opened and that nobody works on yet.
    private var channels: [BulkID: (channel: BulkChannel, source: BulkFrame.Source?)] = [:]
    /// Those who pass on what others have offered.
    private var passing: [TransferWorker] = []
    private var chunkStores: [(id: EnvelopeID, chunks: ChunkStore)] = []
    private var greeting: [DeviceID: Int] = [:]
    private var nextLine: UInt64 = 1
    /// What is to be removed once its worker is gone.
    private var discards: [EnvelopeID: Transfer] = [:]
    var growths: [ShareID: Growth] = [:]
    /// Who writes them.
    var growers: [ShareID: CallerID] = [:]
    /// Who takes a transfer from a pipe, and the folder in the spool it comes into.
    var streams: [EnvelopeID: (caller: CallerID, folder: String)] = [:]
    /// When listeners were told of a transfer, uptime in ms, and whether that it is silent.
    private var told: [EnvelopeID: (at: UInt64, isSilent: Bool)] = [:]
    private var meters: [EnvelopeID: RateMeter] = [:]

    /// Whether one more channel of a device may be listened to.
    mutating func admits(_ device: DeviceID, isStranger: Bool) -> Bool {
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
        (Array(self.workers.values) + self.passing).filter { device == nil || $0.device == device }.reduce(0) {
            $0 + $1.channels
        }
    }

    /// Who works on the channel of a handshake.
    func worker(on handshake: [UInt8], with device: DeviceID) -> TransferWorker? {
        self.workers.values.first { $0.device == device && $0.isOn(handshake) }
    }

    mutating func greeted(_ device: DeviceID) {
        let left = (self.greeting[device] ?? 1) - 1
        self.greeting[device] = left > 0 ? left : nil
    }

    mutating func keep(_ channel: BulkChannel, _ source: BulkFrame.Source?) -> BulkID {
        defer { self.nextLine += 1 }
        let id = BulkID(raw: self.nextLine)
        self.channels[id] = (channel, source)
        return id
    }

    mutating func take(_ id: BulkID) -> (channel: BulkChannel, source: BulkFrame.Source?)? {
        self.channels.removeValue(forKey: id)
    }

    /// From now on this one counts; whoever did before stops.
    mutating func begin(_ worker: TransferWorker) {
        self.workers[worker.id]?.halt(.busy)
        self.workers[worker.id] = worker
    }

    mutating func beginPassing(_ worker: TransferWorker) { self.passing.append(worker) }

    func isPassing(_ worker: TransferWorker) -> Bool { self.passing.contains { $0 === worker } }

    /// Whether it was one of those.
    mutating func endedPassing(_ worker: TransferWorker) -> Bool {
        let count = self.passing.count
        self.passing.removeAll { $0 === worker }
        return self.passing.count < count
    }

    /// What we have of an offer, for others; proofs of it lie in `folder`. Those used last are kept.
    mutating func chunks(_ id: EnvelopeID, in folder: String) -> ChunkStore {
        let chunks = self.chunkStores.first { $0.id == id }?.chunks ?? ChunkStore(path: "\(folder)/\(id)")
        self.keep(chunks, id)
        return chunks
    }

    mutating func keep(_ chunks: ChunkStore, _ id: EnvelopeID) {
        self.chunkStores.removeAll { $0.id == id }
        self.chunkStores.append((id, chunks))
        while self.chunkStores.count > Limits.passed { self.chunkStores.removeFirst().chunks.forget() }
    }

    func counts(_ worker: TransferWorker) -> Bool { self.workers[worker.id] === worker }

    /// What is to be removed now.
    mutating func ended(_ worker: TransferWorker) -> Transfer? {
        self.workers[worker.id] = nil
        self.told[worker.id] = nil
        self.meters[worker.id] = nil
        return self.discards.removeValue(forKey: worker.id)
    }

    /// Says whether it can be removed at once.
    mutating func discard(_ transfer: Transfer) -> Bool {
        guard self.workers[transfer.id] != nil else { return true }
        self.discards[transfer.id] = transfer
        return false
    }

    func halt(_ reason: StopReason) { for worker in Array(self.workers.values) + self.passing { worker.halt(reason) } }

    /// Progress is told four times a second at most, everything else always.
    mutating func tells(_ id: EnvelopeID, now: UInt64) -> Bool {
        guard now >= (self.told[id]?.at ?? 0) + 250 else { return false }
        self.told[id] = (now, self.isSilent(id, now: now))
        return true
    }

    // MARK: how fast it goes

    private static let quiet: UInt64 = 1_000

    mutating func note(_ id: EnvelopeID, have: UInt64, now: UInt64) {
        self.meters[id, default: RateMeter()].note(have, at: now)
    }
    /// Bytes a second.
    func rate(_ id: EnvelopeID, now: UInt64) -> UInt64 { self.meters[id]?.rate(at: now) ?? 0 }
    func isSilent(_ id: EnvelopeID, now: UInt64) -> Bool { self.meters[id]?.isSilent(at: now) ?? false }

    /// Those that run and of which listeners have not heard for a while; of one they know to be silent they need not.
    func untold(now: UInt64) -> [EnvelopeID] {
        self.told.filter { !$0.value.isSilent && now >= $0.value.at + Self.quiet }.keys.sorted()
    }
    /// When there will be some, uptime in ms.
    var untoldAt: UInt64? { self.told.values.filter { !$0.isSilent }.map { $0.at + Self.quiet }.min() }
}
