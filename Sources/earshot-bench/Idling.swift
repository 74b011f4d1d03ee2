import EarshotControl
import EarshotModel
import EarshotNetwork
import EarshotWire
import Glibc
import NIOCore
import NIOPosix

/// What a node costs when nobody writes: alone, and with a hundred people online.
enum Idling {
    static func measure(_ place: Workplace, for duration: UInt32, sessions: Int) async throws -> [Figure] {
        let node = try NodeProcess(
            place.program, state: place.folder("idle"), name: "Idle", settings: ["contacts.accept": "lan"])
        // The first announcements are over (RFC 6762 8.3: seconds apart).
        try Await.quiet([node])
        Await.span(3)
        try Await.quiet([node])
        var figures = Self.watch(node, duration, "alone", goals: (.atMost(25), .atMost(0.2), .atMost(0.3)))
        let crowd = try await Crowd(of: sessions, calling: node.port)
        try crowd.awaitWhole(in: node)
        try Await.quiet([node])
        figures += Self.watch(node, duration, "with \(sessions) sessions", goals: (.atMost(64), nil, nil))
        await crowd.leave()
        node.end()
        return figures
    }

    private static func watch(
        _ node: NodeProcess, _ duration: UInt32, _ when: String, goals: (Figure.Goal?, Figure.Goal?, Figure.Goal?)
    ) -> [Figure] {
        let before = (node.processor, node.wakeUps, seconds())
        Await.span(Double(duration))
        let elapsed = seconds() - before.2
        // A thread that came or went meanwhile counts with what is known of it.
        let wakeUps = node.wakeUps.reduce(0) { $0 + max(0, $1.value - (before.1[$1.key] ?? 0)) }
        return [
            Figure("idle \(when): resident", node.resident, "MB", goals.0, note: "toxic 26"),
            Figure(
                "idle \(when): processor", (node.processor - before.0) / elapsed * 100, "%", goals.1,
                note: "over \(duration) s"),
            Figure("idle \(when): wake-ups", wakeUps / elapsed, "/s", goals.2, note: "all threads; toxic 258"),
        ]
    }
}

/// Many people with one line each, all in this process.
private final class Crowd: Sendable {
    private let lines: [Transport]
    private let persons: Set<PersonID>

    init(of count: Int, calling port: UInt16) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        var lines: [Transport] = []
        var persons: Set<PersonID> = []
        for number in 0..<count {
            let identity = try Handshakes.identity("Guest \(number)")
            let (opened, post) = AsyncStream.makeStream(of: LinkID?.self)
            let line = Transport(identity: identity, group: group) { event in
                switch event {
                case .opened(let link, _, _, _): post.yield(link)
                case .dialFailed: post.yield(nil)
                case .frame, .envelopes, .writable, .worn, .closed, .refused: break
                }
            }
            guard let endpoint = Endpoint(address: [127, 0, 0, 1], port: port) else {
                throw BenchError.broken("no address")
            }
            // A node lets in 20 a second from one address: the rest of the crowd waits and tries again.
            var tries: UInt64 = 1
            line.dial(DialID(raw: tries), endpoint, expecting: .anyone)
            for await link in opened {
                if let link {
                    // Whose devices a person has not listed is not accepted: nobody asks a crowd that does not answer.
                    let words = Frame.request(text: "Hello, it's guest \(number)")
                    line.send([.manifestGive(identity.manifest.wire), words], to: link)
                    break
                }
                guard tries < 100 else { throw BenchError.broken("guest \(number) is not let in") }
                tries += 1
                Await.span(0.06)
                line.dial(DialID(raw: tries), endpoint, expecting: .anyone)
            }
            lines.append(line)
            persons.insert(identity.person)
        }
        self.lines = lines
        self.persons = persons
    }

    /// Until all guests are contacts and online there. Others on this machine's loopback do not count.
    func awaitWhole(in node: NodeProcess) throws {
        var here = 0
        do {
            try Await.until("a crowd of contacts", every: 20) {
                here = try node.door.ask(Methods.Contacts()).count {
                    $0.online && $0.trust == .accepted && self.persons.contains($0.person)
                }
                return here == self.persons.count
            }
        } catch is BenchError {
            let all = self.persons.count
            throw BenchError.broken("of \(all) guests only \(here) are contacts and online after a minute")
        }
    }

    func leave() async { for line in self.lines { await line.shutdown() } }
}
