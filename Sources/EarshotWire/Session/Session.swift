import EarshotModel
import NIOCore
import Noise

/// One private link: bytes of a stream in, frames out, and the reverse (Protocol.md 3 and 4). It knows no socket;
/// whoever runs it writes what it says and closes when it says so.
package struct Session: Sendable {
    package enum Action: Sendable {
        case write([UInt8])
        case opened(Introduction, Datagrams)
        case frame(Frame)
        /// To be read wherever there is time for it. If that fails, `refuse` says what to do.
        case envelopes(UnreadEnvelopes)
        /// So much was sent that a new session should take over.
        case worn
        /// The stream is over: for the reason given, nothing more is written.
        case end(End)
    }

    package enum End: Hashable, Sendable {
        case byPeer(CloseCode)
        case violated(ProtocolError)
        /// The handshake turned them away: someone else than was called; blocked, or ourselves; a device its person
        /// has revoked, or does not list.
        case wrongIdentity
        case notWanted
        case revoked
        case unlisted
    }

    private struct Open: Sendable {
        var send: CipherState
        var receive: CipherState
        let introduction: Introduction
        var sentBytes: UInt64 = 0
        var isWorn = false
    }

    private enum State: Sendable {
        /// Responder: nothing of the hello is believed yet.
        case gate
        /// Initiator: message 1 is out.
        case called(HandshakeState, Expectation)
        /// Responder: message 2 is out.
        case answered(HandshakeState)
        /// Initiator: message 3 is out, Ready has not come.
        case unconfirmed(Open, Datagrams)
        case open(Open)
        case closed
    }

    private static let envelopes: UInt8 = 0x12

    private let settings: Settings
    private var state: State
    /// While false, envelopes are not even read: they come from a stranger.
    package var hearsEnvelopes = false

    /// Waits for a call.
    package init(answering settings: Settings) {
        self.settings = settings
        self.state = .gate
    }

    /// Calls. What comes with it is to be written first.
    package static func calling(
        _ expectation: Expectation, _ settings: Settings
    ) throws(NoiseError) -> (session: Session, hello: [UInt8]) {
        let head = Hello.head(epoch: UInt32(truncatingIfNeeded: settings.unixSeconds / 900))
        var handshake = try Self.handshake(settings, head: head, isInitiator: true)
        let message = try handshake.write([])
        let short: String? =
            switch expectation {
            case .device(let device): device.shortID
            case .shortID(let short): short
            case .keyed, .anyone: nil
            }
        let gate =
            if case .keyed(_, let key) = expectation {
                Hello.gate(head: head, message: message, key: key)
            } else {
                Hello.gate(head: head, message: message, short: short)
            }
        var session = Session(answering: settings)
        session.state = .called(handshake, expectation)
        return (session, head + gate + UInt16(message.count).bigEndianBytes + message)
    }

    private static func handshake(_ settings: Settings, head: [UInt8], isInitiator: Bool) throws(NoiseError)
        -> HandshakeState
    {
        guard let pattern = Pattern("XXhfs") else { throw .order }
        return try HandshakeState(
            .init(pattern: pattern, kem: MLKEM768KEM(), prologue: Hello.prologue(head)), isInitiator: isInitiator,
            keys: .init(ephemeral: settings.ephemeralSeed, own: settings.identity.agreement))
    }

    package var isOpen: Bool {
        switch self.state {
        case .open: true
        case .gate, .called, .answered, .unconfirmed, .closed: false
        }
    }

    package var isClosed: Bool {
        switch self.state {
        case .closed: true
        case .gate, .called, .answered, .unconfirmed, .open: false
        }
    }

    /// Gives up the keys of an open bulk channel: from here on its frames are long, and someone else reads and writes
    /// them (Protocol.md 13).
    package mutating func handOver() -> (send: CipherState, receive: CipherState)? {
        guard case .open(let open) = self.state, open.introduction.isBulk else { return nil }
        self.state = .closed
        return (open.send, open.receive)
    }

    // MARK: sending

    /// Seals frames of ours onto the end of `out`. Nothing happens unless the session is open. Says whether it should
    /// be renewed now.
    package mutating func send(_ frames: [Frame], into out: inout ByteBuffer) -> Bool {
        guard case .open(var open) = self.state else { return false }
        for frame in frames { self.seal(type: frame.type, body: frame.body, &open, &out) }
        let worn = open.sentBytes >= Limits.sessionBytes && !open.isWorn
        if worn { open.isWorn = true }
        self.state = .open(open)
        return worn
    }

    /// Seals stored envelopes, one after another as they are, as one Envelopes frame.
    package mutating func send(envelopes wire: [UInt8], into out: inout ByteBuffer) {
        guard case .open(var open) = self.state else { return }
        self.seal(type: Self.envelopes, body: wire, &open, &out)
        self.state = .open(open)
    }

    private func seal(type: UInt8, body: [UInt8], _ open: inout Open, _ out: inout ByteBuffer) {
        guard let plaintext = Record.plaintext(type: type, body: body), let sealed = try? open.send.encrypt(plaintext)
        else { return }
        out.writeInteger(UInt16(sealed.count))
        out.writeBytes(sealed)
        open.sentBytes += UInt64(sealed.count)
        if open.send.counter.isMultiple(of: Limits.rekeyFrames) { try? open.send.rekey() }
    }

    // MARK: receiving

    /// Reads as much of `buffer` as makes sense. After an `end` nothing more is read or written.
    package mutating func receive(_ buffer: inout ByteBuffer) -> [Action] {
        var actions: [Action] = []
        do throws(ProtocolError) {
            while try self.step(&buffer, &actions) {}
        } catch {
            actions += self.refuse(error)
        }
        return actions
    }

    /// The peer broke the rules: the link ends.
    package mutating func refuse(_ error: ProtocolError) -> [Action] {
        var actions: [Action] = []
        // Whoever has proved who they are is told why; a stranger hears nothing.
        if case .open(var open) = self.state {
            var out = ByteBuffer()
            let code: CloseCode = if case .unknownFrame = error { .unsupported } else { .protocolError }
            self.seal(type: 0x00, body: Frame.close(code).body, &open, &out)
            actions.append(.write(Array(out.readableBytesView)))
        }
        self.state = .closed
        return actions + [.end(.violated(error))]
    }

    /// Does one thing, if enough bytes are there. Says whether to go on.
    private mutating func step(_ buffer: inout ByteBuffer, _ actions: inout [Action]) throws(ProtocolError) -> Bool {
        switch self.state {
        case .gate:
            guard Hello.mayBegin(buffer.readableBytesView.prefix(12)) else { throw .handshake("hello") }
            let start = Hello.length + 2
            guard buffer.readableBytes >= start + Hello.messageOne else { return false }
            guard let hello = buffer.readBytes(length: Hello.length),
                buffer.readInteger(as: UInt16.self) == UInt16(Hello.messageOne),
                let message = buffer.readBytes(length: Hello.messageOne)
            else { throw .handshake("message 1") }
            try self.answer(hello, message, &actions)
            return true
        case .called(let handshake, let expectation):
            guard let message = try Self.message(&buffer, length: Hello.messageTwo) else { return false }
            try self.confirm(handshake, expectation, message, &actions)
            return true
        case .answered(let handshake):
            guard let message = try Self.message(&buffer, length: Hello.messageThree) else { return false }
            try self.welcome(handshake, message, &actions)
            return true
        case .unconfirmed(var open, let datagrams):
            guard let (type, body) = try Self.record(&buffer, &open) else { return false }
            guard type == 0x01, body.isEmpty else { throw .unexpected("a frame before ready") }
            self.state = .open(open)
            actions.append(.opened(open.introduction, datagrams))
            return true
        case .open(let open) where open.introduction.isBulk: return false
        case .open(var open):
            guard let (type, body) = try Self.record(&buffer, &open) else { return false }
            self.state = .open(open)
            try self.take(type, body, open.introduction, &actions)
            return true
        case .closed: return false
        }
    }

    private static func message(_ buffer: inout ByteBuffer, length: Int) throws(ProtocolError) -> [UInt8]? {
        guard let announced = buffer.getInteger(at: buffer.readerIndex, as: UInt16.self) else { return nil }
        guard Int(announced) == length else { throw .handshake("message length") }
        guard buffer.readableBytes >= length + 2 else { return nil }
        buffer.moveReaderIndex(forwardBy: 2)
        return buffer.readBytes(length: length)
    }

    private static func record(
        _ buffer: inout ByteBuffer, _ open: inout Open
    ) throws(ProtocolError) -> (UInt8, ArraySlice<UInt8>)? {
        guard let length = buffer.getInteger(at: buffer.readerIndex, as: UInt16.self) else { return nil }
        guard length >= 17 else { throw .malformed("frame length") }
        guard buffer.readableBytes >= Int(length) + 2 else { return nil }
        buffer.moveReaderIndex(forwardBy: 2)
        guard let sealed = buffer.readBytes(length: Int(length)) else { return nil }
        do {
            let plaintext = try open.receive.decrypt(sealed)
            if open.receive.counter.isMultiple(of: Limits.rekeyFrames) { try open.receive.rekey() }
            return try Record.read(plaintext)
        } catch let error as ProtocolError {
            throw error
        } catch {
            throw .handshake("frame tag")
        }
    }

    private mutating func take(
        _ type: UInt8, _ body: ArraySlice<UInt8>, _ introduction: Introduction, _ actions: inout [Action]
    ) throws(ProtocolError) {
        if type == Self.envelopes {
            if self.hearsEnvelopes { actions.append(.envelopes(UnreadEnvelopes(body, from: introduction))) }
            return
        }
        let frame = try Frame(type: type, body: body)
        switch frame {
        case .close(let code):
            self.state = .closed
            actions.append(.end(.byPeer(code)))
        case .ready: throw .unexpected("ready again")
        case .envelopes: break  // Above.
        case .ping, .pong, .heads, .want, .gone, .fetch, .refer, .manifestAsk, .manifestGive, .profile, .request,
            .typing, .verify, .rooms, .presence, .pictureAsk, .picturePart, .draft, .discoveryKey, .mail, .relay:
            actions.append(.frame(frame))
        case .ignorable: break
        }
    }

    /// A frame that came in a datagram: read like any other, but never a reason to close.
    package func take(datagram plaintext: [UInt8]) -> Action? {
        guard case .open(let open) = self.state, let (type, body) = try? Record.read(plaintext) else { return nil }
        if type == Self.envelopes {
            return self.hearsEnvelopes ? .envelopes(UnreadEnvelopes(body, from: open.introduction)) : nil
        }
        guard let frame = try? Frame(type: type, body: body) else { return nil }
        switch frame {
        case .ping, .pong, .heads, .typing: return .frame(frame)
        case .envelopes, .close, .ready, .want, .gone, .fetch, .refer, .manifestAsk, .manifestGive, .profile, .request,
            .verify, .rooms, .presence, .pictureAsk, .picturePart, .draft, .discoveryKey, .mail, .relay, .ignorable:
            return nil
        }
    }

    // MARK: the handshake

    /// Responder: message 1 and its gate. Public-key work begins only after the gate.
    private mutating func answer(_ hello: [UInt8], _ message: [UInt8], _ actions: inout [Action]) throws(ProtocolError)
    {
        let pass = Hello.passes(
            hello, message: message, short: self.settings.identity.device.shortID, self.settings.admission.gate)
        switch pass {
        case .open: break
        case .byKey(let shown):
            guard self.settings.isFirst(shown) || self.settings.admission.gate.isOpen else {
                throw .handshake("a hello that came before")
            }
        case nil: throw .handshake("gate")
        }
        do {
            var handshake = try Self.handshake(self.settings, head: Array(hello.prefix(16)), isInitiator: false)
            guard try handshake.read(message).isEmpty else { throw ProtocolError.handshake("message 1") }
            let answer = try handshake.write(self.settings.payload)
            self.state = .answered(handshake)
            actions.append(.write(UInt16(answer.count).bigEndianBytes + answer))
        } catch {
            throw (error as? ProtocolError) ?? .handshake("message 1")
        }
    }

    /// Initiator: message 2. We show who we are only to whom we meant to call.
    private mutating func confirm(
        _ before: HandshakeState, _ expectation: Expectation, _ message: [UInt8], _ actions: inout [Action]
    ) throws(ProtocolError) {
        var handshake = before
        do {
            let peer = try HandshakePayload(decoding: handshake.read(message))
            if let end = try self.judge(peer, handshake.remoteStatic, expectation) {
                self.state = .closed
                actions.append(.end(end))
                return
            }
            let third = try handshake.write(self.settings.payload)
            let (open, datagrams) = try self.opened(handshake, peer, isInitiator: true)
            self.state = .unconfirmed(open, datagrams)
            actions.append(.write(UInt16(third.count).bigEndianBytes + third))
        } catch {
            throw (error as? ProtocolError) ?? .handshake("message 2")
        }
    }

    /// Responder: message 3, and Ready in return.
    private mutating func welcome(
        _ before: HandshakeState, _ message: [UInt8], _ actions: inout [Action]
    ) throws(ProtocolError) {
        var handshake = before
        do {
            let peer = try HandshakePayload(decoding: handshake.read(message))
            if let end = try self.judge(peer, handshake.remoteStatic, .anyone) {
                self.state = .closed
                actions.append(.end(end))
                return
            }
            var (open, datagrams) = try self.opened(handshake, peer, isInitiator: false)
            var out = ByteBuffer()
            self.seal(type: 0x01, body: [], &open, &out)
            self.state = .open(open)
            // Known before the other end can know: their first datagram may follow Ready at once.
            actions.append(.opened(open.introduction, datagrams))
            actions.append(.write(Array(out.readableBytesView)))
        } catch {
            throw (error as? ProtocolError) ?? .handshake("message 3")
        }
    }

    /// The checks of Protocol.md 3, in its order; the certificate's signature was checked when it was read.
    private func judge(
        _ peer: HandshakePayload, _ remoteStatic: [UInt8]?, _ expectation: Expectation
    ) throws(ProtocolError) -> End? {
        let certificate = peer.certificate
        guard certificate.staticKey == remoteStatic else { throw .identity("a certificate for another key") }
        if self.settings.admission.clockIsTrusted, certificate.notAfter < self.settings.unixSeconds {
            throw .identity("an expired certificate")
        }
        if certificate.device == self.settings.identity.device { return .notWanted }
        if self.settings.admission.blocked.contains(certificate.person) { return .notWanted }
        switch self.settings.admission.standing(
            of: certificate.device, certificate.person, claiming: peer.manifestVersion)
        {
        case .revoked: return .revoked
        case .unlisted: return .unlisted
        case .listed, .unknown: break
        }
        switch expectation {
        case .device(let device), .keyed(let device, _):
            guard certificate.device == device else { return .wrongIdentity }
        case .shortID(let short): guard certificate.device.shortID == short else { return .wrongIdentity }
        case .anyone: break
        }
        guard peer.wireVersions.contains(1), peer.suites.contains(1) else { throw .identity("no version in common") }
        // We know version 1 only; were we to know more, both naming it here would be a downgrade.
        if (self.settings.admission.wireVersions[certificate.person] ?? 1) > 1 { throw .downgrade }
        return nil
    }

    private mutating func opened(
        _ handshake: HandshakeState, _ peer: HandshakePayload, isInitiator: Bool
    ) throws(NoiseError) -> (Open, Datagrams) {
        let result = try handshake.finish()
        let cipher: Cipher = self.settings.hasAES && peer.features & HandshakePayload.aes != 0 ? .aesGCM : .chaChaPoly
        var (send, receive) = (result.send, result.receive)
        send.use(cipher)
        receive.use(cipher)
        self.hearsEnvelopes = self.settings.admission.hears(peer.certificate.person, peer.certificate.device)
        let introduction = Introduction(
            peer: peer, isInitiator: isInitiator, handshakeHash: result.hash, cipher: cipher.rawValue,
            isBulk: isInitiator ? self.settings.isBulk : peer.features & HandshakePayload.bulk != 0)
        let datagrams = Datagrams(
            exporter: result.exporter, hash: result.hash, isInitiator: isInitiator, mine: self.settings.datagramIndex,
            theirs: peer.datagramIndex, cipher: cipher)
        return (Open(send: send, receive: receive, introduction: introduction), datagrams)
    }
}
