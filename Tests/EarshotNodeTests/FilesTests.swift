import EarshotControl
import Foundation
import Glibc
import Testing

/// Files between two whole nodes in this process, with real sockets and disks.
@Suite(.timeLimit(.minutes(5))) struct FilesTests {
    typealias Running = TwoNodesTests.Running

    /// A folder of its own, gone afterwards.
    final class Place {
        let path = NSTemporaryDirectory() + "ef-" + UUID().uuidString.prefix(8)
        init() throws { try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(atPath: self.path) }

        @discardableResult
        func file(_ name: String, _ bytes: Data) throws -> String {
            let path = "\(self.path)/\(name)"
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try bytes.write(to: URL(fileURLWithPath: path))
            return path
        }

        func read(_ name: String) -> Data? { FileManager.default.contents(atPath: "\(self.path)/\(name)") }
        var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: self.path)) ?? []).sorted() }
    }

    static func random(_ count: Int) -> Data {
        var generator = SystemRandomNumberGenerator()
        var data = Data(capacity: count)
        while data.count < count { withUnsafeBytes(of: generator.next()) { data.append(contentsOf: $0) } }
        return data.prefix(count)
    }

    let anna: Running
    let bob: Running
    let here: Place
    let there: Place

    init() async throws {
        (self.anna, self.bob) = try await TwoNodesTests().friends()
        self.here = try Place()
        self.there = try Place()
    }

    private func offer(_ paths: [String], from: Running, to: String, _ receiver: Running) async throws -> JSON {
        _ = try await from.ask(Methods.Offer(to: [to], paths: paths))
        // What was offered before may be told again, once its listing is there.
        let name = paths.count == 1 ? paths.first?.split(separator: "/").last.map(String.init) : nil
        let told = await receiver.event { event in
            event["event"]?.string == "offer" && (name == nil || event["transfer"]?["name"]?.string == name)
        }
        return try #require(told?["transfer"])
    }

    private func accept(_ offer: JSON, _ receiver: Running, into folder: String) async throws -> JSON {
        _ = try await receiver.ask(Methods.AcceptTransfer(id: try #require(offer["id"]?.string), into: folder))
        return try await self.end(offer, receiver)
    }

    private func end(_ offer: JSON, _ node: Running) async throws -> JSON {
        try #require(
            await node.event {
                $0["transfer"]?["id"] == offer["id"]
                    && ["complete", "failed", "declined", "cancelled"].contains($0["transfer"]?["state"]?.string ?? "")
            }?["transfer"])
    }

    private func stop() async {
        await self.anna.stop()
        await self.bob.stop()
        for node in [self.anna, self.bob] { try? FileManager.default.removeItem(atPath: node.state) }
    }

    @Test(arguments: [true, false]) func filesGoBothWays(annaSends: Bool) async throws {
        // Anna called Bob: one way the receiver calls for the bytes, the other way they have to be called.
        let (giver, taker, name) = annaSends ? (self.anna, self.bob, "bob") : (self.bob, self.anna, "anna")
        let bytes = Self.random(3_000_001)
        let path = try self.here.file("Ünïcode name.dat", bytes)
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1_500_000_000)], ofItemAtPath: path)
        let offer = try await self.offer([path], from: giver, to: name, taker)
        #expect(
            offer["size"]?.integer == 3_000_001 && offer["state"]?.string == "offered"
                && offer["direction"]?.string == "in")
        #expect(self.there.names.isEmpty, "nothing before a yes")
        let done = try await self.accept(offer, taker, into: self.there.path)
        #expect(
            done["state"]?.string == "complete" && done["files"] == [.string(self.there.path + "/Ünïcode name.dat")])
        #expect(self.there.read("Ünïcode name.dat") == bytes && self.there.names == ["Ünïcode name.dat"])
        let modified =
            try FileManager.default.attributesOfItem(atPath: self.there.path + "/Ünïcode name.dat")[.modificationDate]
            as? Date
        #expect(modified == Date(timeIntervalSince1970: 1_500_000_000))
        #expect(try await self.end(offer, giver)["state"]?.string == "complete")
        await self.stop()
    }

    @Test func foldersKeepTheirTree() async throws {
        var sizes: [String: Data] = [
            "a/empty": Data(), "a/b/c/deep.txt": Data("deep".utf8), "z.dat": Self.random(300_000),
        ]
        for index in 0..<200 { sizes["many/\(index)"] = Self.random(index * 7) }
        for (name, data) in sizes { try self.here.file("trip/" + name, data) }
        try FileManager.default.createDirectory(
            atPath: self.here.path + "/trip/nothing/in/it", withIntermediateDirectories: true)
        symlink("/etc/passwd", self.here.path + "/trip/link")
        let single = try self.here.file("single.txt", Data("one".utf8))
        let sent = try await self.anna.ask(
            Methods.Offer(to: ["bob"], paths: [self.here.path + "/trip", single]))
        #expect(
            sent.array?.first?["notSent"]?.array?.first?["path"]?.string == "trip/link",
            "a link is not sent, and that is said")
        let offer = try #require(await self.bob.event { $0["event"]?.string == "offer" }?["transfer"])
        #expect(offer["tops"]?.integer == 2 && offer["count"]?.integer == Int64(sizes.count + 1))
        try self.there.file("trip", Data("was here".utf8))
        let done = try await self.accept(offer, self.bob, into: self.there.path)
        #expect(done["state"]?.string == "complete")
        #expect(self.there.names == ["single.txt", "trip", "trip (2)"], "nothing is replaced")
        #expect(self.there.read("trip") == Data("was here".utf8))
        for (name, data) in sizes { #expect(self.there.read("trip (2)/" + name) == data, "\(name)") }
        var isFolder: ObjCBool = false
        #expect(
            FileManager.default.fileExists(atPath: self.there.path + "/trip (2)/nothing/in/it", isDirectory: &isFolder)
                && isFolder.boolValue)
        await self.stop()
    }

    @Test func noIsNoAndTakenBackIsTakenBack() async throws {
        let path = try self.here.file("plan.txt", Data("plan".utf8))
        let first = try await self.offer([path], from: self.anna, to: "bob", self.bob)
        _ = try await self.bob.ask(Methods.DeclineTransfer(try #require(first["id"]?.string)))
        #expect(try await self.end(first, self.anna)["state"]?.string == "declined")
        let second = try await self.offer([path], from: self.anna, to: "bob", self.bob)
        _ = try await self.anna.ask(Methods.CancelTransfer(try #require(second["id"]?.string)))
        #expect(try await self.end(second, self.bob)["state"]?.string == "cancelled")
        let refusal = await #expect(throws: DoorError.self) {
            try await self.bob.ask(Methods.AcceptTransfer(id: second["id"]?.string ?? "", into: self.there.path))
        }
        #expect(refusal?.message.contains("cancelled") == true, "it says how it ended")
        #expect(self.there.names.isEmpty)
        await self.stop()
    }

    /// What a browser brought lies in a folder of the spool, which stays until nothing that is offered needs it.
    @Test(.timeLimit(.minutes(5))) func anUploadGoesWhenItsTransfersHaveEnded() async throws {
        let folder = "\(self.anna.state)/spool/up.abcd"
        try FileManager.default.createDirectory(atPath: folder + "/trip", withIntermediateDirectories: true)
        for name in ["trip/a.txt", "b.txt"] {
            try Data("mine".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        }
        let first = try await self.offer([folder + "/trip"], from: self.anna, to: "bob", self.bob)
        let second = try await self.offer([folder + "/b.txt"], from: self.anna, to: "bob", self.bob)
        let files = try await self.anna.ask(Methods.TransferFiles(try #require(second["id"]?.string)))
        #expect(files.array?.map { $0["path"]?.string } == [folder + "/b.txt"])
        _ = try await self.accept(first, self.bob, into: self.there.path)
        #expect(self.there.read("trip/a.txt") == Data("mine".utf8))
        _ = try await self.end(first, self.anna)
        #expect(FileManager.default.fileExists(atPath: folder + "/b.txt"), "the second is still offered")
        _ = try await self.bob.ask(Methods.DeclineTransfer(try #require(second["id"]?.string)))
        _ = try await self.end(second, self.anna)
        // It is removed beside the loop.
        while FileManager.default.fileExists(atPath: folder) { await Task.yield() }
        await self.stop()
    }

    /// What is piped lies in the spool and is removed when it is over; what a path merely leads to through it is
    /// somebody's own.
    @Test func onlyWhatLiesInTheSpoolIsRemoved() async throws {
        let precious = "\(self.anna.state)/precious"
        try Data("mine".utf8).write(to: URL(fileURLWithPath: precious))
        let offer = try await self.offer(["\(self.anna.state)/spool/../precious"], from: self.anna, to: "bob", self.bob)
        _ = try await self.anna.ask(Methods.CancelTransfer(try #require(offer["id"]?.string)))
        #expect(try await self.end(offer, self.bob)["state"]?.string == "cancelled")
        _ = try await self.anna.ask(Methods.Status())
        #expect(FileManager.default.contents(atPath: precious) == Data("mine".utf8))
        await self.stop()
    }

    @Test func aChangedSourceIsNoticed() async throws {
        let path = try self.here.file("plan.txt", Data("plan".utf8))
        let offer = try await self.offer([path], from: self.anna, to: "bob", self.bob)
        try self.here.file("plan.txt", Data("another plan".utf8))
        let end = try await self.accept(offer, self.bob, into: self.there.path)
        #expect(end["state"]?.string == "failed" && end["reason"]?.string?.contains("changed") == true)
        #expect(self.there.names.filter { !$0.hasPrefix(".") }.isEmpty)
        await self.stop()
    }

    @Test func itGoesOnWhereItStopped() async throws {
        let bytes = Self.random(12_000_000)
        let path = try self.here.file("big.iso", bytes)
        // Slow enough to be stopped in the middle.
        _ = try await self.anna.ask(Methods.SetSetting(key: "files.rate", value: "1M"))
        let offer = try await self.offer([path], from: self.anna, to: "bob", self.bob)
        let id = try #require(offer["id"]?.string)
        _ = try await self.bob.ask(Methods.AcceptTransfer(id: id, into: self.there.path))
        _ = await self.bob.event { $0["transfer"]?["have"]?.integer ?? 0 > 1_000_000 }
        _ = try await self.bob.ask(Methods.PauseTransfer(id))
        let paused = await self.bob.event { $0["transfer"]?["state"]?.string == "paused" }
        #expect(paused?["transfer"]?["have"]?.integer ?? 0 > 1_000_000)
        // Both nodes go and come back.
        await self.bob.stop()
        await self.anna.stop()
        let anna = try await Running("Anna", state: self.anna.state)
        let bob = try await Running("Bob", state: self.bob.state)
        _ = try await anna.ask(Methods.AddPeer("127.0.0.1:\(bob.port)"))
        _ = try await bob.ask(Methods.ResumeTransfer(id))
        let began = await bob.event { $0["transfer"]?["state"]?.string == "active" }
        #expect(began?["transfer"]?["have"]?.integer ?? 0 >= paused?["transfer"]?["have"]?.integer ?? 1)
        _ = try await anna.ask(Methods.SetSetting(key: "files.rate", value: "0"))
        #expect(await bob.event { $0["transfer"]?["state"]?.string == "complete" } != nil)
        #expect(self.there.read("big.iso") == bytes)
        await anna.stop()
        await bob.stop()
    }

    @Test func rulesSayYes() async throws {
        let rule = Methods.AddRule(from: "anna", most: 1_000, folder: try AbsolutePath(self.there.path))
        _ = try await self.bob.ask(rule)
        let small = try self.here.file("small.txt", Data("small".utf8))
        let large = try self.here.file("large.txt", Self.random(1_001))
        let script = try self.here.file("run.sh", Data("#!".utf8))
        for path in [large, script, small] {
            _ = try await self.anna.ask(Methods.Offer(to: ["bob"], paths: [path]))
        }
        let end = await self.bob.event { $0["transfer"]?["state"]?.string == "complete" }
        #expect(end?["transfer"]?["name"]?.string == "small.txt")
        #expect(self.there.names == ["small.txt"])
        let open = try await self.bob.ask(Methods.Transfers(limit: 10)).array?.filter {
            $0["state"]?.string == "offered"
        }
        #expect(open?.count == 2 && open?.contains { $0["warning"]?.string == "program" } == true)
        await self.stop()
    }

    @Test func whatIsStillWrittenGoesAlong() async throws {
        let path = self.anna.state + "/spool/in.test"
        let file = open(path, O_WRONLY | O_CREAT, 0o600)
        let sent = try await self.anna.ask(Methods.OpenOffer(to: ["bob"], path: AbsolutePath(path), name: "log.txt"))
        let share = try #require(sent.array?.first?["share"]?.string)
        let offer = try #require(await self.bob.event { $0["event"]?.string == "offer" }?["transfer"])
        #expect(offer["open"]?.bool == true)
        _ = try await self.bob.ask(Methods.AcceptTransfer(id: try #require(offer["id"]?.string), into: self.there.path))
        var all = Data()
        for round in 0..<5 {
            let part = Self.random(100_000)
            all += part
            part.withUnsafeBytes { _ = write(file, $0.baseAddress, $0.count) }
            _ = try await self.anna.ask(Methods.GrowOffer(share: share, size: Int64(all.count), open: round < 4))
        }
        close(file)
        #expect(try await self.end(offer, self.bob)["state"]?.string == "complete")
        #expect(self.there.read("log.txt") == all)
        #expect(try await self.end(offer, self.anna)["state"]?.string == "complete")
        #expect(access(path, F_OK) != 0, "what was piped is not kept")
        await self.stop()
    }

    /// Where the system has the program for it (Debian: libgdk-pixbuf2.0-bin); a picture that is none is offered
    /// without.
    @Test func picturesComeWithASmallOne() async throws {
        // One black pixel.
        let png =
            Data(
                base64Encoded:
                    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
            ?? Data()
        let offer = try await self.offer([try self.here.file("dot.png", png)], from: self.anna, to: "bob", self.bob)
        #expect(offer["type"]?.string == "image/png")
        let isThere = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
            access("\($0)/gdk-pixbuf-thumbnailer", X_OK) == 0
        }
        #expect((offer["picture"] != nil) == isThere)
        if let picture = offer["picture"]?.string.flatMap({ Data(base64Encoded: $0) }) {
            #expect(picture.starts(with: [0x89, 0x50, 0x4E, 0x47]) && picture.count <= 16_384)
        }
        let broken = try await self.offer(
            [try self.here.file("broken.png", Data("not a picture".utf8))], from: self.anna, to: "bob", self.bob)
        #expect(broken["picture"] == nil)
        await self.stop()
    }

    /// Whom Anna called, and who does not know Bob.
    private func cleo() async throws -> Running {
        let cleo = try await Running("Cleo")
        _ = try await self.anna.ask(Methods.AddPeer("127.0.0.1:\(cleo.port)"))
        _ = await self.anna.event { $0["event"]?.string == "peer" && $0["peer"]?["name"]?.string == "Cleo" }
        _ = await cleo.event { $0["event"]?.string == "peer" }
        _ = try await self.anna.ask(Methods.Accept("cleo"))
        _ = try await cleo.ask(Methods.Accept("anna"))
        return cleo
    }

    @Test func oneGetsItFromTheOther() async throws {
        let cleo = try await self.cleo()
        let bytes = Self.random(20_000_000)
        let path = try self.here.file("big.iso", bytes)
        // Slow enough that the second asks while the first is being given.
        _ = try await self.anna.ask(Methods.SetSetting(key: "files.rate", value: "5M"))
        _ = try await self.anna.ask(Methods.Offer(to: ["bob", "cleo"], paths: [path]))
        let places = [try Place(), try Place()]
        for (node, place) in zip([self.bob, cleo], places) {
            let offer = try #require(await node.event { $0["event"]?.string == "offer" }?["transfer"])
            _ = try await node.ask(Methods.AcceptTransfer(id: try #require(offer["id"]?.string), into: place.path))
            _ = await node.event { $0["transfer"]?["state"]?.string == "active" }
        }
        var given: Set<String> = []
        var complete: Set<String> = []
        for await event in self.anna.events {
            guard let id = event["transfer"]?["id"]?.string else { continue }
            if event["transfer"]?["state"]?.string == "active" { given.insert(id) }
            if event["transfer"]?["state"]?.string == "complete" { complete.insert(id) }
            if complete.count == 2 { break }
        }
        #expect(given.count == 1, "she gives it once")
        for place in places { #expect(place.read("big.iso") == bytes) }
        await cleo.stop()
        await self.stop()
    }

    /// Anna has gone home, and Bob was started anew since: Bob has it all the same. What Bob has changed in the
    /// meantime is not given.
    @Test(arguments: [false, true]) func whatTheAuthorCannotGiveComesFromWhoHasIt(isChanged: Bool) async throws {
        let cleo = try await self.cleo()
        var files: [String: Data] = ["small": Data("small".utf8), "empty": Data()]
        files["big.iso"] = Self.random(20_000_000)
        for (name, data) in files { try self.here.file("trip/" + name, data) }
        _ = try await self.anna.ask(
            Methods.Offer(to: ["bob", "cleo"], paths: [self.here.path + "/trip"]))
        let offer = try #require(await self.bob.event { $0["event"]?.string == "offer" }?["transfer"])
        // Bob has another thing of that name already.
        try self.there.file("trip/other", Data())
        #expect(try await self.accept(offer, self.bob, into: self.there.path)["state"]?.string == "complete")
        _ = try await self.end(offer, self.anna)
        let wanted = try #require(await cleo.event { $0["event"]?.string == "offer" }?["transfer"])
        await self.anna.stop()
        await self.bob.stop()
        if isChanged { try self.there.file("trip (2)/big.iso", Self.random(20_000_000)) }
        let bob = try await Running("Bob", state: self.bob.state)
        _ = try await cleo.ask(Methods.AddPeer("127.0.0.1:\(bob.port)"))
        let place = try Place()
        _ = try await cleo.ask(Methods.AcceptTransfer(id: try #require(wanted["id"]?.string), into: place.path))
        if isChanged {
            _ = await cleo.event {
                $0["transfer"]?["id"] == wanted["id"] && $0["transfer"]?["state"]?.string == "active"
            }
            let after = await cleo.event {
                $0["transfer"]?["id"] == wanted["id"] && $0["transfer"]?["state"]?.string != "active"
            }
            #expect(after?["transfer"]?["state"]?.string == "waiting" && place.names.allSatisfy { $0.hasPrefix(".") })
        } else {
            #expect(try await self.end(wanted, cleo)["state"]?.string == "complete")
            for (name, data) in files { #expect(place.read("trip/" + name) == data) }
        }
        await bob.stop()
        await cleo.stop()
    }
}
