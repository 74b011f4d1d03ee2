import EarshotControl
import EarshotModel
import EarshotWeb
import Foundation
import Glibc
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A door that tells what it is told to, and remembers who asked.
final class FakeDoor: Door {
    struct State {
        var news: [CallerID: @Sendable (DoorEvent) -> Bool] = [:]
        var next: UInt64 = 1
        /// Methods by who asked.
        var asked: [(CallerID, String)] = []
        var files: [String] = []
        /// After which places events were asked for.
        var places: [EventPlace?] = []
        /// What waits for an answer that never comes.
        var left: Set<CallerID> = []
    }
    let state = NIOLockedValueBox(State())
    let changes = AsyncStream.makeStream(of: String.self)

    static let person = PersonView(person: PersonID(hash: .zero), name: "Bob", trust: .accepted, online: true)
    static let message = MessageView(
        id: EnvelopeID(hash: .zero), from: PersonID(hash: .zero), fromName: "Bob", to: nil, toName: "Anna", mine: false,
        text: String(repeating: "x", count: 1_000), state: .received, at: Timestamp(milliseconds: 0))

    static func event(_ commit: UInt64, _ number: Int64) -> DoorEvent {
        DoorEvent(EventView(cursor: commit, place: EventPlace(commit, .message(number)), .message(self.message)))
    }

    func answer<One: Method>(
        _ method: One, from caller: CallerID, reply: @escaping @Sendable (Result<One.Answer, DoorError>) -> Void
    ) {
        self.state.withLockedValue { $0.asked.append((caller, One.name)) }
        if method is Methods.Send { return }
        if let method = method as? Methods.Subscribe {
            self.state.withLockedValue { $0.places.append(method.place) }
        }
        let files = self.state.withLockedValue { $0.files.map { PlaceView(path: $0) } }
        let answers: [any Sendable] = [
            NameView(name: "Anna"), CursorView(cursor: 7), files,
            PictureView(picture: "abcd", type: "image/png", size: 8, data: "iVBORw0KGgo="),
        ]
        guard let answer = answers.compactMap({ $0 as? One.Answer }).first else {
            return reply(.failure(DoorError(.refused, "no")))
        }
        reply(.success(answer))
    }

    func list<One: ListMethod>(
        _ method: One, from caller: CallerID,
        reply: @escaping @Sendable (Result<AnswerList<One.Element>, DoorError>) -> Void
    ) {
        self.state.withLockedValue { $0.asked.append((caller, One.name)) }
        let isTorn = method is Methods.Search
        let left = NIOLockedValueBox(30)
        reply(
            .success(
                AnswerList { tell in
                    let count = left.withLockedValue { left in
                        defer { left -= min(left, 10) }
                        return min(left, 10)
                    }
                    let isFirst = left.withLockedValue { $0 == 20 }
                    guard let element = Self.message as? One.Element, !isTorn || isFirst else {
                        return tell(.failure(DoorError(.damaged, "torn")))
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

/// A server with a fake door behind it, in a folder of its own.
final class WebPlace {
    let door = FakeDoor()
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let state: String
    private let limits: WebLimits
    /// Folders that the page had removed.
    let dropped = AsyncStream.makeStream(of: String.self)
    private(set) var server: WebServer
    /// Of browsers that came by a link, by their cookie.
    var keys: [String: String] = [:]
    private(set) var port: UInt16 = 0

    init(limits: WebLimits = WebLimits()) async throws {
        self.limits = limits
        self.state = NSTemporaryDirectory() + "ew-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: self.state + "/spool", withIntermediateDirectories: true)
        self.server = WebServer(port: 0, isEnabled: true, limits: self.limits)
        await self.start()
    }

    private func start() async {
        await self.server.start(door: self.door, state: self.state, loop: self.group.any()) {
            [dropped] in
            try? FileManager.default.removeItem(atPath: $0)
            dropped.continuation.yield($0)
        }
        let address = self.server.place.address ?? ""
        self.port = address.split(separator: ":").last.flatMap { UInt16($0.dropLast()) } ?? 0
    }

    /// As another daemon in the same folder and at the same port would.
    func restart() async {
        await self.server.stop()
        self.server = WebServer(port: self.port, isEnabled: true, limits: self.limits)
        await self.start()
    }

    func stop() async throws {
        await self.server.stop()
        try await self.group.shutdownGracefully()
        try FileManager.default.removeItem(atPath: self.state)
    }

    var origin: String { "http://127.0.0.1:\(self.port)" }
    var token: String {
        (try? self.server.link().get().link.split(separator: "#").last).flatMap { $0 }.map(String.init) ?? ""
    }
    var key: String {
        (try? String(contentsOfFile: self.state + "/web.key", encoding: .utf8))?.split(separator: "\n").first.map(
            String.init) ?? ""
    }

    /// Comes by a link, and has its cookie.
    func cookie() throws -> String {
        let answer = try self.ask("POST", "/api/v1/enter", body: #"{"token":"\#(self.token)"}"#)
        let cookie = answer.headers["set-cookie"]?.split(separator: ";").first.map(String.init) ?? ""
        self.keys[cookie] = answer.json["key"]?.string
        return cookie
    }

    /// As a browser asks: its fields may be replaced or, by `nil`, left out.
    func ask(
        _ method: String, _ path: String, cookie: String? = nil, _ fields: [String: String?] = [:], body: String? = nil
    ) throws -> Answer {
        let client = try RawClient(port: self.port)
        client.send(self.request(method, path, cookie: cookie, fields, body: body))
        return client.answer()
    }

    func request(
        _ method: String, _ path: String, cookie: String? = nil, _ fields: [String: String?] = [:], body: String? = nil
    ) -> String {
        var all: [String: String?] = ["Host": "127.0.0.1:\(self.port)", "Cookie": cookie]
        if let key = cookie.flatMap({ self.keys[$0] }) { all["X-Earshot-Key"] = key }
        if method != "GET" { all["Origin"] = self.origin }
        if let body {
            all["Content-Type"] = "application/json"
            all["Content-Length"] = "\(body.utf8.count)"
        }
        all.merge(fields) { $1 }
        let lines = all.sorted { $0.key < $1.key }.compactMap { key, value in value.map { "\(key): \($0)\r\n" } }
        return "\(method) \(path) HTTP/1.1\r\n\(lines.joined())\r\n\(body ?? "")"
    }
}

struct Answer {
    var status = 0
    var headers: [String: String] = [:]
    var body: [UInt8] = []
    /// It came to its end.
    var isWhole = false
    var text: String { String(decoding: self.body, as: UTF8.self) }
    var json: JSON { JSON(text: self.body) ?? .null }
    var kind: String? { self.json["kind"]?.string }
}

/// A socket to the server, and what comes as it comes.
final class RawClient {
    let descriptor: Int32
    private var bytes: [UInt8] = []
    private(set) var isOver = false

    struct NoConnection: Error {}

    init(port: UInt16) throws {
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var time = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(self.descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(self.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw NoConnection() }
    }

    deinit { close(self.descriptor) }

    func send(_ text: String) { self.send(Array(text.utf8)) }
    @discardableResult func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(self.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Whether more came.
    private func more() -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = recv(self.descriptor, &chunk, chunk.count, 0)
        guard count > 0 else {
            self.isOver = true
            return false
        }
        self.bytes += chunk.prefix(count)
        return true
    }

    /// Whether anything comes, or the end, in so many ms.
    func hearsSomething(within time: Int32) -> Bool {
        var one = pollfd(fd: self.descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&one, 1, time) > 0
    }

    /// Text up to and with an end.
    func text(until end: String) -> String {
        let end = Array(end.utf8)
        while true {
            if let range = self.bytes.firstRange(of: end) {
                defer { self.bytes.removeFirst(range.upperBound) }
                return String(decoding: self.bytes[..<range.upperBound], as: UTF8.self)
            }
            guard self.more() else { return "" }
        }
    }

    func head() -> Answer {
        var answer = Answer()
        let lines = self.text(until: "\r\n\r\n").split(separator: "\r\n")
        answer.status = lines.first.flatMap { Int($0.split(separator: " ").dropFirst().first ?? "") } ?? 0
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { answer.headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " }) }
        }
        return answer
    }

    /// The next answer, whole.
    func answer() -> Answer {
        var answer = self.head()
        if let length = answer.headers["content-length"].flatMap({ Int($0) }) {
            answer.body = self.take(length) ?? []
            answer.isWhole = answer.body.count == length
        } else if answer.headers["transfer-encoding"] == "chunked" {
            while let count = Int(self.text(until: "\r\n").dropLast(), radix: 16), let part = self.take(count + 2) {
                answer.body += part.dropLast(2)
                if count == 0 {
                    answer.isWhole = true
                    break
                }
            }
        } else {
            answer.isWhole = answer.status > 0
        }
        return answer
    }

    func take(_ count: Int) -> [UInt8]? {
        while self.bytes.count < count { guard self.more() else { return nil } }
        defer { self.bytes.removeFirst(count) }
        return Array(self.bytes.prefix(count))
    }

    /// Whether the server closes the connection, whatever it says before.
    var isClosed: Bool {
        while self.more() {}
        return self.isOver
    }
}
