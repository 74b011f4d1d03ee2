import EarshotModel
import EarshotWire
import Foundation
import NIOCore
import Noise
import Testing

/// What the independent peer in Python makes of Protocol.md, and what it says must be refused: we make and refuse the
/// same.
@Suite struct PythonVectorTests {
    let root: [String: Any]

    init() throws {
        let file = try #require(Bundle.module.url(forResource: "Vectors/earshot1", withExtension: "json"))
        self.root = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
    }

    func list(_ name: String) throws -> [[String: Any]] { try #require(self.root[name] as? [[String: Any]]) }

    @Test func weMakeTheSameBytes() throws {
        var ran = 0
        for vector in try self.list("vectors") {
            let input = Values(vector["input"])
            let name = "\(vector["kind"] ?? "") \(vector["name"] ?? "")"
            try self.check(vector["kind"] as? String ?? "", input, vector["expected"] ?? "", name)
            ran += 1
        }
        #expect(ran == 152)
    }

    private func check(_ kind: String, _ input: Values, _ expected: Any, _ name: String) throws {
        let hex = (expected as? String).map(bytes(hex:))
        let parts = Values(expected)
        switch kind {
        case "identity":
            let signing = try SigningKeyPair(seed: input.hex("device_seed"))
            let agreement = try StaticKeyPair(seed: input.hex("static_private"))
            let device = Derive.device(signing: signing.publicKey, agreement: agreement.publicKey)
            #expect(try SigningKeyPair(seed: input.hex("person_seed")).publicKey == parts.hex("person"), "\(name)")
            #expect(device.bytes == parts.hex("device") && device.shortID == parts.text("id16"), "\(name)")
        case "certificate":
            let made = DeviceCertificate.issue(
                signing: input.hex("device_public"), agreement: input.hex("static_public"),
                manifestVersion: UInt32(input.number("manifest_version")),
                notBefore: input.number("not_before"), notAfter: input.number("not_after"),
                by: try SigningKeyPair(seed: input.hex("person_seed")))
            #expect(made.wire == hex, "\(name)")
        case "manifest":
            let manifest = try Manifest(decoding: parts.hex("manifest"))
            #expect(manifest.hash.bytes == parts.hex("hash"), "\(name)")
            let again = Manifest.sign(
                version: manifest.version, prev: manifest.prev, issued: manifest.issued, active: manifest.active,
                revoked: manifest.revoked, name: manifest.name,
                by: try SigningKeyPair(seed: input.hex("person_seed")))
            #expect(again.wire == manifest.wire, "\(name)")
        case "head": #expect(Hello.head(epoch: UInt32(input.number("epoch"))) == hex, "\(name)")
        case "prologue": #expect(Hello.prologue(input.hex("head")) == hex, "\(name)")
        case "gate":
            #expect(
                Hello.gate(head: input.hex("head"), message: input.hex("message_1"), short: input.text("id16")) == hex,
                "\(name)")
        case "exporter":
            let info = Array("earshot/1 ".utf8) + input.hex("label") + input.hex("h")
            #expect(hkdfExpand(input.hex("k3"), info: info, length: Int(input.number("length"))) == hex, "\(name)")
        case "payload": #expect(try HandshakePayload(decoding: hex ?? []).encoded == hex, "\(name)")
        case "padme":
            #expect(
                min(Record.padme(max(64, Int(input.number("length")))), Limits.framePlaintext) == expected as? Int,
                "\(name)")
        case "frame":
            let type = UInt8(input.number("type"))
            let frame = try Frame(type: type, body: parts.hex("body")[...])
            #expect(
                frame.body == parts.hex("body")
                    && Record.plaintext(type: type, body: frame.body) == parts.hex("plaintext"), "\(name)")
            var cipher = try CipherState(
                key: input.hex("key"), cipher: input.flag("aes") ? .aesGCM : .chaChaPoly, counter: input.number("n"))
            #expect(try cipher.encrypt(parts.hex("plaintext")) == Array(parts.hex("wire").dropFirst(2)), "\(name)")
        case "rekey":
            // Keys change after every 16,384 frames; the plaintext of these is a padded Ping whose body the vector
            // leaves out.
            var cipher = try CipherState(
                key: input.hex("key"), cipher: input.flag("aes") ? .aesGCM : .chaChaPoly, counter: input.number("n"))
            for _ in 0..<input.number("n") / 16_384 { try cipher.rekey() }
            #expect(try cipher.decrypt(Array((hex ?? []).dropFirst(2))).count == 64, "\(name)")
        case "datagram":
            let label =
                Array((input.flag("from_initiator") ? "earshot/1 udp i2r" : "earshot/1 udp r2i").utf8)
                + UInt16(input.number("epoch")).bigEndianBytes
            let key = hkdfExpand(input.hex("k3"), info: label + input.hex("h"), length: 32)
            let wire = hex ?? []
            let head = Array(wire.prefix(20))
            #expect(Array(head[4..<12]) == input.hex("index"), "\(name)")
            let cipher: Cipher = input.flag("aes") ? .aesGCM : .chaChaPoly
            let plaintext = try cipher.open(
                Array(wire.dropFirst(20)), key: key, counter: input.number("counter"), ad: head)
            #expect(try Array(Record.read(plaintext).body) == input.hex("body"), "\(name)")
        case "conversation":
            let (a, b) = (try #require(PersonID(input.hex("a"))), try #require(PersonID(input.hex("b"))))
            #expect(Derive.conversation(a, b).bytes == hex && Derive.conversation(b, a).bytes == hex, "\(name)")
        case "log":
            #expect(
                Derive.log(generation: input.hex("gen"), try #require(ConversationID(input.hex("conversation")))).bytes
                    == hex, "\(name)")
        case "heads": #expect(try Heads(decoding: hex ?? []).encoded == hex, "\(name)")
        case "want":
            let want = try Want(decoding: hex ?? [])
            #expect(
                want.encoded == hex && want.from == input.number("from") && want.to == input.number("to"), "\(name)")
        case "gone": #expect(try Gone(decoding: hex ?? []).encoded == hex, "\(name)")
        case "envelope":
            let envelope = try Envelope(decoding: parts.hex("envelope"))
            #expect(
                envelope.id.bytes == parts.hex("id") && Array(envelope.signature) == parts.hex("signature"), "\(name)")
            #expect(
                envelope.payload == parts.hex("payload") && envelope.seq == input.number("seq")
                    && envelope.stamp.raw == input.number("stamp"), "\(name)")
            let key = try SigningKeyPair(seed: input.hex("device_seed"))
            _ = try VerifiedEnvelope(envelope, key: key.publicKey)
            #expect(key.sign(Envelope.signed(envelope.id)) == Array(envelope.signature), "\(name)")
            let content = Content(of: envelope)
            if case .unknown = content { break }
            #expect(content.payload == envelope.payload, "\(name)")
        case "charter":
            let charter = try Charter(decoding: parts.hex("bytes"))
            #expect(charter.room.bytes == parts.hex("room"), "\(name)")
            #expect(Derive.talk(charter.room).bytes == parts.hex("talk"), "\(name)")
            let made = Charter(
                name: input.text("name"), owner: charter.owner, salt: input.hex("salt"), isOpen: input.flag("open"),
                isAnnouncement: input.flag("announce"), startsAtJoin: input.flag("from_join"),
                ownerInvites: input.flag("owner_invites"))
            #expect(made == charter, "\(name)")
            #expect((charter.owner?.hash ?? .zero).bytes == input.hex("owner"), "\(name)")
        case "content":
            let content = Content(kind: UInt32(input.number("kind")), payload: hex ?? [])
            #expect(content != .unknown(kind: UInt32(input.number("kind"))) && content.payload == hex, "\(name)")
        case "rooms": #expect(try [ToldRoom](decoding: hex ?? []).encoded == hex, "\(name)")
        default: Issue.record("nobody checks \(name)")
        }
    }

    @Test func whatMustBeReadIsRead() throws {
        let reads = try self.list("reads")
        for read in reads {
            let name = "\(read["kind"] ?? "") \(read["name"] ?? "")"
            let wire = bytes(hex: read["bytes"] as? String ?? "")
            let meaning = Values(read["meaning"])
            if read["kind"] as? String == "content" {
                let isUnknown =
                    if case .unknown = Content(kind: UInt32(meaning.number("kind")), payload: wire) { true } else {
                        false
                    }
                #expect(isUnknown == meaning.isNull("shown"), "\(name)")
            } else {
                #expect(throws: Never.self, "\(name)") { try self.take(read["kind"] as? String ?? "", wire, meaning) }
            }
        }
        #expect(reads.count == 71)
    }

    @Test func whatMustBeRefusedIsRefused() throws {
        let refuse = try self.list("refuse")
        for entry in refuse {
            let wire = bytes(hex: entry["bytes"] as? String ?? "")
            #expect(throws: (any Error).self, "\(entry["kind"] ?? "") \(entry["name"] ?? ""): \(entry["reason"] ?? "")")
            {
                try self.take(entry["kind"] as? String ?? "", wire, Values(entry["with"]))
            }
        }
        #expect(refuse.count == 163)
    }

    private struct Unfit: Error {}

    /// Reads bytes of a kind as a node would. Throws what a node would refuse them for.
    private func take(_ kind: String, _ wire: [UInt8], _ with: Values) throws {
        switch kind {
        case "certificate": _ = try DeviceCertificate(decoding: wire)
        case "manifest": _ = try Manifest(decoding: wire)
        case "payload", "binding":
            let payload = try HandshakePayload(decoding: wire)
            guard payload.wireVersions.contains(1), payload.suites.contains(1) else { throw Unfit() }
            if with.has("remote_static"), payload.certificate.staticKey != with.hex("remote_static") { throw Unfit() }
            if with.has("me"), payload.certificate.device.bytes == with.hex("me") { throw Unfit() }
        case "plaintext": _ = try Record.read(wire)
        case "charter":
            let charter = try Charter(decoding: wire)
            if with.has("room") { #expect(charter.room.bytes == with.hex("room")) }
        case "rooms": _ = try Frame(type: 0x98, body: wire[...])
        case "ping": _ = try Frame(type: 0x02, body: wire[...])
        case "heads": _ = try Frame(type: 0x10, body: wire[...])
        case "envelopes": _ = try Frame(type: 0x12, body: wire[...])
        case "manifest ask": _ = try Frame(type: 0x30, body: wire[...])
        case "profile": _ = try Frame(type: 0x32, body: wire[...])
        case "request": _ = try Frame(type: 0x33, body: wire[...])
        case "typing": _ = try Frame(type: 0x40, body: wire[...])
        case "presence": _ = try Frame(type: 0x90, body: wire[...])
        case "picture ask": _ = try Frame(type: 0x91, body: wire[...])
        case "picture part": _ = try Frame(type: 0x92, body: wire[...])
        case "draft": _ = try Frame(type: 0x93, body: wire[...])
        case "envelope", "signature":
            let envelope = try Envelope(decoding: wire)
            if with.has("device_public") { _ = try VerifiedEnvelope(envelope, key: with.hex("device_public")) }
        default: Issue.record("nobody reads \(kind)")
        }
    }
}

/// Values of a JSON object, in the forms that the vectors use.
private struct Values {
    private let values: [String: Any]
    init(_ any: Any?) { self.values = any as? [String: Any] ?? [:] }

    func has(_ key: String) -> Bool { self.values[key] != nil }
    func isNull(_ key: String) -> Bool { self.values[key] is NSNull }
    func text(_ key: String) -> String { self.values[key] as? String ?? "" }
    func hex(_ key: String) -> [UInt8] { bytes(hex: self.text(key)) }
    func flag(_ key: String) -> Bool { self.values[key] as? Bool ?? false }
    /// Integers from 2^53 on are strings of digits.
    func number(_ key: String) -> UInt64 {
        (self.values[key] as? String).flatMap { UInt64($0) } ?? (self.values[key] as? NSNumber)?.uint64Value ?? 0
    }
}

private func bytes(hex: String) -> [UInt8] {
    let digits = Array(hex.utf8)
    return stride(from: 0, to: digits.count - digits.count % 2, by: 2).compactMap {
        UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16)
    }
}
