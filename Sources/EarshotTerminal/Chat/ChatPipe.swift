import EarshotControl
import EarshotModel

/// A conversation of a program: each line of the input is a message, what the other says comes out, and in the end it
/// is told what was not delivered. Lines, events and answers go in; questions to the door and output come out.
package struct ChatPipe: Sendable {
    package enum Action: Sendable, Hashable {
        case ask(Ask)
        /// To standard output; whole lines.
        case write(String)
        /// To standard error.
        case say(String)
    }

    /// Lines asked and not answered at once.
    private static let mostAsked = 64
    /// Lines that may wait for delivery before more are read: whoever writes faster than the other takes is held up.
    private static let mostWaiting = 100_000
    private static let mostRemembered = 4_000
    private static let mostNamed = 10

    private let place: Recipient
    private let name: String
    private let isJSON: Bool
    /// What came before is not told.
    private let startedAt: Timestamp
    private var outbox = Outbox()
    private var lines = 0
    /// The line of the input an item of the outbox was.
    private var lineOf: [Int: Int] = [:]
    /// By id: which line it was and how it begins.
    private var waiting: [EnvelopeID: (line: Int, beginning: String)] = [:]
    private var delivered = 0
    private var failed = 0
    private var told: [EnvelopeID] = []
    private var isTold: Set<EnvelopeID> = []
    /// Why what waits does so, where that takes more than a moment.
    private var holdUp: String?
    private var isConnected = true
    private var isReconciling = false
    /// Why nothing more can be sent.
    package private(set) var fault: DoorError?

    package init(place: Recipient, name: String, json: Bool, startedAt: Timestamp) {
        self.place = place
        self.name = name
        self.isJSON = json
        self.startedAt = startedAt
    }

    /// Whether more lines should be read now.
    package var isHungry: Bool {
        self.fault == nil && self.outbox.items.count < Self.mostAsked && self.waiting.count < Self.mostWaiting
    }

    /// Whether everything that was read is where it was to go.
    package var isDone: Bool { self.outbox.items.isEmpty && self.waiting.isEmpty || self.fault != nil }

    package var isAway: Bool { !self.isConnected }

    /// Whether the node has everything, or cannot be asked now.
    package var isHandedOver: Bool { self.outbox.items.isEmpty || !self.isConnected }

    // MARK: in

    package mutating func read(_ text: String) -> [Action] {
        self.lines += 1
        guard !text.isEmpty else { return [] }
        let number = self.outbox.add(text, replyTo: nil)
        self.lineOf[number] = self.lines
        return self.flush()
    }

    /// A line that is no text, or too long.
    package mutating func read(bad error: DoorError) -> [Action] {
        self.lines += 1
        self.failed += 1
        return [self.complain(error, line: self.lines)]
    }

    private mutating func flush() -> [Action] {
        guard self.isConnected, !self.isReconciling else { return [] }
        return self.outbox.takeReady(most: Self.mostAsked).map { .ask(.send(number: $0.number, $0.text, replyTo: nil)) }
    }

    // MARK: the door

    package mutating func hear(_ event: EventView) -> [Action] {
        guard self.isOurs(event) else { return [] }
        let shown: [Action] = self.isJSON ? [.write(JSONLine.text(event))] : []
        switch event.what {
        case .message(let message): return shown + self.hear(message, isFirst: true)
        case .edit(let message), .delete(let message), .reaction(let message), .receipt(let message):
            return shown + self.hear(message, isFirst: false)
        case .offer(let transfer): return self.isJSON ? shown : [self.tell(offer: transfer)]
        case .request, .contact, .presence, .typing, .live, .peer, .warning, .room, .talk, .transfer,
            .verification, .invitation:
            return shown
        }
    }

    private func isOurs(_ event: EventView) -> Bool {
        switch self.place {
        case .room(let room): return event.room == room
        case .person(let person):
            guard event.room == nil else { return false }
            return [event.message?.from, event.message?.to, event.peer?.person, event.transfer?.person].contains(person)
        }
    }

    private func tell(offer: TransferView) -> Action {
        let style = Style(hasColour: false, isUnicode: true)
        let alarm = style.alarmText(offer)
        let what = TransferLines(style: style).what(offer.file) + (alarm.isEmpty ? "" : " (\(alarm))")
        return .say("earshot: \(self.name) offers \(what): `earshot accept-file \(offer.id.brief)`")
    }

    private mutating func hear(_ message: MessageView, isFirst: Bool) -> [Action] {
        if message.mine {
            self.outbox.know(message.id, text: message.text)
            if message.state.isDelivered, self.waiting.removeValue(forKey: message.id) != nil { self.delivered += 1 }
            return self.flush()
        }
        guard message.incomplete != true, self.isNews(message, isFirst), self.remember(message.id) else { return [] }
        if self.isJSON { return [.ask(.markRead)] }
        guard message.file == nil, message.deleted != true else { return [] }
        // Of several it has to be said who.
        let author = self.place.isRoom ? "\(message.fromName): " : ""
        return [.write(author + message.text + "\n"), .ask(.markRead)]
    }

    /// Whether it came since we are here: what the node tells after it was away may begin with a later change.
    private func isNews(_ message: MessageView, _ isFirst: Bool) -> Bool {
        isFirst || message.arrivedAt.map { $0 >= self.startedAt } ?? false
    }

    private mutating func remember(_ id: EnvelopeID) -> Bool {
        guard self.isTold.insert(id).inserted else { return false }
        self.told.append(id)
        if self.told.count > Self.mostRemembered { self.isTold.remove(self.told.removeFirst()) }
        return true
    }

    package mutating func answered(_ ask: Ask, _ result: Result<Reply, DoorError>) -> [Action] {
        switch (ask, result) {
        case (.send(let number, let text, _), .success(.sent(let sent))):
            let line = self.lineOf.removeValue(forKey: number) ?? 0
            let ids = sent.map(\.id)
            self.outbox.settle(number, ids: ids)
            if let first = sent.first, first.reason != nil { self.holdUp = first.holdUp }
            if sent.allSatisfy(\.state.isDelivered) {
                self.delivered += ids.count
            } else {
                self.wait(for: ids, text, line)
            }
            let told: [Action] =
                self.isJSON ? sent.map { .write(JSONLine.text(PipeLine.Sent(line: line), $0)) } : []
            return told + self.flush()
        case (.send(let number, _, _), .failure(let error)):
            let line = self.lineOf.removeValue(forKey: number) ?? 0
            self.outbox.settle(number)
            self.failed += 1
            // What is wrong with one line is not wrong with the next.
            if error.kind != .badParameters { self.fault = self.fault ?? error }
            return [self.complain(error, line: line)] + self.flush()
        case (.newest, .success(.messages(let newest))):
            self.reconcile(newest.filter(\.mine))
            return self.flush()
        case (.newest, .failure):
            self.reconcile([])
            return self.flush()
        default: return []
        }
    }

    private mutating func wait(for ids: [EnvelopeID], _ text: String, _ line: Int) {
        for id in ids { self.waiting[id] = (line, String(text.prefix(60))) }
    }

    private mutating func reconcile(_ own: [MessageView]) {
        let before = Dictionary(uniqueKeysWithValues: self.outbox.items.map { ($0.number, $0.text) })
        let found = self.outbox.reconcile(own.map { ($0.id, $0.text) })
        let left = Set(self.outbox.items.map(\.number))
        // Those it had taken, in the order they were asked.
        for (number, id) in zip(before.keys.filter { !left.contains($0) }.sorted(), found) {
            self.wait(for: [id], before[number] ?? "", self.lineOf.removeValue(forKey: number) ?? 0)
        }
        for message in own where message.state.isDelivered {
            if self.waiting.removeValue(forKey: message.id) != nil { self.delivered += 1 }
        }
        self.isReconciling = false
    }

    // MARK: the node goes and comes back

    package mutating func lost() -> [Action] {
        guard self.isConnected else { return [] }
        self.isConnected = false
        return [
            self.isJSON
                ? .write(JSONLine.text(PipeLine.Node(running: false))) : .say("earshot: node restarting… waiting")
        ]
    }

    package mutating func back() -> [Action] {
        (self.isConnected, self.isReconciling) = (true, true)
        let told: Action =
            self.isJSON ? .write(JSONLine.text(PipeLine.Node(running: true))) : .say("earshot: the node is back")
        return [told, .ask(.newest(1_000))]
    }

    // MARK: out

    /// What is to be told in the end, and what it was: nil when all is well.
    package func report() -> (actions: [Action], code: Int32) {
        let queued = self.waiting.sorted { ($0.value.line, $0.key) < ($1.value.line, $1.key) }
        let unsent = self.outbox.items
        var code: Int32 = 0
        if self.failed > 0 { code = DoorError.Kind.badParameters.exitCode }
        if !queued.isEmpty { code = DoorError.Kind.notDelivered.exitCode }
        if !unsent.isEmpty { code = (self.isConnected ? DoorError.Kind.notDelivered : .notRunning).exitCode }
        if let fault { code = fault.kind.exitCode }
        if self.isJSON {
            let end = PipeLine.End(
                lines: self.lines, delivered: self.delivered, queued: queued.prefix(1_000).map(\.key),
                notSent: unsent.count, failed: self.failed)
            return ([.write(JSONLine.text(end))], code)
        }
        var said: [Action] = []
        if !unsent.isEmpty {
            let state = self.isConnected ? "has not answered" : "is not running"
            let why = self.fault == nil ? ": the node \(state)" : ""
            said.append(.say("earshot: \(Self.lines(unsent.count)) not sent\(why)."))
            said += Self.named(unsent.map { (self.lineOf[$0.number] ?? 0, String($0.text.prefix(60))) })
        }
        if !queued.isEmpty {
            let why = self.holdUp.map { ": \($0)" } ?? ""
            let them = queued.count == 1 ? "it" : "them"
            said.append(
                .say("earshot: \(Self.lines(queued.count)) queued, \(self.name) does not have \(them) yet\(why)."))
            said += Self.named(queued.map { ($0.value.line, $0.value.beginning) })
        }
        return (said, code)
    }

    private static func lines(_ count: Int) -> String { count == 1 ? "1 line is" : "\(count) lines are" }

    private static func named(_ all: [(line: Int, beginning: String)]) -> [Action] {
        let named: [Action] = all.prefix(self.mostNamed).map { .say("  line \($0.line): \($0.beginning)") }
        return named + (all.count > self.mostNamed ? [.say("  and \(all.count - self.mostNamed) more")] : [])
    }

    private func complain(_ error: DoorError, line: Int) -> Action {
        guard self.isJSON else { return .say("earshot: line \(line) was not sent: \(error.message)") }
        let failed = PipeLine.Failed(line: line, kind: error.kind.rawValue, message: error.message)
        return .write(JSONLine.text(failed))
    }
}
