import EarshotControl

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

    private let person: String
    private let name: String
    private let isJSON: Bool
    /// RFC 3339; what came before is not told.
    private let startedAt: String
    private var outbox = Outbox()
    private var lines = 0
    /// The line of the input an item of the outbox was.
    private var lineOf: [Int: Int] = [:]
    /// By id: which line it was and how it begins.
    private var waiting: [String: (line: Int, beginning: String)] = [:]
    private var delivered = 0
    private var failed = 0
    private var told: [String] = []
    private var isTold: Set<String> = []
    private var reason: String?
    private var isConnected = true
    private var isReconciling = false
    /// Why nothing more can be sent.
    package private(set) var fault: DoorError?

    package init(person: String, name: String, json: Bool, startedAt: String) {
        self.person = person
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

    package mutating func hear(_ event: JSON) -> [Action] {
        let isOurs = [
            event["message"]?["from"], event["message"]?["to"], event["peer"]?["person"], event["transfer"]?["person"],
        ]
        .contains { $0?.string == self.person }
        guard isOurs else { return [] }
        let shown: [Action] = self.isJSON ? [.write(Self.line(event))] : []
        if let transfer = event["transfer"], !self.isJSON, event["event"]?.string == "offer" {
            let id = (transfer["id"]?.string ?? "").prefix(8)
            let style = Style(hasColour: false, isUnicode: true)
            let alarm = style.alarmText(transfer)
            let what = TransferLines(style: style).what(transfer) + (alarm.isEmpty ? "" : " (\(alarm))")
            return [.say("earshot: \(self.name) offers \(what): `earshot accept-file \(id)`")]
        }
        guard let message = event["message"], let id = message["id"]?.string else { return shown }
        if message["mine"]?.bool ?? false {
            self.outbox.know(id, text: message["text"]?.string ?? "")
            let state = message["state"]?.string
            if state == "delivered" || state == "read", self.waiting.removeValue(forKey: id) != nil {
                self.delivered += 1
            }
            return shown + self.flush()
        }
        guard message["incomplete"] == nil, self.isNews(message, event["event"]?.string == "message"), self.remember(id)
        else { return shown }
        if self.isJSON { return shown + [.ask(.markRead)] }
        guard message["file"] == nil, message["deleted"] == nil else { return [] }
        return [.write((message["text"]?.string ?? "") + "\n"), .ask(.markRead)]
    }

    /// Whether it came since we are here: what the node tells after it was away may begin with a later change.
    private func isNews(_ message: JSON, _ isFirst: Bool) -> Bool {
        isFirst || message["arrivedAt"]?.string ?? "" >= self.startedAt
    }

    private mutating func remember(_ id: String) -> Bool {
        guard self.isTold.insert(id).inserted else { return false }
        self.told.append(id)
        if self.told.count > Self.mostRemembered { self.isTold.remove(self.told.removeFirst()) }
        return true
    }

    package mutating func answered(_ ask: Ask, _ result: Result<JSON, DoorError>) -> [Action] {
        switch (ask, result) {
        case (.send(let number, let text, _), .success(let answer)):
            let line = self.lineOf.removeValue(forKey: number) ?? 0
            let sent = answer.array ?? []
            let ids = sent.compactMap { $0["id"]?.string }
            self.outbox.settle(number, ids: ids)
            self.reason = sent.first?["reason"]?.string ?? self.reason
            let isThere = sent.allSatisfy { ["delivered", "read"].contains($0["state"]?.string ?? "") }
            if isThere { self.delivered += ids.count } else { self.wait(for: ids, text, line) }
            let told: [Action] =
                !self.isJSON
                ? [] : sent.map { .write(Self.line($0, ["event": "sent", "line": .integer(Int64(clamping: line))])) }
            return told + self.flush()
        case (.send(let number, _, _), .failure(let error)):
            let line = self.lineOf.removeValue(forKey: number) ?? 0
            self.outbox.settle(number)
            self.failed += 1
            // What is wrong with one line is not wrong with the next.
            if error.kind != .badParameters { self.fault = self.fault ?? error }
            return [self.complain(error, line: line)] + self.flush()
        case (.newest, .success(let answer)):
            let own = (answer.array ?? []).filter { $0["mine"]?.bool ?? false }
            self.reconcile(own)
            return self.flush()
        case (.newest, .failure):
            self.reconcile([])
            return self.flush()
        default: return []
        }
    }

    private mutating func wait(for ids: [String], _ text: String, _ line: Int) {
        for id in ids { self.waiting[id] = (line, String(text.prefix(60))) }
    }

    private mutating func reconcile(_ own: [JSON]) {
        let before = Dictionary(uniqueKeysWithValues: self.outbox.items.map { ($0.number, $0.text) })
        let found = self.outbox.reconcile(
            own.compactMap { message in message["id"]?.string.map { ($0, message["text"]?.string ?? "") } })
        let left = Set(self.outbox.items.map(\.number))
        // Those it had taken, in the order they were asked.
        for (number, id) in zip(before.keys.filter { !left.contains($0) }.sorted(), found) {
            self.wait(for: [id], before[number] ?? "", self.lineOf.removeValue(forKey: number) ?? 0)
        }
        for message in own where ["delivered", "read"].contains(message["state"]?.string ?? "") {
            if let id = message["id"]?.string, self.waiting.removeValue(forKey: id) != nil { self.delivered += 1 }
        }
        self.isReconciling = false
    }

    // MARK: the node goes and comes back

    package mutating func lost() -> [Action] {
        guard self.isConnected else { return [] }
        self.isConnected = false
        return [
            self.isJSON
                ? .write(Self.line(["event": "node", "running": false])) : .say("earshot: node restarting… waiting")
        ]
    }

    package mutating func back() -> [Action] {
        (self.isConnected, self.isReconciling) = (true, true)
        let told: Action =
            self.isJSON ? .write(Self.line(["event": "node", "running": true])) : .say("earshot: the node is back")
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
            let end: JSON = [
                "event": "end", "lines": .integer(Int64(clamping: self.lines)),
                "delivered": .integer(Int64(clamping: self.delivered)),
                "queued": .array(queued.prefix(1_000).map { .string($0.key) }),
                "notSent": .integer(Int64(clamping: unsent.count)),
                "failed": .integer(Int64(clamping: self.failed)),
            ]
            return ([.write(Self.line(end))], code)
        }
        var said: [Action] = []
        if !unsent.isEmpty {
            let state = self.isConnected ? "has not answered" : "is not running"
            let why = self.fault == nil ? ": the node \(state)" : ""
            said.append(.say("earshot: \(Self.lines(unsent.count)) not sent\(why)."))
            said += Self.named(unsent.map { (self.lineOf[$0.number] ?? 0, String($0.text.prefix(60))) })
        }
        if !queued.isEmpty {
            let why = self.reason.map { $0 == "on its way" ? "" : ": \($0)" } ?? ""
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
        return .write(
            Self.line([
                "event": "error", "line": .integer(Int64(clamping: line)), "kind": .string(error.kind.rawValue),
                "message": .string(error.message),
            ]))
    }

    private static func line(_ object: JSON, _ more: [String: JSON] = [:]) -> String {
        var keyed = object.object ?? [:]
        keyed.merge(more) { $1 }
        keyed["v"] = 1
        return JSON.object(keyed).line + "\n"
    }
}
