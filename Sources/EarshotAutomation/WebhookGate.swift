import EarshotConfig
import EarshotControl

/// Who may say something by posting it: whoever signs with the secret, in time, and each post once. All times are
/// seconds since 1970.
package struct WebhookGate: Sendable {
    package enum Verdict: Hashable, Sendable {
        case admitted
        case refused(Reason)
    }

    package enum Reason: Hashable, Sendable {
        /// The signature is not that of this body and time.
        case signature
        /// It was signed too long ago, or will be.
        case time
        /// It came before.
        case replay
        /// Too many came in these minutes for all of them to be remembered.
        case tooMany

        package var text: String {
            switch self {
            case .signature: "the signature is wrong"
            case .time: "the timestamp is more than 5 minutes off, or from before the node started"
            case .replay: "it came before"
            case .tooMany: "too many were posted"
            }
        }
    }

    /// How far a post may be from our clock.
    package static let window: UInt64 = 300
    /// Posts that are remembered.
    package static let most = 10_000

    private let startedAt: UInt64
    /// Signatures that came, and when they were signed.
    private var seen: [String: UInt64] = [:]

    /// - Parameter startedAt: what was signed before that may have come before we remember, and is not taken.
    package init(startedAt: UInt64) { self.startedAt = startedAt }

    package mutating func judge(_ post: HookPost, secret: WebTarget.Secret, now: UInt64) -> Verdict {
        let wanted = Signature.of(post.body, timestamp: post.timestamp, secret: secret.bytes)
        guard Signature.isSame(wanted, post.signature.lowercased()) else { return .refused(.signature) }
        guard post.timestamp.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let time = UInt64(post.timestamp),
            time >= self.startedAt, (now > time ? now - time : time - now) <= Self.window
        else { return .refused(.time) }
        guard self.seen[wanted] == nil else { return .refused(.replay) }
        if self.seen.count >= Self.most { self.forget(now) }
        guard self.seen.count < Self.most else { return .refused(.tooMany) }
        self.seen[wanted] = time
        return .admitted
    }

    /// What is too old is refused for that.
    private mutating func forget(_ now: UInt64) {
        self.seen = self.seen.filter { now <= $0.value || now - $0.value <= Self.window }
    }
}

/// How often something was done, and how that went.
package struct Tally: Sendable {
    package private(set) var runs: UInt64 = 0
    package private(set) var failures: UInt64 = 0
    package private(set) var failing: UInt64 = 0
    package private(set) var last: String?
    /// Ms since 1970.
    package private(set) var lastAt: UInt64?

    package init() {}

    package mutating func good(at now: UInt64) {
        self.runs += 1
        self.failing = 0
        (self.last, self.lastAt) = ("done", now)
    }

    /// - Parameter isOurs: whether it is for whoever runs the node to mend.
    package mutating func bad(_ why: String, at now: UInt64, isOurs: Bool = true) {
        self.runs += 1
        self.failures += 1
        if isOurs { self.failing += 1 }
        (self.last, self.lastAt) = (why, now)
    }
}
