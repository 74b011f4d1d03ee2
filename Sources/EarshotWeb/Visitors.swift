import Crypto
import EarshotModel

/// Who may use the page: links that open it once, the browsers that came by them, and programs that know the key. Only
/// hashes of all these are kept.
struct Visitors {
    /// Links that are good at a time; the oldest is given up for another.
    private static let mostLinks = 16
    /// Browsers that are remembered; the one that was away longest is forgotten for another.
    private static let mostBrowsers = 64
    /// Ms.
    static let linkLifetime: UInt64 = 60_000
    /// Seconds that a browser may stay away.
    static let browserLifetime: UInt64 = 30 * 86_400
    private static let day: UInt64 = 86_400

    private var links: [(hash: Secret.Hash, until: UInt64)] = []
    private(set) var browsers: [Secret.Hash: UInt64]
    private let key: Secret.Hash

    /// - Parameters:
    ///   - browsers: when each was here last, in seconds since 1970.
    ///   - key: what programs show.
    init(browsers: [Secret.Hash: UInt64], key: Secret.Hash) {
        self.browsers = browsers
        self.key = key
    }

    /// A link is good from now on, once. - Parameter now: uptime in ms.
    mutating func expect(_ token: Secret, at now: UInt64) {
        self.links.removeAll { $0.until <= now }
        if self.links.count >= Self.mostLinks { self.links.removeFirst() }
        self.links.append((token.hash, now.addingReportingOverflow(Self.linkLifetime).partialValue))
    }

    /// Somebody came by a link: their browser is let in from now on.
    /// - Parameters:
    ///   - now: uptime in ms.
    ///   - wall: seconds since 1970.
    mutating func enter(_ token: String, as cookie: Secret, at now: UInt64, wall: UInt64) -> Bool {
        let hash = Secret.hash(of: token)
        // All of them are looked at, each to its end: how long that takes says nothing.
        var found: Int?
        for (index, link) in self.links.enumerated() where link.hash.isSame(hash) { found = index }
        guard let found else { return false }
        let link = self.links.remove(at: found)
        guard link.until > now else { return false }
        if self.browsers.count >= Self.mostBrowsers, let oldest = self.browsers.min(by: { $0.value < $1.value }) {
            self.browsers[oldest.key] = nil
        }
        self.browsers[cookie.hash] = wall
        return true
    }

    /// Whether a browser has been here; and whether that is to be written down, once a day.
    mutating func admits(cookie: String, wall: UInt64) -> (isIn: Bool, isNews: Bool) {
        let hash = Secret.hash(of: cookie)
        var found: (hash: Secret.Hash, last: UInt64)?
        for (known, last) in self.browsers where known.isSame(hash) { found = (known, last) }
        guard let found else { return (false, false) }
        let away = wall > found.last ? wall - found.last : 0
        guard away <= Self.browserLifetime else {
            self.browsers[found.hash] = nil
            return (false, true)
        }
        guard away >= Self.day else { return (true, false) }
        self.browsers[found.hash] = wall
        return (true, true)
    }

    /// What a browser must show beside its cookie. A cookie is sent to every port of this machine, and so to what other
    /// users serve here; what a page keeps is of its port alone. It is made of both secrets, and so needs no place.
    func browserKey(of cookie: String) -> Secret {
        let code = HMAC<SHA256>.authenticationCode(
            for: Array("earshot browser key".utf8) + Array(cookie.utf8), using: SymmetricKey(data: self.key.bytes))
        return Secret(Base32.encode(Array(code)))
    }

    func admits(browserKey: String, of cookie: String) -> Bool {
        self.browserKey(of: cookie).hash.isSame(Secret.hash(of: browserKey))
    }

    func admits(key: String) -> Bool { self.key.isSame(Secret.hash(of: key)) }
}

/// Something that only who was told it knows: 32 random bytes, as letters.
struct Secret: Sendable {
    struct Hash: Hashable, Sendable {
        let bytes: [UInt8]

        init?(_ bytes: [UInt8]) {
            guard bytes.count == 32 else { return nil }
            self.bytes = bytes
        }

        fileprivate init(of text: String) { self.bytes = Array(SHA256.hash(data: Array(text.utf8))) }

        /// Looks at all of it, wherever they differ.
        func isSame(_ other: Hash) -> Bool {
            zip(self.bytes, other.bytes).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
        }
    }

    let text: String
    var hash: Hash { Self.hash(of: self.text) }

    static func hash(of text: String) -> Hash { Hash(of: text) }

    init(_ text: String) { self.text = text }

    static func random(count: Int = 32) -> Secret {
        var source = SystemRandomNumberGenerator()
        return Secret(Base32.encode((0..<count).map { _ in UInt8.random(in: .min ... .max, using: &source) }))
    }
}
