import EarshotControl
import Foundation
import Glibc
import Testing

/// What does not go with the rest, and what is called otherwise: named at both ends, between whole nodes.
@Suite(.timeLimit(.minutes(5))) struct ExceptionsTests {
    typealias Running = TwoNodesTests.Running

    let anna: Running
    let bob: Running
    let here: FilesTests.Place
    let there: FilesTests.Place

    init() async throws {
        (self.anna, self.bob) = try await TwoNodesTests().friends()
        self.here = try FilesTests.Place()
        self.there = try FilesTests.Place()
    }

    private func offer(_ names: [String], to persons: [String] = ["bob"]) async throws -> JSON {
        try await self.anna.ask(
            Methods.Offer(to: persons, paths: names.map { self.here.path + "/" + $0 }))
    }

    private func take(_ node: Running, into folder: String) async throws -> JSON {
        let offer = try #require(await node.event { $0["event"]?.string == "offer" }?["transfer"])
        _ = try await node.ask(Methods.AcceptTransfer(id: try #require(offer["id"]?.string), into: folder))
        return try await self.end(offer["id"], node)
    }

    private func end(_ id: JSON?, _ node: Running) async throws -> JSON {
        try #require(
            await node.event {
                $0["transfer"]?["id"] == id
                    && ["complete", "failed", "declined", "cancelled"].contains($0["transfer"]?["state"]?.string ?? "")
            }?["transfer"])
    }

    private func stop() async {
        await self.anna.stop()
        await self.bob.stop()
        for node in [self.anna, self.bob] { try? FileManager.default.removeItem(atPath: node.state) }
    }

    private func paths(_ transfer: JSON) -> [String] {
        (transfer["notSent"]?.array ?? []).compactMap { $0["path"]?.string }
    }

    @Test func whatVanishesAfterTheOfferIsNamedAndTheRestGoes() async throws {
        var files: [String: Data] = [:]
        for index in 0..<300 { files["t/\(index)"] = FilesTests.random(index * 11) }
        for (name, data) in files { try self.here.file(name, data) }
        symlink("/etc/passwd", self.here.path + "/t/link")
        let sent = try await self.offer(["t", "nowhere"])
        #expect(
            self.paths(sent.array?.first ?? .null) == ["t/link", "nowhere"]
                && sent.array?.first?["notSentCount"]?.integer == 2)
        // Gone, changed, and empty no more: in the middle, the first and the last.
        for name in ["t/0", "t/150", "t/99"] { unlink(self.here.path + "/" + name) }
        try self.here.file("t/10", FilesTests.random(5))
        let done = try await self.take(self.bob, into: self.there.path)
        let gone: Set = ["t/0", "t/150", "t/99", "t/10"]
        #expect(
            done["state"]?.string == "complete" && Set(self.paths(done)) == gone.union(["t/link", "nowhere"])
                && done["notSentCount"]?.integer == 6)
        for (name, data) in files { #expect(self.there.read(name) == (gone.contains(name) ? nil : data), "\(name)") }
        let known = try await self.end(done["id"], self.anna)
        #expect(
            known["state"]?.string == "complete" && Set(self.paths(known)) == gone.union(["t/link", "nowhere"])
                && known["notSentCount"]?.integer == 6)
        await self.stop()
    }

    /// Offered to two, each chunk has its proof; a chunk with a hole in it has none, and comes from its author all the
    /// same.
    @Test func whatVanishesIsLeftOutForEverybody() async throws {
        let cleo = try await Running("Cleo")
        _ = try await self.anna.ask(Methods.AddPeer("127.0.0.1:\(cleo.port)"))
        _ = await self.anna.event { $0["event"]?.string == "peer" && $0["peer"]?["name"]?.string == "Cleo" }
        _ = await cleo.event { $0["event"]?.string == "peer" }
        _ = try await self.anna.ask(Methods.Accept("cleo"))
        _ = try await cleo.ask(Methods.Accept("anna"))
        let files: [String: Data] = [
            "t/a": FilesTests.random(9_000_000), "t/b": FilesTests.random(700_000),
            "t/c": FilesTests.random(10_000_000), "t/d": FilesTests.random(100),
        ]
        for (name, data) in files { try self.here.file(name, data) }
        _ = try await self.offer(["t"], to: ["bob", "cleo"])
        try self.here.file("t/b", FilesTests.random(700_000))
        let places = [try FilesTests.Place(), try FilesTests.Place()]
        for (node, place) in zip([self.bob, cleo], places) {
            let done = try await self.take(node, into: place.path)
            #expect(done["state"]?.string == "complete" && self.paths(done) == ["t/b"])
            for (name, data) in files { #expect(place.read(name) == (name == "t/b" ? nil : data), "\(name)") }
        }
        await cleo.stop()
        await self.stop()
    }

    @Test func whereNothingIsLeftNothingIsComplete() async throws {
        try self.here.file("t/a", Data("a".utf8))
        try self.here.file("t/b", Data("b".utf8))
        _ = try await self.offer(["t"])
        try FileManager.default.removeItem(atPath: self.here.path + "/t")
        let end = try await self.take(self.bob, into: self.there.path)
        #expect(end["state"]?.string == "failed" && end["reason"]?.string?.contains("changed") == true)
        await self.stop()
    }

    @Test func whatIsCalledOtherwiseIsToldAtBothEnds() async throws {
        for name in ["-rf", "t/.git/config", "t/12:30.log", "t/A", "t/a", "t/tab\tend", "t/e\u{301}", "t/\u{E9}"] {
            try self.here.file(name, Data(name.utf8))
        }
        utimensat(
            AT_FDCWD, self.here.path + "/t/A",
            [timespec(tv_sec: -1_000_000, tv_nsec: 5_000_000), timespec(tv_sec: -1_000_000, tv_nsec: 5_000_000)], 0)
        _ = try await self.offer(["-rf", "t"])
        let done = try await self.take(self.bob, into: self.there.path)
        let known = try await self.end(done["id"], self.anna)
        let wanted = ["-rf": "_rf", "t/tab\\u{9}end": "t/tabend", "t/\u{E9}": "t/\u{E9} (2)"]
        for transfer in [done, known] {
            let pairs = (transfer["renamed"]?.array ?? []).compactMap { one in
                one["from"]?.string.map { ($0, one["to"]?.string ?? "") }
            }
            #expect(
                Dictionary(pairs, uniquingKeysWith: { first, _ in first }) == wanted
                    && transfer["renamedCount"]?.integer == 3, "\(pairs)")
        }
        for name in ["_rf", "t/.git/config", "t/12:30.log", "t/A", "t/a", "t/tabend"] {
            #expect(self.there.read(name) != nil, "\(name)")
        }
        var status = stat()
        #expect(
            stat(self.there.path + "/t/A", &status) == 0 && status.st_mtim.tv_sec == -1_000_000
                && status.st_mtim.tv_nsec == 5_000_000)
        await self.stop()
    }

    @Test func aPipeThatSaysNothingIsAnEmptyFile() async throws {
        let path = self.anna.state + "/spool/in.test"
        close(open(path, O_WRONLY | O_CREAT, 0o600))
        let sent = try await self.anna.ask(Methods.OpenOffer(to: ["bob"], path: AbsolutePath(path), name: "nothing"))
        _ = try await self.anna.ask(
            Methods.GrowOffer(share: try #require(sent.array?.first?["share"]?.string), size: 0, open: false))
        #expect(try await self.take(self.bob, into: self.there.path)["state"]?.string == "complete")
        #expect(self.there.read("nothing") == Data())
        await self.stop()
    }
}
