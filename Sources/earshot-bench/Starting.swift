import EarshotControl
import EarshotModel
import Glibc

/// From nothing to ready, to seen, and to an encrypted session.
enum Starting {
    static func measure(_ place: Workplace, rounds: Int) throws -> [Figure] {
        var ready: [Double] = []
        try NodeProcess(place.program, state: place.folder("start"), name: "Start", alone: true).end()
        for _ in 0..<rounds {
            let node = try NodeProcess(place.program, state: place.folder("start"), name: "Start", alone: true)
            ready.append(node.readyAfter * 1_000)
            node.end()
        }
        let anna = try NodeProcess(place.program, state: place.folder("anna"), name: "Anna")
        _ = try anna.door.ask(Methods.Subscribe())
        // Advertised for long: its first announcements are over (RFC 6762 8.3: seconds apart).
        try Await.quiet([anna])
        Await.span(3)
        var session: [Double] = []
        var seen: [Double] = []
        for round in 0..<min(rounds, 9) {
            let bob = try NodeProcess(place.program, state: place.folder("bob\(round)"), name: "Bob")
            _ = try bob.door.ask(Methods.Subscribe())
            // `peers` gives others a second to be found; whom one asks for is answered as soon as they are.
            try Await.until("a newcomer finds who is there", every: 2) {
                (try? bob.door.ask(Methods.Resolve(anna.person.description))) != nil
            }
            session.append((seconds() - bob.startedAt) * 1_000)
            try NodeProcess.presence(anna.door, of: bob.person)
            seen.append((seconds() - bob.startedAt) * 1_000)
            bob.end()
            // A responder does not repeat a record within a second (RFC 6762 6).
            Await.span(2)
        }
        anna.end()
        return [
            Figure("start to ready", Spread(ready).median, "ms", .atMost(100), note: "identity and database exist"),
            Figure(
                "start to a session with who is there", Spread(session).median, "ms", .atMost(500),
                note: "newcomer, real mDNS on lo; toxcore 9,800, Syncthing 6,700"),
            Figure(
                "a newcomer is seen by who is there", Spread(seen).median, "ms", .atMost(1_500),
                note: "to its presence event"),
        ]
    }
}
