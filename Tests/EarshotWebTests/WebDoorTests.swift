import EarshotControl
import EarshotModel
import Foundation
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Testing

@testable import EarshotWeb

/// What a browser asks and hears, by a real socket.
@Suite(.timeLimit(.minutes(5))) struct WebDoorTests {
    @Test func aLinkLetsABrowserInOnce() async throws {
        let place = try await WebPlace()
        let token = place.token
        let first = try place.ask("POST", "/api/v1/enter", body: #"{"token":"\#(token)"}"#)
        #expect(first.status == 200)
        let cookie = try #require(first.headers["set-cookie"])
        #expect(cookie.contains("; HttpOnly; SameSite=Strict; Path=/"))
        let again = try place.ask("POST", "/api/v1/enter", body: #"{"token":"\#(token)"}"#)
        #expect(again.status == 403 && again.kind == "expiredLink")
        let name = String(cookie.prefix { $0 != ";" })
        place.keys[name] = try #require(first.json["key"]?.string)
        let status = try place.ask("POST", "/api/v1/rpc", cookie: name, body: Self.name)
        #expect(status.status == 200 && status.json["result"]?["name"]?.string == "Anna")
        #expect(try place.ask("POST", "/api/v1/rpc", body: Self.name).status == 401)
        #expect(try place.ask("POST", "/api/v1/rpc", cookie: "\(name)a", body: Self.name).status == 401)
        // Neither the link nor the cookie is on disk, and who is in stays in.
        let kept = try String(contentsOfFile: place.state + "/web.browsers", encoding: .utf8)
        #expect(!kept.contains(name.split(separator: "=")[1]) && !kept.contains(token))
        await place.restart()
        #expect(try place.ask("POST", "/api/v1/rpc", cookie: name, body: Self.name).status == 200)
        try await place.stop()
    }

    /// A browser sends a cookie to every port of this machine. What others on it are sent so does not let them in.
    @Test func aCookieAloneAsksNothing() async throws {
        let place = try await WebPlace()
        let (cookie, other) = (try place.cookie(), try place.cookie())
        let foreign = try #require(place.keys[other])
        for key in [nil, "", "a", foreign, foreign + "a"] as [String?] {
            let answer = try place.ask("POST", "/api/v1/rpc", cookie: cookie, ["X-Earshot-Key": key], body: Self.name)
            #expect(answer.status == 403 && answer.kind == "wrongKey", "\(key ?? "none")")
        }
        let events = try place.ask("GET", "/api/v1/events", cookie: cookie, ["X-Earshot-Key": nil])
        let upload = try place.ask("POST", "/api/v1/uploads", cookie: cookie, ["X-Earshot-Key": nil], body: "{}")
        #expect(events.kind == "wrongKey" && upload.kind == "wrongKey")
        // An element of the page has no key; it names a transfer by its whole id, which nobody guesses.
        let id = EnvelopeID(hash: .zero).description
        let none: [String: String?] = ["X-Earshot-Key": nil]
        let part = try place.ask("GET", "/api/v1/transfers/\(id.prefix(8))/files/0", cookie: cookie, none)
        let whole = try place.ask("GET", "/api/v1/transfers/\(id)/files/0", cookie: cookie, none)
        #expect(part.kind == "wrongKey" && whole.kind != "wrongKey")
        try await place.stop()
    }

    private static let name = #"{"jsonrpc":"2.0","id":"a","method":"name.get"}"#

    @Test func aLinkIsGoodForAMinuteAndAnotherOneEachTime() {
        var visitors = Visitors(browsers: [:], key: Secret("key").hash)
        let (one, other, cookie) = (Secret.random(), Secret.random(), Secret.random())
        #expect(one.text != other.text && one.text.utf8.count == 52)
        visitors.expect(one, at: 1_000)
        visitors.expect(other, at: 1_000)
        let late = visitors.enter(one.text, as: cookie, at: 1_000 + Visitors.linkLifetime, wall: 0)
        #expect(!late)
        let inTime = visitors.enter(other.text, as: cookie, at: 999 + Visitors.linkLifetime, wall: 5)
        #expect(inTime)
        let guess = visitors.enter("", as: cookie, at: 0, wall: 0)
        #expect(!guess)
        let isIn = visitors.admits(cookie: cookie.text, wall: 5 + Visitors.browserLifetime).isIn
        #expect(isIn)
        let isOut = visitors.admits(cookie: cookie.text, wall: 6 + 2 * Visitors.browserLifetime).isIn
        #expect(!isOut)
        #expect(visitors.admits(key: "key") && !visitors.admits(key: "kez"))
    }

    @Test func onlyTheNamesOfThisMachineLeadHere() async throws {
        let place = try await WebPlace()
        let cookie = try place.cookie()
        for host in ["evil.example", "evil.example:\(place.port)", "127.0.0.1", "localhost", "127.0.0.1:1", ""] {
            let answer = try place.ask("GET", "/", cookie: cookie, ["Host": host])
            #expect(answer.status == 421 && answer.kind == "wrongHost", "\(host)")
        }
        #expect(try place.ask("GET", "/", ["Host": nil]).status == 421)
        let client = try RawClient(port: place.port)
        client.send("GET / HTTP/1.1\r\nHost: 127.0.0.1:\(place.port)\r\nHost: evil.example\r\n\r\n")
        #expect([400, 421].contains(client.answer().status))
        for host in ["localhost:\(place.port)", "[::1]:\(place.port)"] {
            #expect(try place.ask("GET", "/", ["Host": host]).status == 200)
        }
        try await place.stop()
    }

    @Test func otherPagesCannotAsk() async throws {
        let place = try await WebPlace()
        let cookie = try place.cookie()
        let origins: [String?] = [
            nil, "null", "http://evil.example", "http://127.0.0.1", "http://127.0.0.1:1",
            "https://127.0.0.1:\(place.port)",
            "http://localhost:\(place.port)",
        ]
        for origin in origins {
            let answer = try place.ask("POST", "/api/v1/rpc", cookie: cookie, ["Origin": origin], body: Self.name)
            #expect(answer.status == 403 && answer.kind == "wrongOrigin", "\(origin ?? "none")")
        }
        for site in ["cross-site", "same-site"] {
            let answer = try place.ask("GET", "/api/v1/events", cookie: cookie, ["Sec-Fetch-Site": site])
            #expect(answer.status == 403)
        }
        // A form of another page has one of three types, none of which is taken.
        for type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", nil] {
            let answer = try place.ask("POST", "/api/v1/rpc", cookie: cookie, ["Content-Type": type], body: Self.name)
            #expect(answer.status == 415, "\(type ?? "none")")
        }
        #expect(place.door.state.withLockedValue { $0.asked }.isEmpty)
        try await place.stop()
    }

    @Test func aProgramShowsItsKey() async throws {
        let place = try await WebPlace()
        let fields = ["Authorization": "Bearer \(place.key)", "Origin": nil]
        #expect(try place.ask("POST", "/api/v1/rpc", fields, body: Self.name).status == 200)
        let wrong = ["Authorization": "Bearer \(place.key)a", "Origin": nil]
        #expect(try place.ask("POST", "/api/v1/rpc", wrong, body: Self.name).status == 401)
        let foreign = ["Authorization": "Bearer \(place.key)", "Origin": "http://evil.example"]
        #expect(try place.ask("POST", "/api/v1/rpc", foreign, body: Self.name).status == 403)
        let mode = try FileManager.default.attributesOfItem(atPath: place.state + "/web.key")[.posixPermissions]
        #expect(mode as? Int == 0o600)
        try await place.stop()
    }

    @Test func thePageAndNothingElseIsServed() async throws {
        let place = try await WebPlace()
        let page = try place.ask("GET", "/")
        #expect(page.status == 200 && page.headers["content-type"] == "text/html; charset=utf-8")
        #expect(page.headers["content-security-policy"]?.contains("default-src 'none'; script-src 'self'") ?? false)
        #expect(page.headers["x-content-type-options"] == "nosniff" && page.headers["referrer-policy"] == "no-referrer")
        let tag = try #require(page.headers["etag"])
        #expect(try place.ask("GET", "/index.html", ["If-None-Match": tag]).status == 304)
        for path in [
            "/..", "/../web.key", "/%2e%2e/web.key", "/index.html%00.js", "//index.html", "/index.html/", "/nothing.js",
            "/Page/index.html", "/./index.html",
        ] {
            #expect(try place.ask("GET", path).status == 404, "\(path)")
        }
        #expect(try place.ask("GET", "http://127.0.0.1:\(place.port)/").status == 400)
        #expect(try place.ask("POST", "/", body: "{}").status == 405)
        #expect(try place.ask("GET", "/api/v1/check").json["ok"]?.bool ?? false)
        #expect(try place.ask("GET", "/api/v2/check").status == 404)
        try await place.stop()
    }

    @Test func everyFileOfThePageIsInTheTable() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources/EarshotPage/Page")
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { name in
            var isFolder: ObjCBool = false
            FileManager.default.fileExists(atPath: folder.path + "/" + name, isDirectory: &isFolder)
            return !isFolder.boolValue && !name.hasSuffix(".md")
                && !name.split(separator: "/").contains { $0.hasPrefix(".") }
        }
        #expect(Set(names) == PageFiles.paths, "scripts/page.py writes the table anew")
        let files = PageFiles()
        for name in names {
            let bytes = try Data(contentsOf: folder.appendingPathComponent(name))
            #expect(files.file("/" + name)?.bytes == Array(bytes), "\(name)")
        }
    }

    @Test func theDoorAnswersAsOnTheSocket() async throws {
        let place = try await WebPlace()
        let cookie = try place.cookie()
        func rpc(_ body: String) throws -> Answer { try place.ask("POST", "/api/v1/rpc", cookie: cookie, body: body) }
        let batch = try rpc("[\(Self.name),\n {\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"no\"}]")
        #expect(batch.json.array?.count == 2 && batch.isWhole)
        #expect(try rpc(#"{"jsonrpc":"2.0","method":"name.get"}"#).status == 204)
        #expect(try rpc("{").json["error"]?["code"]?.integer == -32_700)
        // A list comes piece by piece, and one that breaks off does not look whole.
        let list = try rpc(#"{"jsonrpc":"2.0","id":1,"method":"history","params":{"who":"bob"}}"#)
        #expect(list.json["result"]?.array?.count == 30)
        let torn = try rpc(#"{"jsonrpc":"2.0","id":1,"method":"search","params":{"query":"x"}}"#)
        #expect(!torn.isWhole)
        // Several on one connection.
        let client = try RawClient(port: place.port)
        for _ in 0..<3 {
            client.send(place.request("POST", "/api/v1/rpc", cookie: cookie, body: Self.name))
            #expect(client.answer().json["id"]?.string == "a")
        }
        try await place.stop()
    }

    @Test func eventsAreStreamedAndAskedBeside() async throws {
        let place = try await WebPlace()
        let cookie = try place.cookie()
        let client = try RawClient(port: place.port)
        client.send(place.request("GET", "/api/v1/events", cookie: cookie))
        let head = client.head()
        #expect(head.status == 200 && head.headers["content-type"] == "text/event-stream")
        _ = client.text(until: "event: stream\nid: 7\ndata: ")
        let first = JSON(text: client.text(until: "\n").dropLast().utf8)
        let stream = try #require(first?["stream"]?.string)
        #expect(first?["cursor"]?.integer == 7)
        let caller = try #require(
            place.door.state.withLockedValue { $0.asked.first { $0.1 == "subscribe" }?.0 })
        // What holds for its connection is done in the name of the stream; nobody else can use its name.
        let fields = ["Earshot-Stream": stream]
        #expect(try place.ask("POST", "/api/v1/rpc", cookie: cookie, fields, body: Self.name).status == 200)
        #expect(place.door.state.withLockedValue { $0.asked.last?.0 } == caller)
        let other = try place.cookie()
        #expect(try place.ask("POST", "/api/v1/rpc", cookie: other, fields, body: Self.name).status == 404)
        let tell = try #require(place.door.state.withLockedValue { $0.news[caller] })
        let loop = place.group.any()
        let isTaken = try await loop.submit { tell(FakeDoor.event(9, 4)) }.get()
        #expect(isTaken)
        _ = client.text(until: "id: 9.4\ndata: ")
        #expect(JSON(text: client.text(until: "\n").dropLast().utf8)?["message"]?["fromName"]?.string == "Bob")
        // Who takes nothing is told later, not less, and holds up nobody.
        var told = 0
        while try await loop.submit({ tell(FakeDoor.event(10, 5)) }).get() {
            told += 1
            #expect(told < 20_000)
            guard told < 20_000 else { break }
        }
        while client.take(65_536) != nil, told > 200 { told -= 60 }
        let isAskedAgain = await place.door.change("resume \(caller.raw)")
        #expect(isAskedAgain)
        // Who asks in its name waits no longer than it is there.
        let waiting = try RawClient(port: place.port)
        let send = #"{"jsonrpc":"2.0","id":1,"method":"send","params":{"to":["bob"],"text":"x"}}"#
        waiting.send(place.request("POST", "/api/v1/rpc", cookie: cookie, fields, body: send))
        shutdown(client.descriptor, Int32(SHUT_RDWR))
        let hasLeft = await place.door.change("leave \(caller.raw)")
        #expect(hasLeft)
        #expect(waiting.isClosed)
        try await place.stop()
    }

    /// A commit may hold several events, and a connection may break between them. What passes is told whenever it
    /// passes, and says nothing of what was kept before it.
    @Test func whoComesBackGoesOnWithinACommit() async throws {
        let place = try await WebPlace()
        let cookie = try place.cookie()
        let client = try RawClient(port: place.port)
        client.send(place.request("GET", "/api/v1/events", cookie: cookie, ["Last-Event-ID": "7.4"]))
        // It breaks off again before there is any event: they are still where they were.
        #expect(client.text(until: "data: ").hasSuffix("event: stream\nid: 7.4\ndata: "))
        _ = client.text(until: "\n\n")
        let tell = try #require(place.door.state.withLockedValue { $0.news.max { $0.key.raw < $1.key.raw }?.value })
        _ = try await place.group.any().submit {
            _ = tell(FakeDoor.event(7, 5))
            _ = tell(DoorEvent(EventView(cursor: 8, .peer(FakeDoor.person))))
            _ = tell(FakeDoor.event(7, 6))
        }.get()
        let ids = (0..<3).map { _ in
            client.text(until: "\n\n").split(whereSeparator: \.isNewline).first { $0.hasPrefix("id: ") }
        }
        #expect(ids == ["id: 7.5", nil, "id: 7.6"])
        let later = try RawClient(port: place.port)
        let person = FakeDoor.person.person
        later.send(place.request("GET", "/api/v1/events?since=9.\(person)", cookie: cookie))
        // The node is not so far (it was put back to an older state), and says how far it is.
        #expect(later.text(until: "data: ").hasSuffix("event: stream\nid: 7\ndata: "))
        let asked = place.door.state.withLockedValue { $0.places }
        #expect(asked == [EventPlace(7, .message(4)), EventPlace(9, .person(person))])
        for wrong in [
            "", "x", "7.", ".4", "-1", "7.4.4", "7.\(person)a", "99999999999999999999", "7.99999999999999999999",
        ] {
            let answer = try place.ask("GET", "/api/v1/events", cookie: cookie, ["Last-Event-ID": wrong])
            #expect(answer.status == 400, "\(wrong)")
        }
        try await place.stop()
    }
}
