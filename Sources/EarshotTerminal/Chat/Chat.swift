import EarshotControl
import EarshotModel
import Glibc

/// `earshot chat`: a conversation in a window, line by line, or through a pipe. One thread, which waits for whatever
/// comes first.
package struct Chat {
    let client: ControlClient
    let with: RecipientView
    /// Another line to the same node. With `true` a node is started when none runs.
    let connect: (Bool) throws(DoorError) -> ControlClient
    let style: Style
    let zone: Zone
    let draft: SavedDraft
    /// Whether text is shown while it is typed, from the beginning.
    let isLive: Bool

    /// - Parameters:
    ///   - with: the other, or the room.
    ///   - state: the node's folder, absolute.
    package init(
        client: ControlClient, with: RecipientView, state: String, style: Style, zone: Zone, isLive: Bool = false,
        connect: @escaping (Bool) throws(DoorError) -> ControlClient
    ) {
        self.client = client
        self.with = with
        self.style = style
        self.zone = zone
        self.connect = connect
        self.isLive = isLive
        self.draft = SavedDraft(state: state, place: with.place)
    }

    func link() throws(DoorError) -> ChatLink {
        let connect = self.connect
        return try ChatLink(client: self.client, place: self.with.place) { () throws(DoorError) in try connect(false) }
    }

    /// What is known when the conversation is opened. Asked for after events are listened to, so that nothing falls
    /// between.
    func opening() throws(DoorError) -> ChatState {
        let who = self.with.place.word
        let history = try self.client.ask(Methods.History(who: who, limit: Count(Int64(clamping: ChatState.page))))
        switch self.with {
        case .person(let peer):
            let transfers = try self.client.ask(Methods.Transfers(limit: 1_000, who: who))
            let unread = try self.client.ask(Methods.Contacts()).first { $0.person == peer.person }?.unread ?? 0
            return ChatState(peer: peer, history: history, transfers: transfers, unread: Int(clamping: unread))
        case .room(let room):
            let transfers = try self.client.ask(Methods.Transfers(limit: 1_000))
            let now = try self.client.ask(Methods.RoomInfo(who))
            return ChatState(room: now, history: history, transfers: transfers, unread: Int(clamping: room.unread ?? 0))
        }
    }

    /// In a window, until somebody leaves.
    /// - Returns: the exit code: 0, or that of the signal that ended it.
    package func run() throws(DoorError) -> Int32 {
        let link = try self.link()
        let state = try self.opening()
        let size = Terminal.size
        var screen = Screen(
            state, columns: size.columns, rows: size.rows, style: self.style, zone: self.zone,
            draft: self.draft.load() ?? "")
        guard let terminal = Terminal() else { return try self.lines() }
        defer { Terminal.restore() }
        var loop = WindowLoop(chat: self, link: link, terminal: terminal)
        let code = loop.run(&screen)
        Terminal.restore()
        if !self.draft.save(screen.unsent) { StandardError.say("earshot: what you had not sent could not be saved.") }
        return code
    }
}

extension RecipientView {
    package var place: Recipient {
        switch self {
        case .person(let person): .person(person.person)
        case .room(let room): .room(room.id)
        }
    }
}

/// Tells the node that somebody is at the keys, from time to time.
struct Activity {
    /// Ms between two tellings.
    private static let rest: UInt64 = 30_000
    private var toldAt: UInt64?

    mutating func happened(at now: UInt64) -> [Ask] {
        if let toldAt, now < toldAt + Self.rest { return [] }
        self.toldAt = now
        return [.active]
    }
}

/// What a window waits for and what it does then.
private struct WindowLoop {
    let chat: Chat
    let link: ChatLink
    let terminal: Terminal
    private var keys = Keys()
    private var keysAt: UInt64 = 0
    private var code: Int32?
    private var activity = Activity()

    init(chat: Chat, link: ChatLink, terminal: Terminal) {
        self.chat = chat
        self.link = link
        self.terminal = terminal
    }

    mutating func run(_ screen: inout Screen) -> Int32 {
        self.do(screen.update(.time, at: Clock.now), &screen)
        if self.chat.isLive { self.do([.live(true)], &screen) }
        self.do(self.activity.happened(at: Clock.now), &screen)
        while self.code == nil {
            let picture = screen.draw()
            self.terminal.show(picture.lines, row: picture.row, column: picture.column)
            let ready = self.wait(screen.wakeAt)
            let now = Clock.now
            if ready.notices { self.heed(self.terminal.notices(), &screen) }
            if ready.keys { self.read(&screen, at: now) }
            if self.keys.isWaiting, now >= self.keysAt + self.keys.patience {
                self.press(self.keys.settle(), &screen, at: now)
            }
            for heard in self.link.hear(at: now) { self.take(heard, &screen, at: now) }
            if self.link.isFoundStuck(at: now) {
                self.do(
                    screen.update(.said("The node does not answer: it is stopped, or very busy."), at: now), &screen)
            }
            self.do(screen.update(.time, at: Clock.now), &screen)
        }
        return self.code ?? 0
    }

    private func wait(_ wakeAt: UInt64?) -> (keys: Bool, notices: Bool) {
        let now = Clock.now
        let due = [wakeAt, self.link.wakeAt, self.keys.isWaiting ? self.keysAt + self.keys.patience : nil].compactMap {
            $0
        }.min()
        var polls = [
            pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
            pollfd(fd: self.terminal.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: self.link.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        let count = poll(&polls, 3, due.map { Int32(clamping: $0 > now ? $0 - now : 0) } ?? -1)
        return count > 0 ? (polls[0].revents != 0, polls[1].revents != 0) : (false, false)
    }

    private mutating func read(_ screen: inout Screen, at now: UInt64) {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(STDIN_FILENO, &bytes, bytes.count)
        if count < 0, errno == EINTR || errno == EAGAIN { return }
        // The terminal is gone.
        guard count > 0 else {
            self.code = 128 + SIGHUP
            return
        }
        self.keysAt = now
        self.do(self.activity.happened(at: now), &screen)
        self.press(self.keys.read(bytes.prefix(count)), &screen, at: now)
    }

    private mutating func press(_ keys: [Key], _ screen: inout Screen, at now: UInt64) {
        for key in keys where self.code == nil { self.do(screen.update(.key(key), at: now), &screen) }
    }

    private mutating func heed(_ notices: [Terminal.Notice], _ screen: inout Screen) {
        for notice in notices {
            switch notice {
            case .resized: self.resize(&screen)
            case .suspend: self.do([.suspend], &screen)
            case .continued:
                self.terminal.enter()
                self.resize(&screen)
            case .end(let signal): self.code = 128 + signal
            }
        }
    }

    private mutating func resize(_ screen: inout Screen) {
        let size = Terminal.size
        self.terminal.forget()
        self.do(screen.update(.resized(columns: size.columns, rows: size.rows), at: Clock.now), &screen)
    }

    private mutating func take(_ heard: ChatLink.Heard, _ screen: inout Screen, at now: UInt64) {
        switch heard {
        case .event(let event): self.do(screen.update(.event(event), at: now), &screen)
        case .answered(let ask, let result): self.do(screen.update(.answered(ask, result), at: now), &screen)
        case .lost(let unanswered): self.do(screen.update(.lost(unanswered), at: now), &screen)
        case .back: self.do(screen.update(.back, at: now), &screen)
        }
    }

    private mutating func `do`(_ asks: [Ask], _ screen: inout Screen) {
        for ask in asks {
            switch ask {
            case .leave: self.code = 0
            case .redraw: self.terminal.forget()
            case .suspend:
                self.terminal.suspend()
                self.resize(&screen)
            case .complete(let path):
                self.do(screen.update(.names(TypedNames.beginning(path), path: path), at: Clock.now), &screen)
            case .startNode:
                do throws(DoorError) { _ = try self.chat.connect(true) } catch {
                    self.do(screen.update(.said(error.message), at: Clock.now), &screen)
                }
            default: self.link.post(ask)
            }
        }
    }
}
