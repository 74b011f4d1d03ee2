import EarshotControl
import EarshotModel

/// What a conversation is at this moment: who it is with, what was said, what moves, what waits. Events and answers
/// of the door go in, further questions to it come out. Windows and lines draw it; it draws nothing itself.
package struct ChatState: Sendable {
    /// Lines of our own between the messages: help, what was found, what happened.
    package struct Note: Sendable, Hashable {
        package enum Content: Sendable, Hashable {
            case lines([String])
            case warning(String)
            case found([ChatMessage])
            /// What is to be compared with what the other sees.
            case comparison(VerificationView)
            /// Files of this conversation as they stand now.
            case transfers
        }
        package let number: Int
        /// The message it stands behind; nil at the beginning.
        package let after: EnvelopeID?
        package let content: Content
    }

    /// What is asked before it is done.
    package enum Question: Sendable, Hashable {
        case leave, block, leaveRoom, trust
        case remove(String)
        case delete(id: EnvelopeID)
    }

    /// Ms between two looks at the order of messages while many come.
    private static let restBetweenOrders: UInt64 = 300
    /// Ms an answer to a request waits for the words it answers, so that it stands behind them everywhere.
    private static let patienceForRequest: UInt64 = 1_500
    /// Messages that are asked for at once.
    package static let page = 200
    private static let mostOrdered = 10_000

    var with: ChatPartner
    var history = ChatHistory()
    var files = ChatFiles()
    var ownNotes = ChatNotes()
    package internal(set) var outbox = Outbox()
    package internal(set) var isConnected = true
    var prompt = ChatPrompt()
    var writing = ChatWriting()
    /// How far comparing keys with the other is, while it is not over.
    package internal(set) var verification: VerificationView?
    /// Whom one may invite, once that was asked for.
    package internal(set) var people: [PersonView] = []
    private var holdUntil: UInt64?
    private var isOrderDue = false
    private var isOrderAsked = false
    private var orderAt: UInt64 = 0
    private var isReconciling = false
    private var isPaging = false

    /// - Parameter unread: how many of the last messages of the other have not been read.
    package init(peer: PersonView, history: [MessageView], transfers: [TransferView] = [], unread: Int = 0) {
        self.with = ChatPartner(place: .person(peer.person), peer: Peer(peer))
        self.open(history, transfers, unread)
    }

    /// In a room.
    package init(room: RoomView, history: [MessageView], transfers: [TransferView] = [], unread: Int = 0) {
        self.with = ChatPartner(place: .room(room.id), peer: Peer(room), room: room)
        self.open(history, transfers, unread)
    }

    private mutating func open(_ history: [MessageView], _ transfers: [TransferView], _ unread: Int) {
        let messages = history.filter { $0.state != .requested }.map { ChatMessage($0) }
        self.history = ChatHistory(messages, isWhole: history.count < Self.page, unread: unread)
        for message in self.messages where message.isMine { self.outbox.know(message.id, text: "") }
        for transfer in transfers { self.keep(transfer, at: 0) }
    }

    // MARK: what is there

    package var place: Recipient { self.with.place }
    package var peer: Peer { self.with.peer }
    package var room: RoomView? { self.with.room }
    package var question: Question? { self.prompt.question }
    package var notice: String? { self.prompt.notice }
    package var messages: [ChatMessage] { self.history.messages }
    package var newFrom: EnvelopeID? { self.history.newFrom }
    package var isWhole: Bool { self.history.isWhole }
    package var unseen: Int { self.history.unseen }
    package var transfers: [EnvelopeID: TransferView] { self.files.transfers }
    package var rates: [EnvelopeID: TransferRate] { self.files.rates }
    package var notes: [Note] { self.ownNotes.all }
    package var typists: [PersonID: (name: String, until: UInt64)] { self.writing.typists }
    package var typing: String? { self.writing.words }
    package var live: (ours: Bool, theirs: Bool) { self.writing.live }
    package var theirDraft: String { self.writing.draft }

    /// The other of a talk of two.
    package var person: PersonID? { self.with.place.person }

    package func message(_ id: EnvelopeID) -> ChatMessage? { self.messages.last { $0.id == id } }

    /// The first words of someone who asks to talk; the messages themselves come once we say yes.
    package var request: String? {
        guard let words = self.with.peer.request, !words.isEmpty, self.isWhole, self.with.peer.trust != .blocked else {
            return nil
        }
        return self.messages.contains { !$0.isMine && $0.text.hasPrefix(words.prefix(200)) } ? nil : words
    }

    /// Why the last of our own is still waiting, where the title does not say it already.
    package var holdUp: String? {
        guard self.with.peer.isOnline, let last = self.messages.last(where: \.isMine), last.state == .queued else {
            return nil
        }
        return last.delivery.holdUp
    }

    private mutating func hear(typing peer: PersonView, _ on: Bool, in room: RoomID?, at now: UInt64) {
        guard room == self.with.room?.id, room != nil || peer.person == self.person else { return }
        self.writing.types(peer.person, name: peer.name, on, at: now)
    }

    /// Offers of the other that wait for our answer, oldest first.
    package var offers: [TransferView] { self.transfers.values.filter(\.isOfferToUs).sorted(by: Self.isOlder) }

    static func isOlder(_ one: TransferView, _ other: TransferView) -> Bool {
        (one.at, one.id) < (other.at, other.id)
    }

    // MARK: what happens

    package mutating func hear(_ event: EventView, at now: UInt64) -> [Ask] {
        switch event.what {
        case .message(let message): return self.hear(message, isFirst: true, at: now)
        case .edit(let message), .delete(let message), .reaction(let message), .receipt(let message):
            return self.hear(message, isFirst: false, at: now)
        case .offer(let transfer), .transfer(let transfer):
            if self.isOurs(transfer) { self.follow(transfer, at: now) }
        case .typing(let peer, let on, let room): self.hear(typing: peer, on, in: room?.id, at: now)
        case .live(let peer, let on, let text): if peer.person == self.person { self.hear(live: on, text) }
        case .warning(let peer, let kind, let room):
            if let room, room.id == self.with.room?.id {
                self.add(note: .warning(Self.words(kind, peer.name, of: self.with.peer.name)))
            }
            guard peer.person == self.person else { return [] }
            self.hear(peer, isOnline: peer.online)
            self.add(note: .warning(Self.words(kind, self.with.peer)))
        case .verification(let peer, let verification):
            guard peer.person == self.person else { return [] }
            self.hear(peer, isOnline: peer.online)
            self.hear(verification)
        case .invitation(_, let peer, _): if let peer { self.hear(peer, isOnline: peer.online) }
        case .presence(let peer, let isOnline): self.hear(peer, isOnline: isOnline)
        case .request(let peer), .contact(let peer), .peer(let peer): self.hear(peer, isOnline: peer.online)
        case .room(let room): self.hear(room)
        case .talk: break
        }
        return []
    }

    private mutating func hear(_ peer: PersonView, isOnline: Bool) {
        if !isOnline { self.writing.stops(peer.person) }
        guard peer.person == self.person else { return self.note(member: peer.person, isOnline: isOnline) }
        self.with.peer.update(peer)
        self.with.peer.isOnline = isOnline
        self.with.peer.view?.online = isOnline
    }

    /// - Parameter isFirst: it has just been written, and is no change of one there was.
    private mutating func hear(_ view: MessageView, isFirst: Bool, at now: UInt64) -> [Ask] {
        guard self.isOurs(view) else { return [] }
        let message = ChatMessage(view)
        if message.isMine { self.outbox.know(message.id, text: view.text) }
        if self.history.replace(message) { return [] }
        // Where it belongs, the store knows: clocks differ.
        self.isOrderDue = true
        guard isFirst else { return self.tick(at: now) }
        self.history.append(message)
        guard !message.isMine else { return self.tick(at: now) }
        self.writing.said(view.from)
        self.holdUntil = nil
        return self.tick(at: now)
    }

    /// When `tick` has something to do.
    package var wakeAt: UInt64? {
        [
            self.writing.wakeAt, self.isConnected ? self.holdUntil : nil,
            self.isConnected && self.isOrderDue && !self.isOrderAsked ? self.orderAt : nil,
        ]
        .compactMap { $0 }.min()
    }

    /// Time went by, or something became possible.
    package mutating func tick(at now: UInt64) -> [Ask] {
        self.writing.tick(at: now)
        if let until = self.holdUntil, until <= now { self.holdUntil = nil }
        guard self.isConnected else { return [] }
        var asks: [Ask] = []
        if self.isOrderDue, !self.isOrderAsked, now >= self.orderAt {
            (self.isOrderDue, self.isOrderAsked) = (false, true)
            asks.append(.newest(min(Self.mostOrdered, max(Self.page, self.messages.count))))
        }
        if self.holdUntil == nil, !self.isReconciling {
            asks += self.outbox.takeReady().map { .send(number: $0.number, $0.text, replyTo: $0.replyTo) }
        }
        return asks
    }

    /// A text to send.
    package mutating func say(_ text: String, replyTo: EnvelopeID? = nil, at now: UInt64) -> [Ask] {
        self.history.read()
        self.outbox.add(text, replyTo: replyTo)
        guard self.with.peer.trust == .requested else { return self.tick(at: now) }
        // Writing to someone says yes; their words come first.
        self.with.peer.trust = .accepted
        self.holdUntil = now + Self.patienceForRequest
        return self.isConnected ? [.acceptPerson] : []
    }

    /// Everything that is there has been on the screen.
    package mutating func seen() { self.history.seen() }

    package mutating func dismiss() { self.prompt = ChatPrompt() }

    package mutating func tell(_ text: String?) { self.prompt.notice = text }

    mutating func add(note content: Note.Content) {
        self.ownNotes.add(content, after: self.messages.last?.id)
    }

    package mutating func takeReturned() -> [String] { self.outbox.takeReturned() }

    // MARK: the node goes and comes back

    /// The node is gone; these were asked for and not answered.
    package mutating func lost(_ unanswered: [Ask]) {
        (self.isConnected, self.isOrderAsked, self.isPaging) = (false, false, false)
        self.with.peer.isOnline = false
        self.writing.lost()
        self.verification = nil
        let dropped = unanswered.compactMap { ask -> String? in
            switch ask {
            case .offer: "/file"
            case .edit: "/edit"
            case .delete: "/delete"
            case .react: "/react"
            case .acceptFile, .acceptPerson: "/accept"
            case .block: "/block"
            case .unblock: "/unblock"
            case .transfer(let verb, _): "/\(verb.rawValue)"
            case .acknowledge: "/ack"
            case .topic: "/topic"
            case .invite: "/invite"
            case .pin: "/pin"
            case .leaveRoom: "/leave"
            case .remove: "/remove"
            case .rename: "/rename"
            case .verify: "/verify"
            case .trust: "/trust"
            case .presence: "/status"
            case .send, .typing, .active, .live, .draft, .markRead, .search, .id, .person, .people, .transfers, .newest,
                .older,
                .complete, .startNode,
                .redraw, .suspend, .leave:
                nil
            }
        }
        if !dropped.isEmpty {
            self.add(
                note: .warning(
                    """
                    The node stopped while it was asked for \(dropped.joined(separator: ", ")): check whether it was \
                    done.
                    """
                ))
        }
    }

    /// It is back, and tells what we have missed. What was written meanwhile goes once we know what it has.
    package mutating func back(at now: UInt64) -> [Ask] {
        (self.isConnected, self.isReconciling, self.isOrderAsked, self.isOrderDue) = (true, true, true, false)
        self.orderAt = now
        let live: [Ask] = self.live.ours ? [.live(true)] : []
        return live + [.person, .transfers, .newest(min(Self.mostOrdered, max(Self.page, self.messages.count)))]
    }

    // MARK: messages from the store

    /// The newest messages in their order; what came before them stays as it is.
    mutating func order(_ list: [MessageView], asked: Int, at now: UInt64) -> [Ask] {
        self.isOrderAsked = false
        self.orderAt = now + Self.restBetweenOrders
        let newest = list.filter { $0.state != .requested }.map { ChatMessage($0) }
        let own = list.filter(\.mine).map { (id: $0.id, text: $0.text) }
        if self.history.order(newest, isAll: list.count < asked) { self.holdUntil = nil }
        if self.isReconciling {
            self.isReconciling = false
            _ = self.outbox.reconcile(own)
        }
        for message in own { self.outbox.know(message.id, text: message.text) }
        return self.tick(at: now)
    }

    mutating func orderRefused(at now: UInt64) -> [Ask] {
        self.isOrderAsked = false
        self.orderAt = now + Self.restBetweenOrders
        if self.isReconciling { _ = self.outbox.reconcile([]) }
        self.isReconciling = false
        return self.tick(at: now)
    }

    /// Asks for what came before what is there.
    package mutating func older() -> [Ask] {
        guard !self.isWhole, !self.isPaging, self.isConnected, let first = self.messages.first else { return [] }
        self.isPaging = true
        return [.older(than: first.id)]
    }

    mutating func older(_ list: [MessageView]?) {
        self.isPaging = false
        guard let list else { return }
        self.history.prepend(list.map { ChatMessage($0) }, isAll: list.count < Self.page)
    }

    // MARK: transfers

    mutating func keep(_ transfer: TransferView, at now: UInt64) {
        if self.isOurs(transfer) { self.files.keep(transfer, at: now) }
    }

    /// A transfer changed. That it is over is said again where its message has moved out of sight.
    private mutating func follow(_ transfer: TransferView, at now: UInt64) {
        let before = self.transfers[transfer.id]?.state
        self.keep(transfer, at: now)
        guard let before, transfer.state != before, transfer.state.isOver,
            !self.messages.suffix(4).contains(where: { $0.id == transfer.message ?? transfer.id })
        else { return }
        let reason = transfer.reason.map { ": \($0)" } ?? ""
        let to = transfer.message == nil ? "" : " to \(transfer.peer)"
        self.add(note: .lines(["\(transfer.name)\(to): \(transfer.state.rawValue)\(reason)"]))
    }
}
