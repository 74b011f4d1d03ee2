/// One handshake (Noise 5.3). Messages alternate; when the last is through, `finish` gives the ciphers. After an
/// error it is dead.
package struct HandshakeState: Sendable {
    /// What both sides must know and agree on beforehand.
    package struct Settings: Sendable {
        package let pattern: Pattern
        package let hash: NoiseHash
        package let kem: (any KEM)?
        package let prologue: [UInt8]

        package init(pattern: Pattern, hash: NoiseHash = .sha256, kem: (any KEM)? = nil, prologue: [UInt8]) {
            self.pattern = pattern
            self.hash = hash
            self.kem = kem
            self.prologue = prologue
        }

        /// `Noise_XXhfs_25519+MLKEM768_ChaChaPoly_SHA256`
        var name: String {
            "Noise_\(self.pattern.name)_25519\(self.kem.map { "+" + $0.name } ?? "")_ChaChaPoly_\(self.hash.rawValue)"
        }
    }

    /// The keys of one side. `ephemeral` and `kemSeed` are chance and must be fresh for each handshake.
    package struct Keys: Sendable {
        package var ephemeral: [UInt8]
        package var kemSeed: [UInt8]?
        package var own: StaticKeyPair?
        package var remote: [UInt8]?
        package var psks: [[UInt8]]

        package init(
            ephemeral: [UInt8], kemSeed: [UInt8]? = nil, own: StaticKeyPair? = nil, remote: [UInt8]? = nil,
            psks: [[UInt8]] = []
        ) {
            self.ephemeral = ephemeral
            self.kemSeed = kemSeed
            self.own = own
            self.remote = remote
            self.psks = psks
        }
    }

    /// What a finished handshake leaves.
    package struct Result: Sendable {
        package let send: CipherState
        package let receive: CipherState
        package let hash: [UInt8]
        /// k3 of Protocol.md 3.
        package let exporter: [UInt8]
        package let remoteStatic: [UInt8]?
    }

    /// No Noise message is longer (Noise 3).
    private static let longest = 65_535

    private let settings: Settings
    private let isInitiator: Bool
    private var symmetric: SymmetricState
    private let s: StaticKeyPair?
    private let e: StaticKeyPair
    private let kemSeed: [UInt8]?
    private var kemPair: (any KEMKeyPair)?
    private var rs: [UInt8]?
    private var re: [UInt8]?
    private var kemRemote: [UInt8]?
    private var psks: [[UInt8]]
    private var next = 0
    private var isDead = false

    /// Throws `key` when a key that the pattern wants beforehand is missing, or one has not 32 bytes.
    package init(_ settings: Settings, isInitiator: Bool, keys: Keys) throws(NoiseError) {
        guard (keys.psks + [keys.remote].compactMap { $0 }).allSatisfy({ $0.count == 32 }) else { throw .key }
        self.settings = settings
        self.isInitiator = isInitiator
        self.symmetric = SymmetricState(name: settings.name, hash: settings.hash)
        self.s = keys.own
        self.e = try StaticKeyPair(seed: keys.ephemeral)
        self.kemSeed = keys.kemSeed
        self.rs = keys.remote
        self.psks = keys.psks
        self.symmetric.mixHash(settings.prologue)
        if settings.pattern.initiatorKnown { self.symmetric.mixHash(try self.known(initiators: true)) }
        if settings.pattern.responderKnown { self.symmetric.mixHash(try self.known(initiators: false)) }
    }

    private func known(initiators: Bool) throws(NoiseError) -> [UInt8] {
        guard let key = initiators == self.isInitiator ? self.s?.publicKey : self.rs else { throw .key }
        return key
    }

    package var isFinished: Bool { self.next == self.settings.pattern.messages.count }
    package var remoteStatic: [UInt8]? { self.rs }

    /// The next message, with this payload. Throws `order` out of turn, and anything else once: after that it is dead.
    package mutating func write(_ payload: [UInt8]) throws(NoiseError) -> [UInt8] {
        let tokens = try self.turn(mine: true)
        self.isDead = true
        var out: [UInt8] = []
        for token in tokens {
            switch token {
            case .e:
                out += self.e.publicKey
                self.symmetric.mixHash(self.e.publicKey)
                if self.settings.pattern.usesPSK { try self.symmetric.mixKey(self.e.publicKey) }
            case .s:
                guard let s = self.s else { throw .key }
                out += try self.symmetric.encryptAndHash(s.publicKey)
            case .e1:
                guard let pair = try self.settings.kem?.generate(seed: self.kemSeed) else { throw .kem }
                self.kemPair = pair
                out += try self.symmetric.encryptAndHash(pair.publicKey)
            case .ekem1:
                guard let remote = self.kemRemote,
                    let (ciphertext, secret) = try self.settings.kem?.encapsulate(to: remote)
                else { throw .kem }
                out += try self.symmetric.encryptAndHash(ciphertext)
                try self.symmetric.mixKey(secret)
            case .ee, .es, .se, .ss: try self.symmetric.mixKey(try self.agree(token))
            case .psk: try self.mixPSK()
            }
        }
        out += try self.symmetric.encryptAndHash(payload)
        guard out.count <= Self.longest else { throw .length }
        self.isDead = false
        self.next += 1
        return out
    }

    /// The payload of the peer's next message. Errors as with `write`; after one, no key that this holds is to be
    /// believed.
    package mutating func read(_ message: [UInt8]) throws(NoiseError) -> [UInt8] {
        let tokens = try self.turn(mine: false)
        self.isDead = true
        guard message.count <= Self.longest else { throw .length }
        var rest = message[...]
        func take(_ count: Int) throws(NoiseError) -> [UInt8] {
            guard rest.count >= count else { throw .length }
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
        for token in tokens {
            let tag = self.symmetric.hasKey ? Cipher.tagLength : 0
            switch token {
            case .e:
                let re = try take(32)
                self.re = re
                self.symmetric.mixHash(re)
                if self.settings.pattern.usesPSK { try self.symmetric.mixKey(re) }
            case .s: self.rs = try self.symmetric.decryptAndHash(try take(32 + tag))
            case .e1:
                guard let kem = self.settings.kem else { throw .kem }
                self.kemRemote = try self.symmetric.decryptAndHash(try take(kem.publicKeyLength + tag))
            case .ekem1:
                guard let kem = self.settings.kem, let pair = self.kemPair else { throw .kem }
                let ciphertext = try self.symmetric.decryptAndHash(try take(kem.ciphertextLength + tag))
                try self.symmetric.mixKey(try pair.decapsulate(ciphertext))
            case .ee, .es, .se, .ss: try self.symmetric.mixKey(try self.agree(token))
            case .psk: try self.mixPSK()
            }
        }
        let payload = try self.symmetric.decryptAndHash(Array(rest))
        self.isDead = false
        self.next += 1
        return payload
    }

    /// The two ciphers, the hash and the exporter key, when the last message is through; `order` before that.
    package func finish() throws(NoiseError) -> Result {
        guard self.isFinished, !self.isDead else { throw .order }
        let (first, second, exporter) = try self.symmetric.split()
        return Result(
            send: self.isInitiator ? first : second, receive: self.isInitiator ? second : first, hash: self.symmetric.h,
            exporter: exporter, remoteStatic: self.rs)
    }

    private func turn(mine: Bool) throws(NoiseError) -> [Pattern.Token] {
        guard !self.isDead, !self.isFinished, mine == (self.next.isMultiple(of: 2) == self.isInitiator) else {
            throw .order
        }
        return self.settings.pattern.messages[self.next]
    }

    private func agree(_ token: Pattern.Token) throws(NoiseError) -> [UInt8] {
        let mine: StaticKeyPair?
        let theirs: [UInt8]?
        switch token {
        case .ee: (mine, theirs) = (self.e, self.re)
        case .ss: (mine, theirs) = (self.s, self.rs)
        case .es: (mine, theirs) = self.isInitiator ? (self.e, self.rs) : (self.s, self.re)
        case .se: (mine, theirs) = self.isInitiator ? (self.s, self.re) : (self.e, self.rs)
        case .e, .s, .e1, .ekem1, .psk: throw .order
        }
        guard let mine, let theirs else { throw .key }
        return try mine.agree(theirs)
    }

    private mutating func mixPSK() throws(NoiseError) {
        guard !self.psks.isEmpty else { throw .key }
        try self.symmetric.mixKeyAndHash(self.psks.removeFirst())
    }
}
