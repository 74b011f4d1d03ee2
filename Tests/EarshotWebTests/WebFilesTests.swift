import EarshotControl
import Foundation
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import EarshotWeb

/// Files that browsers bring and take.
@Suite(.timeLimit(.minutes(5))) struct WebFilesTests {
    private func put(
        _ place: WebPlace, _ cookie: String, _ path: String, _ bytes: [UInt8], length: String? = nil
    ) throws -> Answer {
        let client = try RawClient(port: place.port)
        let fields = [
            "Content-Type": "application/octet-stream", "Content-Length": length ?? "\(bytes.count)",
        ]
        client.send(place.request("PUT", path, cookie: cookie, fields))
        client.send(bytes)
        return client.answer()
    }

    private func upload(_ place: WebPlace, _ cookie: String) throws -> String {
        let answer = try place.ask("POST", "/api/v1/uploads", cookie: cookie, body: "{}")
        return try #require(answer.json["upload"]?.string)
    }

    @Test func whatIsBroughtLiesInTheSpool() async throws {
        let place = try await WebPlace()
        let cookie = try place.cookie()
        let id = try self.upload(place, cookie)
        let bytes = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 8) }
        let answer = try self.put(place, cookie, "/api/v1/uploads/\(id)/Photos/caf%C3%A9%20%2523.bin", bytes)
        #expect(answer.status == 200)
        let path = try #require(answer.json["path"]?.string)
        #expect(path == "\(place.state)/spool/up.\(id)/Photos")
        #expect(try Array(Data(contentsOf: URL(fileURLWithPath: path + "/café %23.bin"))) == bytes)
        #expect(try self.put(place, cookie, "/api/v1/uploads/\(id)/empty", []).status == 200)
        let twice = try self.put(place, cookie, "/api/v1/uploads/\(id)/empty", [1])
        #expect(twice.status == 409 && twice.kind == "nameTaken")
        #expect(try place.ask("DELETE", "/api/v1/uploads/\(id)", cookie: cookie).status == 204)
        #expect(try self.put(place, cookie, "/api/v1/uploads/\(id)/late", [1]).status == 404)
        try await place.stop()
    }

    @Test func whatIsNotOfferedGoes() async throws {
        var limits = WebLimits()
        limits.upload = .milliseconds(200)
        let place = try await WebPlace(limits: limits)
        let cookie = try place.cookie()
        let offered = try self.upload(place, cookie)
        place.server.offered("\(place.state)/spool/up.\(offered)/a")
        let other = try self.upload(place, cookie)
        var dropped = place.dropped.stream.makeAsyncIterator()
        // The first would have gone before the second.
        #expect(await dropped.next() == "\(place.state)/spool/up.\(other)")
        #expect(FileManager.default.fileExists(atPath: "\(place.state)/spool/up.\(offered)"))
        #expect(try self.put(place, cookie, "/api/v1/uploads/\(other)/late", [1]).status == 404)
        #expect(try place.ask("DELETE", "/api/v1/uploads/\(offered)", cookie: cookie).status == 404)
        try await place.stop()
    }

    @Test func uploadsTogetherAreBounded() async throws {
        var limits = WebLimits()
        limits.uploads = 1_000
        let place = try await WebPlace(limits: limits)
        let cookie = try place.cookie()
        let (one, other) = (try self.upload(place, cookie), try self.upload(place, cookie))
        let much = Array(repeating: UInt8(1), count: 600)
        func put(_ id: String, _ name: String) throws -> Answer {
            try self.put(place, cookie, "/api/v1/uploads/\(id)/\(name)", much)
        }
        #expect(try put(one, "a").status == 200)
        let tooMuch = try put(other, "b")
        #expect(tooMuch.status == 507 && tooMuch.kind == "diskFull")
        // What is taken back makes room, and what is offered.
        #expect(try place.ask("DELETE", "/api/v1/uploads/\(one)", cookie: cookie).status == 204)
        #expect(try put(other, "b").status == 200)
        let third = try self.upload(place, cookie)
        #expect(try put(third, "c").status == 507)
        place.server.offered("\(place.state)/spool/up.\(other)/b")
        #expect(try put(third, "c").status == 200)
        try await place.stop()
    }

    /// Each of two files has room, and both together have not.
    @Test func filesThatComeTogetherShareTheDisk() {
        let room = SpoolRoom { _ in 100 << 20 }
        #expect(room.claim(20 << 20, in: "/"))
        #expect(!room.claim(20 << 20, in: "/"))
        #expect(!room.claim(.max, in: "/"))
        room.release(10 << 20)
        #expect(room.claim(20 << 20, in: "/"))
        room.release(.max)
        #expect(room.claim(36 << 20, in: "/"))
        #expect(SpoolRoom { _ in nil }.claim(1 << 40, in: "/"))
    }

    @Test func noNameLeadsOutOfAnUpload() async throws {
        let place = try await WebPlace()
        let cookie = try place.cookie()
        let id = try self.upload(place, cookie)
        for name in [
            "..", "a/../../b", "%2e%2e/b", "%2E%2E%2Fb", "a%2Fb", "a%00b", "a//b", "/etc/passwd", "", ".", "a/.", "%ff",
            "%",
            "%0a", "a%7f", String(repeating: "a", count: 256), String(repeating: "a/", count: 70) + "a",
        ] {
            let answer = try self.put(place, cookie, "/api/v1/uploads/\(id)/\(name)", [1])
            #expect([400, 404, 405].contains(answer.status), "\(name): \(answer.status)")
        }
        #expect(try self.put(place, cookie, "/api/v1/uploads/../\(id)/b", [1]).status == 404)
        // A link that somebody put there is not followed.
        let folder = "\(place.state)/spool/up.\(id)"
        try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: place.state)
        #expect(try self.put(place, cookie, "/api/v1/uploads/\(id)/link/b", [1]).status == 409)
        #expect(try self.put(place, cookie, "/api/v1/uploads/\(id)/link", [1]).status == 409)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["link"])
        #expect(!FileManager.default.fileExists(atPath: place.state + "/b"))
        try await place.stop()
    }

    @Test func whatIsTooMuchIsRefusedBeforeItComes() async throws {
        let place = try await WebPlace()
        let cookie = try place.cookie()
        let id = try self.upload(place, cookie)
        let path = "/api/v1/uploads/\(id)/big"
        for length in ["9223372036854775807", "18446744073709551615", "4611686018427387904"] {
            let answer = try self.put(place, cookie, path, [1, 2, 3], length: length)
            #expect([507, 400].contains(answer.status), "\(length): \(answer.status)")
        }
        #expect(try self.put(place, cookie, path, [], length: "-1").status == 400)
        let chunked = try RawClient(port: place.port)
        let fields = ["Content-Type": "application/octet-stream", "Transfer-Encoding": "chunked"]
        chunked.send(place.request("PUT", path, cookie: cookie, fields) + "1\r\nx\r\n0\r\n\r\n")
        #expect(chunked.answer().status == 411)
        // Whoever breaks off leaves nothing.
        let client = try RawClient(port: place.port)
        let begun = ["Content-Type": "application/octet-stream", "Content-Length": "1000"]
        client.send(place.request("PUT", path, cookie: cookie, begun) + "some")
        shutdown(client.descriptor, Int32(SHUT_WR))
        #expect(client.isClosed)
        #expect(!FileManager.default.fileExists(atPath: "\(place.state)/spool/up.\(id)/big"))
        #expect(try self.put(place, "", path, [1]).status == 401)
        try await place.stop()
    }

    @Test func filesAreTakenWholeOrInPart() async throws {
        let place = try await WebPlace()
        let cookie = try place.cookie()
        let png = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + [UInt8](repeating: 7, count: 600_000)
        let (picture, page) = (place.state + "/Überraschung \"1\".png", place.state + "/page.png")
        try Data(png).write(to: URL(fileURLWithPath: picture))
        try Data("<svg onload=alert(1)>".utf8).write(to: URL(fileURLWithPath: page))
        place.door.state.withLockedValue {
            $0.files = [picture, page, place.state, "/dev/zero", place.state + "/gone"]
        }
        func get(_ index: Int, _ fields: [String: String?] = [:], query: String = "") throws -> Answer {
            try place.ask("GET", "/api/v1/transfers/abcd/files/\(index)\(query)", cookie: cookie, fields)
        }
        let whole = try get(0)
        #expect(whole.status == 200 && whole.body == png && whole.headers["content-type"] == "application/octet-stream")
        #expect(whole.headers["content-disposition"] == "attachment; filename*=UTF-8''%C3%9Cberraschung%20%221%22.png")
        #expect(whole.headers["content-security-policy"]?.hasPrefix("sandbox") ?? false)
        let shown = try get(0, query: "?inline=1")
        #expect(
            shown.headers["content-type"] == "image/png"
                && shown.headers["content-disposition"]?.hasPrefix("inline") ?? false)
        // What a file is called says nothing.
        let svg = try get(1, query: "?inline=1")
        #expect(svg.headers["content-disposition"]?.hasPrefix("attachment") ?? false)
        let part = try get(0, ["Range": "bytes=1-3"])
        #expect(part.status == 206 && part.body == Array(png[1...3]))
        #expect(part.headers["content-range"] == "bytes 1-3/\(png.count)")
        let tag = try #require(whole.headers["etag"])
        #expect(try get(0, ["If-None-Match": tag]).status == 304)
        #expect(try get(0, ["Range": "bytes=1-3", "If-Range": "\"other\""]).status == 200)
        let many = "bytes=" + Array(repeating: "0-1", count: 500).joined(separator: ",")
        #expect(try get(0, ["Range": many]).body.count == png.count)
        let none = try get(0, ["Range": "bytes=99999999-"])
        #expect(none.status == 416 && none.headers["content-range"] == "bytes */\(png.count)")
        for index in 2...5 { #expect(try get(index).status == 404, "\(index)") }
        for index in ["-1", "0x0", "1e9", "..", "99999999999999999999"] {
            #expect(try place.ask("GET", "/api/v1/transfers/abcd/files/\(index)", cookie: cookie).status == 404)
        }
        #expect(try place.ask("GET", "/api/v1/transfers/..%2f/files/0", cookie: cookie).status == 404)
        try await place.stop()
    }

    @Test(arguments: [
        ("bytes=0-0", ByteRange.part(0..<1)), ("bytes=5-", .part(5..<10)), ("bytes=-3", .part(7..<10)),
        ("bytes=-99", .part(0..<10)), ("bytes=2-99999999999999999999999", .part(2..<10)), ("bytes=10-", .none),
        ("bytes=-0", .none), ("bytes=3-2", .whole), ("bytes=-", .whole), ("bytes=a-b", .whole),
        ("bytes=0-1,3-4", .whole),
        ("bytes=+1-2", .whole), ("lines=0-1", .whole), ("bytes= 0-1", .whole), ("", .whole),
    ])
    func rangesAreReadExactly(_ header: String, _ wanted: ByteRange) {
        #expect(ByteRange(header, size: 10) == wanted)
        #expect(ByteRange("bytes=0-", size: 0) == .none)
    }

    @Test func picturesAreFoundByTheirIDs() async throws {
        let place = try await WebPlace()
        let cookie = try place.cookie()
        let picture = try place.ask("GET", "/api/v1/pictures/bob/abcd", cookie: cookie)
        #expect(picture.status == 200 && picture.headers["content-type"] == "image/png" && picture.body.count == 8)
        #expect(picture.headers["cache-control"]?.contains("immutable") ?? false)
        #expect(try place.ask("GET", "/api/v1/pictures/bob/abce", cookie: cookie).status == 404)
        try await place.stop()
    }
}
