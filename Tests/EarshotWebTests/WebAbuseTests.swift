import EarshotControl
import EarshotTesting
import Foundation
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

@testable import EarshotWeb

/// Requests that nobody means well with.
@Suite(.timeLimit(.minutes(5))) struct WebAbuseTests {
    @Test func headsAreBounded() async throws {
        let place = try await WebPlace()
        let host = "Host: 127.0.0.1:\(place.port)\r\n"
        let long = String(repeating: "a", count: 200_000)
        for request in [
            "GET /\(long)", "GET / HTTP/1.1\r\n\(host)X: \(long)", long, "GET / HTTP/1.1\r\n\(long)",
            "GET / HTTP/1.1\r\n" + (0..<5_000).map { "A\($0): b\r\n" }.joined(),
        ] {
            let client = try RawClient(port: place.port)
            client.send(request)
            #expect(client.isClosed)
        }
        // What is no HTTP, or means two things, is not guessed at.
        for request in [
            "\0\0\0\0\r\n\r\n", "GET / HTTP/9.9\r\n\(host)\r\n", "GET /\u{7F} HTTP/1.1\r\n\(host)\r\n",
            "POST /api/v1/enter HTTP/1.1\r\n\(host)Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
            "POST /api/v1/enter HTTP/1.1\r\n\(host)Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "GET / HTTP/1.1\r\n\(host)Content-Length: 3\r\n\r\nabc",
        ] {
            let client = try RawClient(port: place.port)
            client.send(request)
            let answer = client.answer()
            #expect(
                (400..<500).contains(answer.status) || answer.status == 0, "\(request.prefix(30)): \(answer.status)")
            #expect(client.isClosed)
        }
        #expect(try place.ask("GET", "/api/v1/check").status == 200)
        try await place.stop()
    }

    @Test func whatIsSentWithALinkIsBounded() async throws {
        let place = try await WebPlace()
        let body = #"{"token":"\#(String(repeating: "a", count: 100_000))"}"#
        let answer = try place.ask("POST", "/api/v1/enter", body: body)
        #expect(answer.status == 413)
        // A line at the door is as long as on the socket.
        let cookie = try place.cookie()
        let client = try RawClient(port: place.port)
        let fields = ["Content-Type": "application/json", "Content-Length": "\(20 << 20)"]
        client.send(place.request("POST", "/api/v1/rpc", cookie: cookie, fields))
        let chunk = [UInt8](repeating: 0x20, count: 1 << 20)
        for _ in 0..<20 where !client.send(chunk) { break }
        #expect(client.answer().json["error"]?["message"]?.string == "A line has at most 16 MiB.")
        try await place.stop()
    }

    @Test func whoAsksBeforeTheyAreAnsweredIsAnsweredOnce() async throws {
        let place = try await WebPlace()
        let cookie = try place.cookie()
        let one = place.request(
            "POST", "/api/v1/rpc", cookie: cookie, body: #"{"jsonrpc":"2.0","id":1,"method":"name.get"}"#)
        let client = try RawClient(port: place.port)
        client.send(one + one + one)
        #expect(client.answer().status == 200)
        #expect(client.isClosed)
        try await place.stop()
    }

    /// A head that comes byte by byte, a body that stops, a file that stops, and a reader who does not read end.
    @Test func whoIsSlowIsNotWaitedFor() async throws {
        var limits = WebLimits()
        (limits.idle, limits.sending, limits.reading) = (.milliseconds(400), .milliseconds(400), .milliseconds(400))
        limits.file = 1
        let place = try await WebPlace(limits: limits)
        let cookie = try place.cookie()
        let head = try RawClient(port: place.port)
        head.send("GET / HTTP/1.1\r\nX: ")
        // Each byte is in time; all of them together are not.
        while !head.hearsSomething(within: 20), head.send([UInt8(ascii: "a")]) {}
        #expect(head.isClosed)
        let fields = ["Content-Type": "application/json", "Content-Length": "100"]
        let body = try RawClient(port: place.port)
        body.send(place.request("POST", "/api/v1/rpc", cookie: cookie, fields) + "{")
        #expect(body.isClosed)
        let upload = try place.ask("POST", "/api/v1/uploads", cookie: cookie, body: "{}").json["upload"]?.string
        let id = try #require(upload)
        let file = try RawClient(port: place.port)
        let long = ["Content-Type": "application/octet-stream", "Content-Length": "100"]
        file.send(place.request("PUT", "/api/v1/uploads/\(id)/a", cookie: cookie, long) + "some")
        #expect(file.isClosed)
        #expect(!FileManager.default.fileExists(atPath: "\(place.state)/spool/up.\(id)/a"))
        // Of events nobody reads.
        let reader = try RawClient(port: place.port)
        reader.send(place.request("GET", "/api/v1/events", cookie: cookie))
        _ = reader.text(until: "\n\n")
        let (caller, tell) = try #require(
            place.door.state.withLockedValue { $0.news.max { $0.key.raw < $1.key.raw } })
        while try await place.group.any().submit({ tell(FakeDoor.event(9, 1)) }).get() {}
        let hasLeft = await place.door.change("leave \(caller.raw)")
        #expect(hasLeft)
        try await place.stop()
    }

    @Test func connectionsAreBounded() async throws {
        let place = try await WebPlace()
        var clients: [RawClient] = []
        for _ in 0..<WebDesk.mostConnections { clients.append(try RawClient(port: place.port)) }
        // All of them are there before the next is.
        for client in clients {
            client.send(place.request("GET", "/api/v1/check"))
            #expect(client.answer().status == 200)
        }
        let more = try RawClient(port: place.port)
        #expect(more.isClosed)
        try await place.stop()
    }

    /// Every head that the decoder gives us, however it was made, gets in or not without a trap, and never by chance.
    @Test func noHeadGetsInByChance() {
        var random = SeededRandom(seed: 40)
        let gate = Gate(port: 47_448)
        let methods: [HTTPMethod] = [.GET, .POST, .PUT, .DELETE, .OPTIONS, .HEAD, .RAW(value: "X")]
        let paths = [
            "/", "/api/v1/rpc", "/api/v1/events?since=", "/api/v1/uploads/a/", "/api/v1/transfers/a/files/",
            "/api/v1/enter", "*", "",
            "/api/v1/pictures/", "/api/v1/uploads/",
        ]
        let hosts = [
            "127.0.0.1:47448", "localhost:47448", "[::1]:47448", "evil:47448", "127.0.0.1:47448 ", "127.0.0.1",
        ]
        let names = [
            "Origin", "Content-Type", "Content-Length", "Transfer-Encoding", "Cookie", "Authorization",
            "Sec-Fetch-Site",
        ]
        let pieces = Array("abz019%./?=&;-_~ \u{00}\u{7F}\\:é%2f%2e%00")
        func noise(_ random: inout SeededRandom) -> String {
            String(
                (0..<Int.random(in: 0...12, using: &random)).compactMap { _ in pieces.randomElement(using: &random) })
        }
        for _ in 0..<50_000 {
            let path = (paths.randomElement(using: &random) ?? "/") + noise(&random)
            var head = HTTPRequestHead(
                version: .http1_1, method: methods.randomElement(using: &random) ?? .GET, uri: path)
            let host = hosts.randomElement(using: &random) ?? ""
            head.headers.add(name: "Host", value: host)
            if Bool.random(using: &random) { head.headers.add(name: "Origin", value: "http://\(host)") }
            for name in names where Int.random(in: 0..<4, using: &random) == 0 {
                head.headers.add(name: name, value: noise(&random))
            }
            guard let admitted = try? gate.admit(head) else { continue }
            #expect(gate.hosts.contains(host))
            if case .put(_, let names) = admitted.route {
                #expect(
                    names.allSatisfy {
                        !$0.isEmpty && $0 != "." && $0 != ".." && !$0.contains("/") && !$0.contains("\0")
                    })
            }
            if head.method != .GET, case .cookie = admitted.claim {
                #expect(head.headers["origin"] == ["http://\(host)"])
            }
        }
    }
}
