import EarshotAutomation
import EarshotConfig
import EarshotControl
import Testing

/// Who may post.
@Suite struct SignatureTests {
    private static let secret = WebTarget.Secret("0123456789abcdef")
    private static let now: UInt64 = 1_800_000_000

    /// By `printf '%s.%s' TIME BODY | openssl dgst -sha256 -hmac SECRET`.
    @Test(
        arguments: [
            (
                "1800000000", #"{"text":"build 7 is green"}"#, "0123456789abcdef",
                "1d24b01c0532fb7ae34db0e36062736719282bc0c196a14efe8c2532465b4e61"
            ),
            ("0", "", "k", "6b4a4b8b3c40f1e8f53a3d36682e5f99f7ad2ac1df1c93dfe336f329167641e7"),
        ]) func vectors(timestamp: String, body: String, secret: String, hex: String)
    {
        let signature = Signature.of(Array(body.utf8), timestamp: timestamp, secret: Array(secret.utf8))
        #expect(signature == "sha256=" + hex)
    }

    private static func post(_ body: String = "{}", at time: UInt64, signed: String? = nil) -> HookPost {
        let body = Array(body.utf8)
        let signature = signed ?? Signature.of(body, timestamp: "\(time)", secret: Self.secret.bytes)
        return HookPost(name: "ci", timestamp: "\(time)", signature: signature, body: body)
    }

    private static func gate() -> WebhookGate { WebhookGate(startedAt: Self.now - 10_000) }

    @Test func onceAndInTime() {
        var gate = Self.gate()
        let post = Self.post(at: Self.now)
        #expect(gate.judge(post, secret: Self.secret, now: Self.now) == .admitted)
        #expect(gate.judge(post, secret: Self.secret, now: Self.now + 299) == .refused(.replay))
        #expect(gate.judge(Self.post("[]", at: Self.now), secret: Self.secret, now: Self.now) == .admitted)
        for far in [Self.now - 301, Self.now + 301, 0, .max] {
            #expect(gate.judge(Self.post(at: far), secret: Self.secret, now: Self.now) == .refused(.time), "\(far)")
        }
        #expect(gate.judge(Self.post(at: Self.now - 300), secret: Self.secret, now: Self.now) == .admitted)
    }

    @Test func capitalsInASignatureAreNoSecondPost() {
        var gate = Self.gate()
        let post = Self.post(at: Self.now)
        let loud = HookPost(
            name: "ci", timestamp: post.timestamp, signature: post.signature.uppercased(), body: post.body)
        #expect(gate.judge(post, secret: Self.secret, now: Self.now) == .admitted)
        #expect(gate.judge(loud, secret: Self.secret, now: Self.now) == .refused(.replay))
    }

    @Test(arguments: ["", "sha256=", "sha256=00", "x"]) func aWrongSignature(signature: String) {
        var gate = Self.gate()
        let post = Self.post(at: Self.now, signed: signature)
        #expect(gate.judge(post, secret: Self.secret, now: Self.now) == .refused(.signature))
        let other = WebTarget.Secret("another secret of ours")
        #expect(gate.judge(Self.post(at: Self.now), secret: other, now: Self.now) == .refused(.signature))
    }

    @Test func aTimestampIsDigits() {
        var gate = Self.gate()
        for time in ["+1800000000", "1800000000 ", "１８", ""] {
            let signature = Signature.of([], timestamp: time, secret: Self.secret.bytes)
            let post = HookPost(name: "ci", timestamp: time, signature: signature, body: [])
            #expect(gate.judge(post, secret: Self.secret, now: Self.now) == .refused(.time), "\(time)")
        }
    }

    @Test func whatWasSignedBeforeWeStartedMayHaveComeBefore() {
        var gate = WebhookGate(startedAt: Self.now)
        #expect(gate.judge(Self.post(at: Self.now - 1), secret: Self.secret, now: Self.now) == .refused(.time))
    }

    @Test func noMoreThanCanBeRemembered() {
        var gate = Self.gate()
        var verdict = WebhookGate.Verdict.admitted
        for number in 0...WebhookGate.most {
            verdict = gate.judge(Self.post("\(number)", at: Self.now), secret: Self.secret, now: Self.now)
        }
        #expect(verdict == .refused(.tooMany))
        let later = Self.now + 301
        #expect(gate.judge(Self.post(at: later), secret: Self.secret, now: later) == .admitted)
    }
}
