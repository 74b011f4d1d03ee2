import EarshotControl
import EarshotModel
import Foundation
import Glibc
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Testing

/// The socket with a door behind it that says whatever it is told to: what waits for a client is bounded.
@Suite(.timeLimit(.minutes(5))) struct ControlServerTests {
    /// Answers at once; histories are lists of a million elements, read as they are taken.
    final class FakeDoor: Door {
        struct State {
            var news: [CallerID: @Sendable (DoorEvent) -> Bool] = [:]
            var next: UInt64 = 1
            var asked = 0
            var pages = 0
        }
        let state = NIOLockedValueBox(State())
        let changes = AsyncStream.makeStream(of: String.self)

        /// An element of a history, and what else is asked for.
        static let message: MessageView = {
            let (id, person) = (EnvelopeID(hash: .zero), PersonID(hash: .zero))
            return MessageView(
                id: id, from: person, fromName: "Bob", to: nil, toName: "Anna", mine: false,
                text: String(repeating: "x", count: 1_000), state: .received, at: Timestamp(milliseconds: 0))
        }()
        private static let answers: [any Sendable] = [
            NameView(name: "Anna"), CursorView(cursor: 1),
            PersonView(person: PersonID(hash: .zero), name: "Bob", trust: .accepted, online: true),
            RecipientView.person(
                PersonView(person: PersonID(hash: .zero), name: "Bob", trust: .accepted, online: true)),
        ]

        func answer<One: Method>(
            _ method: One, from caller: CallerID, reply: @escaping @Sendable (Result<One.Answer, DoorError>) -> Void
        ) {
            self.state.withLockedValue { $0.asked += 1 }
            if method is Methods.Send { return }
            guard !(method is Methods.Block), let answer = Self.answers.compactMap({ $0 as? One.Answer }).first else {
                return reply(.failure(DoorError(.refused, "no")))
            }
            reply(.success(answer))
        }

        func list<One: ListMethod>(
            _ method: One, from caller: CallerID,
            reply: @escaping @Sendable (Result<AnswerList<One.Element>, DoorError>) -> Void
        ) {
            self.state.withLockedValue { $0.asked += 1 }
            guard let history = method as? Methods.History, let element = Self.message as? One.Element else {
                return reply(.success(AnswerList { tell in tell(.failure(DoorError(.damaged, "torn"))) }))
            }
            let left = NIOLockedValueBox(history.limit?.value ?? 50)
            reply(
                .success(
                    AnswerList { tell in
                        self.state.withLockedValue { $0.pages += 1 }
                        let count = left.withLockedValue { left in
                            defer { left -= min(left, 10) }
                            return min(left, 10)
                        }
                        tell(.success(Array(repeating: element, count: count)))
                    }))
        }

        func enter(news: @escaping @Sendable (DoorEvent) -> Bool) -> CallerID {
            self.state.withLockedValue { state in
                defer { state.next += 1 }
                state.news[CallerID(raw: state.next)] = news
                return CallerID(raw: state.next)
            }
        }
        func resume(_ caller: CallerID) { self.changes.continuation.yield("resume \(caller.raw)") }
        func leave(_ caller: CallerID) {
            self.state.withLockedValue { $0.news[caller] = nil }
            self.changes.continuation.yield("leave \(caller.raw)")
        }

        func change(_ wanted: String) async -> Bool {
            for await change in self.changes.stream where change == wanted { return true }
            return false
        }
    }

    final class Place {
        let door = FakeDoor()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let path = NSTemporaryDirectory() + "ec-" + UUID().uuidString.prefix(8)
        let server: ControlServer
        init() async throws {
            self.server = try await ControlServer.start(path: self.path, door: self.door, loop: self.group.any())
        }

        func client() throws -> ControlClient { try ControlClient(path: self.path) }

        /// As many lines as were asked for, as text.
        func lines(_ client: ControlClient, _ count: Int) -> [String] {
            var bytes: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 65_536)
            var ends = 0
            while ends < count {
                let got = recv(client.descriptor, &chunk, chunk.count, 0)
                guard got > 0 else { break }
                ends += chunk.prefix(got).count { $0 == 0x0A }
                bytes += chunk.prefix(got)
            }
            return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        }

        func send(_ text: String, _ client: ControlClient) {
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes {
                    Glibc.send(client.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }

        func onLoop<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
            try await self.group.any().submit(work).get()
        }

        func stop() async throws {
            await self.server.stop()
            try await self.group.shutdownGracefully()
        }
    }

    /// Bytes that may wait for one client, with what the kernel holds for it.
    private static let bound = 1 << 20

    @Test func whoDoesNotReadIsToldLater() async throws {
        let place = try await Place()
        let client = try place.client()
        _ = try client.ask(Methods.Subscribe())
        let event = DoorEvent(EventView(cursor: 1, .message(FakeDoor.message)))
        let door = place.door
        let told = try await place.onLoop {
            guard let news = door.state.withLockedValue({ $0.news.values.first }) else { return 0 }
            var told = 0
            while told < 100_000, news(event) { told += 1 }
            return told
        }
        #expect(told > 10 && told * event.line.readableBytes < Self.bound, "\(told) events were taken")
        // Everything that was taken comes, and room is told of once it is there.
        let lines = place.lines(client, told)
        #expect(lines.count == told)
        #expect(await place.door.change("resume 1"))
        try await place.stop()
    }

    @Test func anAnswerThatIsNotReadIsNotMade() async throws {
        let place = try await Place()
        let client = try place.client()
        let request = #"{"jsonrpc":"2.0","id":ID,"method":"history","params":{"who":"x","limit":500}}"# + "\n"
        place.send((0..<512).map { request.replacingOccurrences(of: "ID", with: "\($0)") }.joined(), client)
        // Another client is answered meanwhile, however often.
        let other = try place.client()
        for _ in 0..<50 { _ = try other.ask(Methods.GetName()) }
        let (asked, pages) = place.door.state.withLockedValue { ($0.asked, $0.pages) }
        #expect(asked == 51, "one history is under way, the others wait")
        #expect(pages * 10_000 < Self.bound, "\(pages) pages were read")
        for (index, line) in place.lines(client, 3).prefix(3).enumerated() {
            #expect(
                line.hasPrefix(#"{"id":\#(index),"jsonrpc":"2.0","result":[{"id":"#) && line.hasSuffix("]}")
                    && line.utf8.count > 500_000)
        }
        try await place.stop()
    }

    @Test func aBatchIsAnsweredByAList() async throws {
        let place = try await Place()
        let client = try place.client()
        func answer(_ text: String) -> String? {
            place.send(text + "\n", client)
            return place.lines(client, 1).first
        }
        let call = #"{"jsonrpc":"2.0","id":1.0,"method":"name.get"}"#
        let list = #"{"jsonrpc":"2.0","id":"h","method":"history","params":{"who":"x","limit":2}}"#
        let silent = #"{"jsonrpc":"2.0","method":"block","params":{"who":"x"}}"#
        let x = String(decoding: JSONWriter.bytes(FakeDoor.message), as: UTF8.self)
        let ok = #"{"id":1.0,"jsonrpc":"2.0","result":{"name":"Anna"}}"#
        #expect(answer("[\(call)]") == "[\(ok)]")
        #expect(
            answer("[\(call),\(silent),\(list),\(call)]")
                == #"[\#(ok),{"id":"h","jsonrpc":"2.0","result":[\#(x),\#(x)]},\#(ok)]"#)
        place.send("[\(list)]\n[\(silent)]\n\(silent)\n\(call)\n", client)
        let two = place.lines(client, 2)
        #expect(
            two.first?.hasPrefix("[{") == true && two.last == ok, "notifications, alone or in a batch, are not answered"
        )
        #expect(answer("[]")?.contains("-32600") == true)
        #expect(answer("[1,2]")?.hasPrefix(#"[{"error""#) == true)
        try await place.stop()
    }

    @Test func aListThatCannotBeReadIsAnError() async throws {
        let place = try await Place()
        let client = try place.client()
        let search = #"{"jsonrpc":"2.0","id":2,"method":"search","params":{"query":"x"}}"#
        let call = #"{"jsonrpc":"2.0","id":3,"method":"name.get"}"#
        place.send("\(search)\n[\(call),\(search),\(call)]\n", client)
        let two = place.lines(client, 2)
        #expect(two.first?.contains(#""kind":"damaged""#) == true && two.first?.contains(#""id":2"#) == true)
        let batch = JSON(text: (two.last ?? "").utf8)?.array
        #expect(batch?.map { $0["error"]?["data"]?["kind"]?.string } == [nil, "damaged", nil])
        try await place.stop()
    }

    @Test func whatWasAskedBeforeTheEndIsAnswered() async throws {
        let place = try await Place()
        let client = try place.client()
        place.send(
            #"{"jsonrpc":"2.0","id":1,"method":"name.get"}"# + "\n"
                + #"{"jsonrpc":"2.0","id":2,"method":"history","params":{"who":"x"}}"# + "\n{\"half", client)
        shutdown(client.descriptor, Int32(SHUT_WR))
        #expect(place.lines(client, 3).count == 2, "two answers and the end")
        try await place.stop()
    }

    @Test func whoAsksALotAtOnceIsAnswered() async throws {
        let place = try await Place()
        let client = try place.client()
        let text = String(repeating: "x", count: 2_000)
        for _ in 0..<10_000 { try client.post(Methods.MarkRead(text)) }
        for _ in 0..<200 { try client.post(Methods.History(who: "x", limit: 20)) }
        var answers = 0
        while answers < 10_200, case .answer? = try client.next(wait: true) { answers += 1 }
        #expect(answers == 10_200)
        try await place.stop()
    }

    @Test func whatCameFromOutsideIsPassedOn() async throws {
        let place = try await Place()
        let client = try place.client()
        #expect(try client.ask(named: "name.get", [:]) == ["name": "Anna"])
        let history = try client.ask(named: "history", ["who": "x", "limit": 2])
        #expect(history.array?.map { $0["fromName"] } == ["Bob", "Bob"])
        for (method, kind) in [("block", DoorError.Kind.refused), ("no.such", .unknownMethod)] {
            let error = #expect(throws: DoorError.self) { try client.ask(named: method, ["who": "x"]) }
            #expect(error?.kind == kind)
        }
        try await place.stop()
    }

    @Test func whoGoesIsForgotten() async throws {
        let place = try await Place()
        for number in 1...20 {
            let client = try place.client()
            _ = try client.ask(Methods.Subscribe())
            if number % 2 == 0 {
                place.send(#"{"jsonrpc":"2.0","id":1,"method":"send","params":{"to":"x","text":"x"}}"# + "\n", client)
            }
            if number % 3 == 0 {
                place.send(
                    #"{"jsonrpc":"2.0","id":1,"method":"history","params":{"who":"x","limit":9000}}"# + "\n", client)
            }
        }
        #expect(await place.door.change("leave 20"))
        #expect(place.door.state.withLockedValue { $0.news.isEmpty })
        try await place.stop()
    }

    @Test func moreClientsThanThereIsRoomForAreToldSo() async throws {
        let place = try await Place()
        var clients: [ControlClient] = []
        for _ in 0..<ControlServer.mostClients { clients.append(try place.client()) }
        _ = try clients.last?.ask(Methods.GetName())
        let late = try place.client()
        #expect(place.lines(late, 2).first?.contains("clients already") == true)
        clients.removeFirst(10)
        #expect(await place.door.change("leave 10"))
        #expect(try place.client().ask(Methods.GetName()).name == "Anna")
        try await place.stop()
    }

    @Test func longLinesAreReadAFewAtATime() async throws {
        let place = try await Place()
        let text = String(repeating: "x", count: 2 << 20)
        let path = place.path
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<12 {
                group.addTask {
                    let client = try ControlClient(path: path)
                    return try client.ask(Methods.MarkRead("\(number)" + text)).shownName == "Bob"
                }
            }
            for try await isAnswered in group { #expect(isAnswered) }
        }
        let client = try place.client()
        place.send(String(repeating: "x", count: ControlLine.longest + 100), client)
        #expect(place.lines(client, 2).first?.contains("16 MiB") == true)
        try await place.stop()
    }
}
