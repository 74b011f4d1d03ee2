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
        // The first announcements are over.
        sleep(6)
        var figures = Self.watch(node, duration, "alone", goals: (.atMost(25), .atMost(0.2), .atMost(0.3)))
        let crowd = try await Crowd(of: sessions, calling: node.port)
        while try !crowd.isWhole(in: node.door.ask(Methods.Contacts())) { usleep(20_000) }
        sleep(3)
        figures += Self.watch(node, duration, "with \(sessions) sessions", goals: (.atMost(64), nil, nil))
        await crowd.leave()
        node.end()
        return figures
    }

    private static func watch(
        _ node: NodeProcess, _ duration: UInt32, _ when: String, goals: (Figure.Goal?, Figure.Goal?, Figure.Goal?)
    ) -> [Figure] {
        let before = (node.processor, node.wakeUps, seconds())
        sleep(duration)
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
                    line.send([.request(text: "Hello, it's guest \(number)")], to: link)
                    break
                }
                guard tries < 100 else { throw BenchError.broken("guest \(number) is not let in") }
                tries += 1
                usleep(60_000)
                line.dial(DialID(raw: tries), endpoint, expecting: .anyone)
            }
            lines.append(line)
            persons.insert(identity.person)
        }
        self.lines = lines
        self.persons = persons
    }

    /// Whether all guests are online there. Others on this machine's loopback do not count.
    func isWhole(in contacts: [PersonView]) -> Bool {
        contacts.count { $0.online && self.persons.contains($0.person) } == self.persons.count
    }

    func leave() async { for line in self.lines { await line.shutdown() } }
}
