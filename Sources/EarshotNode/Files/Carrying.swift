import EarshotControl
import EarshotModel
import EarshotNetwork
import EarshotProtocol

/// The bulk lines there are and who works on them. On the loop only.
struct Carrying {
    /// For each offer the one that counts.
    private(set) var porters: [EnvelopeID: Porter] = [:]
    /// Lines that others opened and that nobody works on yet.
    private var lines: [BulkID: (line: BulkLine, source: BulkFrame.Source?)] = [:]
    /// Those who pass on what others have offered.
    private var passing: [Porter] = []
    private var relays: [(id: EnvelopeID, relay: Relay)] = []
    private var greeting: [DeviceID: Int] = [:]
    private var nextLine: UInt64 = 1
    /// What is to be removed once its porter is gone.
    private var discards: [EnvelopeID: Transfer] = [:]
    var growths: [ShareID: Growth] = [:]
    /// Who writes them.
    var growers: [ShareID: CallerID] = [:]
    /// Who takes a transfer from a pipe, and the folder in the spool it comes into.
    var streams: [EnvelopeID: (caller: CallerID, folder: String)] = [:]
    /// When listeners were told of a transfer, uptime in ms, and whether that it is silent.
    private var told: [EnvelopeID: (at: UInt64, isSilent: Bool)] = [:]
    private var meters: [EnvelopeID: RateMeter] = [:]

    /// Whether one more line of a device may be listened to.
    mutating func admits(_ device: DeviceID, isStranger: Bool) -> Bool {
        let greeted = self.greeting.values.reduce(0, +)
        let working = self.lines(of: device)
        guard self.lines(of: nil) + greeted < Limits.bulkLines, (self.greeting[device] ?? 0) + working < Limits.bulkLinesPerDevice else { return false }
        // Who is not known may have the proof that lets him, or be here to be in the way.
        guard !isStranger || greeted < Limits.bulkLines / 4 else { return false }
        self.greeting[device, default: 0] += 1
        return true
    }

    /// At work with a device, or with all.
    private func lines(of device: DeviceID?) -> Int {
        (Array(self.porters.values) + self.passing).filter { device == nil || $0.device == device }.reduce(0) { $0 + $1.lines }
    }

    /// Who works on the line of a handshake.
    func porter(on handshake: [UInt8], with device: DeviceID) -> Porter? { self.porters.values.first { $0.device == device && $0.isOn(handshake) } }

    mutating func greeted(_ device: DeviceID) {
        let left = (self.greeting[device] ?? 1) - 1
        self.greeting[device] = left > 0 ? left : nil
    }

    mutating func keep(_ line: BulkLine, _ source: BulkFrame.Source?) -> BulkID {
        defer { self.nextLine += 1 }
        let id = BulkID(raw: self.nextLine)
        self.lines[id] = (line, source)
        return id
    }

    mutating func take(_ id: BulkID) -> (line: BulkLine, source: BulkFrame.Source?)? { self.lines.removeValue(forKey: id) }

    /// From now on this one counts; whoever did before stops.
    mutating func begin(_ porter: Porter) {
        self.porters[porter.id]?.halt(.busy)
        self.porters[porter.id] = porter
    }

    mutating func beginPassing(_ porter: Porter) { self.passing.append(porter) }

    /// Whether it was one of those.
    mutating func endedPassing(_ porter: Porter) -> Bool {
        let count = self.passing.count
        self.passing.removeAll { $0 === porter }
        return self.passing.count < count
    }

    /// What we have of an offer, for others; proofs of it lie in `folder`. Those used last are kept.
    mutating func relay(_ id: EnvelopeID, in folder: String) -> Relay {
        let relay = self.relays.first { $0.id == id }?.relay ?? Relay(path: "\(folder)/\(id)")
        self.keep(relay, id)
        return relay
    }

    mutating func keep(_ relay: Relay, _ id: EnvelopeID) {
        self.relays.removeAll { $0.id == id }
        self.relays.append((id, relay))
        while self.relays.count > Limits.passed { self.relays.removeFirst().relay.forget() }
    }

    func counts(_ porter: Porter) -> Bool { self.porters[porter.id] === porter }

    /// What is to be removed now.
    mutating func ended(_ porter: Porter) -> Transfer? {
        self.porters[porter.id] = nil
        self.told[porter.id] = nil
        self.meters[porter.id] = nil
        return self.discards.removeValue(forKey: porter.id)
    }

    /// Says whether it can be removed at once.
    mutating func discard(_ transfer: Transfer) -> Bool {
        guard self.porters[transfer.id] != nil else { return true }
        self.discards[transfer.id] = transfer
        return false
    }

    func halt(_ reason: StopReason) { for porter in Array(self.porters.values) + self.passing { porter.halt(reason) } }

    /// Progress is told four times a second at most, everything else always.
    mutating func tells(_ id: EnvelopeID, now: UInt64) -> Bool {
        guard now >= (self.told[id]?.at ?? 0) + 250 else { return false }
        self.told[id] = (now, self.isSilent(id, now: now))
        return true
    }

    // MARK: how fast it goes

    private static let quiet: UInt64 = 1_000

    mutating func note(_ id: EnvelopeID, have: UInt64, now: UInt64) { self.meters[id, default: RateMeter()].note(have, at: now) }
    /// Bytes a second.
    func rate(_ id: EnvelopeID, now: UInt64) -> UInt64 { self.meters[id]?.rate(at: now) ?? 0 }
    func isSilent(_ id: EnvelopeID, now: UInt64) -> Bool { self.meters[id]?.isSilent(at: now) ?? false }

    /// Those that run and of which listeners have not heard for a while; of one they know to be silent they need not.
    func untold(now: UInt64) -> [EnvelopeID] { self.told.filter { !$0.value.isSilent && now >= $0.value.at + Self.quiet }.keys.sorted() }
    /// When there will be some, uptime in ms.
    var untoldAt: UInt64? { self.told.values.filter { !$0.isSilent }.map { $0.at + Self.quiet }.min() }
}
