import EarshotControl
import EarshotModel
import EarshotTerminal
import Glibc
import Testing

/// The node's end of the socket, in the hands of a test.
private final class Node {
    let path: String
    private let folder: String
    private var listener: Int32 = -1
    private var line: Int32 = -1

    init() {
        var template = Array("/tmp/earshot-link-XXXXXX".utf8CString)
        let made = mkdtemp(&template).map { String(cString: $0) } ?? "/tmp"
        (self.folder, self.path) = (made, made + "/s")
        self.start()
    }

    deinit {
        self.stop()
        unlink(self.path)
        rmdir(self.folder)
    }

    func start() {
        unlink(self.path)
        self.listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: self.path.utf8) }
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                #expect(bind(self.listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0)
            }
        }
        #expect(listen(self.listener, 4) == 0)
    }

    func stop() {
        close(self.line)
        close(self.listener)
    }

    func take() { self.line = accept(self.listener, nil, nil) }

    func say(_ json: JSON) {
        let bytes = Array((json.line + "\n").utf8)
        #expect(write(self.line, bytes, bytes.count) == bytes.count)
    }

    func hear() -> JSON? {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = read(self.line, &bytes, bytes.count)
        return JSON(text: bytes.prefix(max(0, count)))
    }
}

@Suite struct ChatLinkTests {
    private func link(_ node: Node) throws -> ChatLink {
        let client = try ControlClient(path: node.path)
        node.take()
        node.say(["jsonrpc": "2.0", "id": 1, "result": ["cursor": 3]])
        let path = node.path
        let link = try ChatLink(client: client, place: .person(Door.anna)) { () throws(DoorError) in
            try ControlClient(path: path)
        }
        _ = node.hear()
        return link
    }

    private func words(_ heard: [ChatLink.Heard]) -> [String] {
        heard.map { one in
            switch one {
            case .event(let event): "event \(event.name)"
            case .answered(let ask, let result): "\(ask == .markRead) \((try? result.get()) != nil)"
            case .lost(let asks): "lost \(asks.count)"
            case .back: "back"
            }
        }
    }

    @Test func aNodeThatComesBackIsAskedForWhatWasMissed() throws {
        let node = Node()
        let link = try self.link(node)
        link.post(.markRead)
        #expect(node.hear()?["method"] == "read")
        let place = EventPlace(9, .message(4))
        let event = ControlLine.event(EventView(cursor: 9, place: place, .message(Door.message("aaaa", "hi"))))
        node.say(try #require(JSON(text: event)))
        // What passes says nothing of what was heard: the rest of commit 9 may not have been told.
        let passing = ControlLine.event(EventView(cursor: 9, .peer(Door.peer())))
        node.say(try #require(JSON(text: passing)))
        let answer = ControlLine.reply(id: ControlLine.ID("2"), .success(Door.peer()))
        node.say(try #require(JSON(text: answer)))
        #expect(self.words(link.hear(at: 0)) == ["event message", "event peer", "true true"])
        link.post(.typing(true))
        node.stop()
        #expect(self.words(link.hear(at: 0)) == ["lost 1"] && !link.isConnected)
        link.post(.send(number: 1, "x", replyTo: nil))
        let later = try #require(link.wakeAt.map { max($0, Clock.now + 1_000) })
        #expect(self.words(link.hear(at: later)) == ["lost 1"] && !link.isConnected, "nobody is there yet")
        node.start()
        #expect(link.hear(at: later + 1_000).isEmpty && !link.isConnected, "called, and not answered yet")
        node.take()
        #expect(node.hear()?["params"] == ["place": "9.4"])
        node.say(["jsonrpc": "2.0", "id": 1, "result": ["cursor": 12]])
        #expect(self.words(link.hear(at: later + 1_001)) == ["back"] && link.isConnected)
    }

    @Test func aNodeThatHangsDoesNotHoldUpTheWindow() throws {
        let node = Node()
        let link = try self.link(node)
        node.stop()
        _ = link.hear(at: 0)
        node.start()
        let later = Clock.now + 1_000
        #expect(link.hear(at: later).isEmpty && link.wakeAt == later + 5_000)
        #expect(link.hear(at: later + 5_000).isEmpty && link.wakeAt == later + 5_250, "tried again later")
    }

    @Test func whatTheNodeDoesNotTakeIsFoundOut() throws {
        let node = Node()
        let client = try ControlClient(path: node.path)
        #expect(throws: DoorError.self) {
            try client.post(Methods.Send(to: ["anna"], text: String(repeating: "x", count: 4_000_000)), patience: 1)
        }
    }
}
