import EarshotControl
import EarshotModel
import Glibc

/// Messages between two nodes: one after another, many at once, and all that waited for somebody who was away.
enum Messages {
    static func measure(_ place: Workplace, rounds: Int) throws -> [Figure] {
        let anna = try NodeProcess(
            place.program, state: place.folder("anna"), name: "Anna", settings: ["contacts.accept": "lan"])
        var bob = try NodeProcess(
            place.program, state: place.folder("bob"), name: "Bob", settings: ["contacts.accept": "lan"])
        try Self.meet(anna, bob)
        var figures = try Self.oneByOne(anna, bob, rounds)
        figures += try Self.bothWays(anna, bob, count: rounds * 5)
        // Bob goes home; Anna writes; Bob comes back.
        bob.end()
        try Await.until("the other is gone") { try !anna.isOnline(bob.person) }
        let count = rounds * 10
        let written = try Self.pipeline(anna.door, to: bob.person.description, count: count, wait: .queued)
        figures.append(
            Figure(
                "messages written for an absent friend", Double(count) / written, "/s",
                note: "each answered once it is on disk"))
        _ = try anna.door.ask(Methods.Subscribe())
        bob = try NodeProcess(place.program, state: place.folder("bob"), name: "Bob")
        try NodeProcess.presence(anna.door, of: bob.person)
        let began = seconds()
        let used = anna.processor + bob.processor
        _ = try anna.door.ask(Methods.Unsubscribe())
        try Await.until("all that waited is delivered", within: 300, every: 2) {
            try Self.lastState(anna.door, bob.person) != .queued
        }
        figures.append(
            Figure(
                "messages fetched after absence", Double(count) / (seconds() - began), "/s", .atLeast(12_000),
                note: "\(count) of them: verified, stored, acknowledged; Pidgin 12,000, unencrypted and not stored"))
        figures.append(
            Figure(
                "messages fetched: processor, each", (anna.processor + bob.processor - used) / Double(count) * 1e6,
                "µs", note: "both nodes together"))
        let held = try bob.door.ask(Methods.History(who: anna.person.description, limit: 10_000)).count
        guard held == min(10_000, held), held >= min(10_000, count) else {
            throw BenchError.broken("Bob holds \(held) messages")
        }
        anna.end()
        bob.end()
        return figures
    }

    /// Brings two nodes together as contacts.
    static func meet(_ anna: NodeProcess, _ bob: NodeProcess) throws {
        try Await.until("two nodes find each other") {
            try anna.door.ask(Methods.Peers()).contains { $0.person == bob.person }
        }
        for (door, person) in [(anna.door, bob.person), (bob.door, anna.person)] {
            _ = try door.ask(
                Methods.Send(to: [person.description], text: "Hello", wait: .delivered, timeout: 20_000))
        }
    }

    private static func lastState(_ door: ControlClient, _ person: PersonID) throws -> MessageState? {
        try door.ask(Methods.History(who: person.description, limit: 1)).first?.state
    }

    private static func oneByOne(_ anna: NodeProcess, _ bob: NodeProcess, _ rounds: Int) throws -> [Figure] {
        var times: [Double] = []
        let disk = try Disk.flushes(anna.state, rounds: 200)
        var answer = [UInt8](repeating: 0, count: 4_096)
        Self.limit(anna.door, Self.patience)
        defer { Self.limit(anna.door, 0) }
        for _ in 0..<rounds {
            // From asking to the last byte of the answer: what a client makes of it is its own affair.
            let began = seconds()
            try anna.door.post(
                Methods.Send(
                    to: [bob.person.description], text: "One line of text, as people write it.", wait: .delivered))
            var count = 0
            repeat {
                let more = answer[count...].withUnsafeMutableBytes {
                    recv(anna.door.descriptor, $0.baseAddress, $0.count, 0)
                }
                guard more > 0 else { throw Await.missing("the tick of a message", Self.patience) }
                count += more
            } while answer[count - 1] != 0x0A
            times.append((seconds() - began) * 1_000)
            guard case .answer(let reply)? = Incoming(line: answer.prefix(count)),
                try reply.to(Methods.Send.self).allSatisfy({ $0.state == .delivered })
            else {
                throw BenchError.broken("a message was not delivered")
            }
        }
        let spread = Spread(times)
        let note =
            """
            durable on both disks; a bare write and fdatasync here \(Figure.short(disk * 1_000)) ms; toxcore 100, \
            Pidgin 0.1 unstored
            """
        return [
            Figure("message to its tick, p50", spread.median, "ms", .atMost(1), note: note),
            Figure(
                "message to its tick, p50 / a bare write and fdatasync", spread.median / (disk * 1_000), "×",
                .atMost(4), note: "in the same run"),
            Figure("message to its tick, p99", spread.at(0.99), "ms", .atMost(10), note: "of \(rounds)"),
        ]
    }

    /// Seconds after which an answer will never come.
    private static let patience = 30.0

    /// How long reading from a door may take at most, in seconds; 0 is for ever.
    private static func limit(_ door: ControlClient, _ seconds: Double) {
        var time = timeval(tv_sec: Int(seconds), tv_usec: 0)
        setsockopt(door.descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    }

    /// Both write at once, many under way.
    private static func bothWays(_ anna: NodeProcess, _ bob: NodeProcess, count: Int) throws -> [Figure] {
        let began = seconds()
        let used = anna.processor + bob.processor
        var underWay = (0, 0)
        var sent = (0, 0)
        var done = 0
        func write(_ door: ControlClient, _ to: PersonID, _ underWay: inout Int, _ sent: inout Int) throws {
            while underWay < 256, sent < count {
                try door.post(Methods.Send(to: [to.description], text: "message \(sent)", wait: .delivered))
                underWay += 1
                sent += 1
            }
        }
        func collect(_ door: ControlClient, _ underWay: inout Int) throws {
            while let incoming = try door.next(wait: false) {
                guard case .answer(let answer) = incoming else { continue }
                if let error = answer.error { throw error }
                underWay -= 1
                done += 1
            }
        }
        while done < 2 * count {
            try write(anna.door, bob.person, &underWay.0, &sent.0)
            try write(bob.door, anna.person, &underWay.1, &sent.1)
            var polls = [anna.door, bob.door].map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
            guard poll(&polls, 2, Int32(Self.patience * 1_000)) != 0 else {
                throw Await.missing("ticks of \(2 * count - done) messages", Self.patience)
            }
            try collect(anna.door, &underWay.0)
            try collect(bob.door, &underWay.1)
        }
        return [
            Figure(
                "messages both ways at once", Double(2 * count) / (seconds() - began), "/s", .atLeast(10_000),
                note: "256 under way each way, each to its tick"),
            Figure(
                "messages both ways: processor, each",
                (anna.processor + bob.processor - used) / Double(2 * count) * 1e6, "µs", note: "both nodes together"),
        ]
    }

    /// Writes with many requests under way. Returns the seconds it took.
    static func pipeline(_ door: ControlClient, to: String, count: Int, wait: TextWait) throws -> Double {
        let began = seconds()
        var sent = 0
        var answered = 0
        while answered < count {
            while sent < count, sent - answered < 400 {
                try door.post(
                    Methods.Send(to: [to], text: "message \(sent) of many", wait: wait))
                sent += 1
            }
            _ = try Await.answer("the answer to a message", at: door)
            answered += 1
        }
        return seconds() - began
    }
}

/// What the disk itself takes, to hold our times against.
enum Disk {
    /// Median seconds of writing 4 KiB and waiting until it is durable.
    static func flushes(_ folder: String, rounds: Int) throws -> Double {
        let file = open(folder + "/probe", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard file >= 0 else { throw BenchError.broken("cannot write in \(folder)") }
        defer {
            close(file)
            unlink(folder + "/probe")
        }
        let block = [UInt8](repeating: 1, count: 4_096)
        var times: [Double] = []
        for _ in 0..<rounds {
            let began = seconds()
            _ = write(file, block, block.count)
            fdatasync(file)
            times.append(seconds() - began)
        }
        return Spread(times).median
    }
}
