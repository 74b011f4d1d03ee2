import EarshotModel
import EarshotWire
import NIOCore
import Noise

/// Whole handshakes back to back, without sockets: what one core can do, and what each side costs.
enum Handshakes {
    static func measure(rounds: Int) throws -> [Figure] {
        let anna = try Self.identity("Anna")
        let bob = try Self.identity("Bob")
        func settings(_ identity: Identity) -> Session.Settings {
            Session.Settings(
                identity: identity, admission: Admission(), ephemeralSeed: randomBytes(32), datagramIndex: 7,
                hasAES: true,
                unixSeconds: 1_700_000_000)
        }
        var calling = 0.0
        var answering = 0.0
        for _ in 0..<rounds {
            var mark = seconds()
            func lap(_ sum: inout Double) {
                let now = seconds()
                sum += now - mark
                mark = now
            }
            var (caller, hello) = try Session.calling(.device(bob.device), settings(anna))
            lap(&calling)
            var answerer = Session(answering: settings(bob))
            var bytes = hello
            // Hello, its answer, and the third message with Ready.
            for step in 0..<4 {
                var buffer = ByteBuffer(bytes: bytes)
                let actions = step % 2 == 0 ? answerer.receive(&buffer) : caller.receive(&buffer)
                bytes = actions.flatMap { action -> [UInt8] in if case .write(let out) = action { out } else { [] } }
                if step % 2 == 0 { lap(&answering) } else { lap(&calling) }
            }
            guard caller.isOpen, answerer.isOpen else { throw BenchError.broken("a handshake failed") }
        }
        let each = (calling / Double(rounds) * 1e6, answering / Double(rounds) * 1e6)
        return [
            Figure(
                "handshakes a second and core", Double(rounds) / (calling + answering), "/s", .atLeast(500),
                note: "both ends on one core; calling \(Int(each.0)) µs, answering \(Int(each.1)) µs")
        ]
    }

    static func identity(_ name: String) throws -> Identity {
        try Identity.create(
            personSeed: randomBytes(32), signingSeed: randomBytes(32), agreementSeed: randomBytes(32), name: name,
            issued: 1_700_000_000)
    }
}
