// Over any line, cut, doubled, reordered or touched anywhere, a frame is heard as it was sent, in order and once, or
// the line ends.
import EarshotModel
import EarshotTesting
import EarshotWire
import Glibc
import NIOCore

private struct Pair {
    var anna: Session
    var bob: Session
    var annas: Datagrams
    var bobs: Datagrams
}

/// Opened once; each run begins with a copy.
private let opened: Pair = {
    do {
        let samples = try Samples()
        func settings(_ identity: Identity, _ byte: UInt8) -> Session.Settings {
            Session.Settings(
                identity: identity, admission: Admission(heard: [samples.anna.person, samples.bob.person]),
                ephemeralSeed: [UInt8](repeating: byte, count: 32), datagramIndex: UInt64(byte), hasAES: byte % 2 == 0,
                unixSeconds: 1_700_000_000)
        }
        var (anna, hello) = try Session.calling(.anyone, settings(samples.anna, 40))
        var bob = Session(answering: settings(samples.bob, 42))
        var bytes = hello
        var datagrams: [Datagrams] = []
        for step in 0..<4 {
            var buffer = ByteBuffer(bytes: bytes)
            bytes = []
            for action in step % 2 == 0 ? bob.receive(&buffer) : anna.receive(&buffer) {
                if case .write(let out) = action { bytes += out }
                if case .opened(_, let way) = action { datagrams.append(way) }
            }
        }
        hold(anna.isOpen && bob.isOpen && datagrams.count == 2, "an honest handshake opens")
        return Pair(anna: anna, bob: bob, annas: datagrams[1], bobs: datagrams[0])
    } catch {
        hold(false, "samples")
        abort()
    }
}()

@_cdecl("LLVMFuzzerTestOneInput") public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    var data = UnsafeBufferPointer(start: start, count: count)[...]
    var pair = opened
    var sent: UInt64 = 0
    var heard: UInt64 = 0
    var wire: [UInt8] = []
    var isTouched = false
    var incoming = ByteBuffer()
    var flying: [[UInt8]] = []
    var arrived: Set<UInt64> = []
    while let op = data.popFirst(), let argument = data.popFirst() {
        switch op % 8 {
        case 0, 1:
            sent += 1
            var out = ByteBuffer()
            _ = pair.anna.send([.ping(sent)], into: &out)
            wire += out.readableBytesView
        case 2, 3:
            let piece = wire.prefix(Int(argument) * (op % 8 == 2 ? 1 : 16))
            wire.removeFirst(piece.count)
            incoming.writeBytes(piece)
            for action in pair.bob.receive(&incoming) {
                switch action {
                case .frame(.ping(let number)):
                    heard += 1
                    hold(number == heard && number <= sent, "in order and once")
                case .end: hold(isTouched, "an honest line does not end")
                case .write: hold(isTouched, "only a goodbye is written")
                case .frame, .opened, .envelopes, .worn: hold(false, "nothing else was sent")
                }
            }
        case 4:
            guard !wire.isEmpty else { continue }
            wire[Int(argument) % wire.count] ^= max(1, op)
            isTouched = true
        case 5:
            guard !wire.isEmpty else { continue }
            wire.remove(at: Int(argument) % wire.count)
            isTouched = true
        case 6:
            if let datagram = pair.annas.seal(.ping(UInt64(flying.count) + 1), now: UInt64(argument)) {
                flying.append(datagram)
            }
        default:
            guard !flying.isEmpty else { continue }
            var datagram = flying[Int(argument) % flying.count]
            if op >= 128 { datagram[Int(op) % datagram.count] ^= 1 << (argument % 8) }
            guard let (plaintext, _) = pair.bobs.open(datagram, now: 0) else { continue }
            hold(op < 128, "a touched datagram counts for nothing")
            guard case .frame(.ping(let number))? = pair.bob.take(datagram: plaintext) else { continue }
            hold(arrived.insert(number).inserted, "a datagram counts once")
        }
    }
    return 0
}

func seeds() throws -> [[UInt8]] {
    [[0, 0, 0, 0, 3, 255, 0, 0, 4, 7, 3, 255], [6, 0, 6, 0, 7, 0, 7, 0, 7, 1, 135, 1]]
}
