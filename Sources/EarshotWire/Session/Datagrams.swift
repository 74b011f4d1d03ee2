import Noise

/// The keys and counters of a session's datagrams (Protocol.md 5).
package struct Datagrams: Sendable {
    private static let headLength = 20

    private struct Receiving: Sendable {
        let epoch: UInt16
        let key: [UInt8]
        var window = ReplayWindow()
        let since: UInt64
    }

    /// What the peer writes into datagrams for us.
    package let mine: UInt64
    private let theirs: UInt64
    private let exporter: [UInt8]
    private let hash: [UInt8]
    private let isInitiator: Bool
    private let cipher: Cipher
    private var epoch: UInt16 = 0
    private var key: [UInt8]
    private var counter: UInt64 = 0
    /// Uptime in ms when this epoch began; set by the first use.
    private var since: UInt64?
    private var current: Receiving
    private var previous: Receiving?

    init(exporter: [UInt8], hash: [UInt8], isInitiator: Bool, mine: UInt64, theirs: UInt64, cipher: Cipher) {
        self.exporter = exporter
        self.hash = hash
        self.isInitiator = isInitiator
        self.mine = mine
        self.theirs = theirs
        self.cipher = cipher
        self.key = Self.key(exporter, hash, fromInitiator: isInitiator, epoch: 0)
        self.current = Receiving(
            epoch: 0, key: Self.key(exporter, hash, fromInitiator: !isInitiator, epoch: 0), since: 0)
    }

    private static func key(_ exporter: [UInt8], _ hash: [UInt8], fromInitiator: Bool, epoch: UInt16) -> [UInt8] {
        let label = Array((fromInitiator ? "earshot/1 udp i2r" : "earshot/1 udp r2i").utf8) + epoch.bigEndianBytes
        return hkdfExpand(exporter, info: label + hash, length: 32)
    }

    /// The index in a datagram, if it can be one of ours at all.
    package static func index(of datagram: some Collection<UInt8>) -> UInt64? {
        guard datagram.count >= Self.headLength + Cipher.tagLength, datagram.count <= Limits.datagramBytes else {
            return nil
        }
        let head = Array(datagram.prefix(12))
        guard head[0] == 0xE5, head[1] == 0x01 else { return nil }
        return head[4...].reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A datagram that carries this frame; nothing when it does not fit.
    package mutating func seal(_ frame: Frame, now: UInt64) -> [UInt8]? {
        self.turn(now: now)
        guard let plaintext = Record.plaintext(type: frame.type, body: frame.body),
            plaintext.count <= Limits.datagramBytes - Self.headLength - Cipher.tagLength
        else { return nil }
        let head: [UInt8] =
            [0xE5, 0x01] + self.epoch.bigEndianBytes + self.theirs.bigEndianBytes + self.counter.bigEndianBytes
        guard let sealed = try? self.cipher.seal(plaintext, key: self.key, counter: self.counter, ad: head) else {
            return nil
        }
        self.counter += 1
        return head + sealed
    }

    /// The plaintext of a datagram; nothing, and no trace, for anything that is not good and new.
    package mutating func open(_ datagram: [UInt8], now: UInt64) -> (plaintext: [UInt8], isNewest: Bool)? {
        guard datagram.count >= Self.headLength + Cipher.tagLength, datagram.count <= Limits.datagramBytes else {
            return nil
        }
        var reader = ByteReader(slice: datagram[2...])
        guard let epoch = try? reader.integer(UInt16.self, "epoch"),
            let index = try? reader.integer(UInt64.self, "index"),
            let counter = try? reader.integer(UInt64.self, "counter"), index == self.mine
        else { return nil }
        let head = Array(datagram.prefix(Self.headLength))
        let sealed = Array(datagram.dropFirst(Self.headLength))
        func plaintext(_ receiving: Receiving) -> [UInt8]? {
            guard receiving.window.admits(counter) else { return nil }
            return try? self.cipher.open(sealed, key: receiving.key, counter: counter, ad: head)
        }
        if epoch == self.current.epoch {
            guard let plaintext = plaintext(self.current) else { return nil }
            let isNewest = counter > self.current.window.newest ?? 0 || self.current.window.newest == nil
            _ = self.current.window.set(counter)
            return (plaintext, isNewest)
        }
        if let previous = self.previous, epoch == previous.epoch, now < self.current.since + Limits.datagramGrace {
            guard let plaintext = plaintext(previous) else { return nil }
            _ = self.previous?.window.set(counter)
            return (plaintext, false)
        }
        // Not only the next: with the way blocked for a quarter of an hour nothing of it is heard.
        guard epoch > self.current.epoch, epoch - self.current.epoch <= Limits.datagramEpochsAhead else { return nil }
        let key = Self.key(self.exporter, self.hash, fromInitiator: !self.isInitiator, epoch: epoch)
        var next = Receiving(epoch: epoch, key: key, since: now)
        guard let plaintext = plaintext(next) else { return nil }
        _ = next.window.set(counter)
        self.previous = self.current
        self.current = next
        return (plaintext, true)
    }

    /// A new epoch after 15 minutes or 2^32 datagrams.
    private mutating func turn(now: UInt64) {
        let since = self.since ?? now
        self.since = since
        guard now >= since + Limits.datagramEpochTime || self.counter >= Limits.datagramsPerEpoch, self.epoch < .max
        else { return }
        self.epoch += 1
        self.key = Self.key(self.exporter, self.hash, fromInitiator: self.isInitiator, epoch: self.epoch)
        self.counter = 0
        self.since = now
    }
}
