import EarshotControl
import Glibc

/// A conversation's line to the node: asks, hears answers and events, and comes back by itself when the node was
/// away, from where it had heard. Not shared between threads.
package final class ChatLink {
    package enum Heard: Sendable {
        case event(JSON)
        case answered(Ask, Result<JSON, DoorError>)
        /// The node is gone. These were asked for and not answered, in this order.
        case lost([Ask])
        case back
    }

    /// Ms between two tries to reach a node that is away.
    private static let rest: UInt64 = 250
    /// Objects that are taken off the line before the window is drawn again.
    private static let mostAtOnce = 500
    /// Ms a node may take to answer the first question; one that hangs does not hold up the window.
    private static let patience: UInt64 = 5_000
    /// Ms without an answer after which one is told of it.
    private static let silence: UInt64 = 10_000

    package let person: String
    private let connect: () throws(DoorError) -> ControlClient
    private var client: ControlClient?
    private var asked: [Int64: Ask] = [:]
    /// What could not be asked, to be told with the next look.
    private var unheard: [Heard] = []
    private var cursor: Int64?
    private var retryAt: UInt64 = 0
    /// The first question to a node that is back, and until when its answer is waited for.
    private var greeting: (id: Int64, until: UInt64)?
    /// When something came last, or was asked after everything was answered.
    private var heardAt: UInt64 = 0
    private var isStuckTold = false
    /// Objects may be here that the socket does not tell of any more.
    private var hasMore = true

    /// Hears from now on.
    /// - Parameters:
    ///   - person: the other's id, whole.
    ///   - connect: another line to the same node; starts none.
    package init(
        client: ControlClient, person: String, connect: @escaping () throws(DoorError) -> ControlClient
    ) throws(DoorError) {
        self.person = person
        self.connect = connect
        self.client = client
        self.cursor = try client.ask("subscribe")["cursor"]?.integer
    }

    package var isConnected: Bool { self.client != nil && self.greeting == nil }

    /// To be waited for; -1 while the node is away, which poll ignores.
    package var descriptor: Int32 { self.client?.descriptor ?? -1 }

    /// When `hear` has something to do though nothing came; ms as `Clock.now` has them.
    package var wakeAt: UInt64? {
        if !self.unheard.isEmpty || self.hasMore { return 0 }
        if self.client == nil { return self.retryAt }
        return self.greeting?.until ?? (self.isWaiting && !self.isStuckTold ? self.heardAt + Self.silence : nil)
    }

    /// Whether an answer is due; offers are looked through first, which may take its time.
    private var isWaiting: Bool {
        self.asked.values.contains { ask in
            if case .offer = ask { false } else { true }
        }
    }

    /// Whether the node has said nothing for long though it was asked. Told once.
    package func isFoundStuck(at now: UInt64) -> Bool {
        guard self.isConnected, self.isWaiting, !self.isStuckTold, now >= self.heardAt + Self.silence else {
            return false
        }
        self.isStuckTold = true
        return true
    }

    /// Questions that are not answered yet.
    package var underWay: Int { self.asked.count }

    /// Blocking: what is there before the window is.
    package func ask(_ ask: Ask) throws(DoorError) -> JSON {
        guard let client, let (method, params) = try self.words(ask) else { return .null }
        return try client.ask(method, params)
    }

    package func post(_ ask: Ask) {
        do throws(DoorError) {
            guard let (method, params) = try self.words(ask) else { return }
            guard let client, self.greeting == nil else { throw DoorError(.notRunning, "The node is not running.") }
            if self.asked.isEmpty { self.heardAt = Clock.now }
            self.asked[try client.post(method, params, patience: Int64(Self.silence))] = ask
            // While it was handed over, something may have been read that the socket does not tell of again.
            self.hasMore = true
        } catch {
            if error.kind == .notRunning || error.kind == .timeout, self.isConnected {
                self.lose(and: ask)
            } else if error.kind == .notRunning, case .send = ask {
                self.unheard.append(.lost([ask]))
            } else {
                self.unheard.append(.answered(ask, .failure(error)))
            }
        }
    }

    /// What has come since the last look.
    package func hear(at now: UInt64) -> [Heard] {
        var heard = self.unheard
        self.unheard = []
        self.hasMore = false
        if self.client == nil, now >= self.retryAt { self.call(at: now) }
        if let greeting, now >= greeting.until { self.hangUp(at: now) }
        guard let client else { return heard }
        do throws(DoorError) {
            while heard.count < Self.mostAtOnce, let line = try client.next(wait: false) {
                if let one = self.take(line, at: now) { heard.append(one) }
                if self.client == nil { break }
            }
            self.hasMore = heard.count >= Self.mostAtOnce
        } catch {
            if self.greeting == nil { self.lose(and: nil) } else { self.hangUp(at: now) }
            heard += self.unheard
            self.unheard = []
        }
        return heard
    }

    private func take(_ line: JSON, at now: UInt64) -> Heard? {
        (self.heardAt, self.isStuckTold) = (now, false)
        if line["method"] != nil {
            let event = line["params"] ?? .null
            if let cursor = event["cursor"]?.integer { self.cursor = max(self.cursor ?? 0, cursor) }
            return .event(event)
        }
        guard let id = line["id"]?.integer else { return nil }
        let result: Result<JSON, DoorError>
        do throws(DoorError) { result = .success(try ControlClient.result(line)) } catch { result = .failure(error) }
        if id == self.greeting?.id {
            self.greeting = nil
            guard case .success(let answer) = result else {
                self.hangUp(at: now)
                return nil
            }
            self.cursor = self.cursor ?? answer["cursor"]?.integer
            return .back
        }
        return self.asked.removeValue(forKey: id).map { .answered($0, result) }
    }

    private func lose(and ask: Ask?) {
        self.client = nil
        let unanswered = self.asked.sorted { $0.key < $1.key }.map(\.value) + (ask.map { [$0] } ?? [])
        self.asked = [:]
        (self.retryAt, self.hasMore) = (Clock.now + Self.rest, false)
        self.unheard.append(.lost(unanswered))
    }

    /// Tries to reach a node that was away.
    private func call(at now: UInt64) {
        self.retryAt = now + Self.rest
        do throws(DoorError) {
            let client = try self.connect()
            let id = try client.post("subscribe", ["since": self.cursor.map { .integer($0) }])
            (self.client, self.greeting) = (client, (id, now + Self.patience))
        } catch {}
    }

    private func hangUp(at now: UInt64) {
        (self.client, self.greeting, self.retryAt) = (nil, nil, now + Self.rest)
    }

    /// What is asked of the door; nil for what is none of its business.
    private func words(_ ask: Ask) throws(DoorError) -> (method: String, params: [String: JSON?])? {
        let who: [String: JSON?] = ["who": .string(self.person)]
        switch ask {
        case .send(_, let text, let replyTo):
            return (
                "send", ["to": [.string(self.person)], "text": .string(text), "replyTo": replyTo.map { .string($0) }]
            )
        case .edit(let id, let text): return ("edit", ["id": .string(id), "text": .string(text)])
        case .delete(let id): return ("delete", ["id": .string(id)])
        case .react(let id, let emoji): return ("react", ["id": .string(id), "emoji": .string(emoji)])
        case .typing(let on): return ("typing", ["who": .string(self.person), "on": .bool(on)])
        case .markRead: return ("read", who)
        case .acceptPerson: return ("accept", who)
        case .block: return ("block", who)
        case .unblock: return ("unblock", who)
        case .acceptFile(let id, let folder):
            let whole = try folder.map { folder throws(DoorError) in JSON.string(try TypedPath.ours.absolute(folder)) }
            return ("transfer.accept", ["id": .string(id), "folder": whole])
        case .transfer(let verb, let id): return ("transfer.\(verb.rawValue)", ["id": .string(id)])
        case .offer(let typed):
            var paths: [JSON] = []
            for path in typed { paths.append(.string(try TypedPath.ours.absolute(path))) }
            return ("offer", ["to": [.string(self.person)], "paths": .array(paths)])
        case .search(let query): return ("search", ["query": .string(query), "who": .string(self.person), "limit": 30])
        case .id: return ("id", [:])
        case .person: return ("resolve", who)
        case .transfers: return ("transfers", ["who": .string(self.person), "limit": 1_000])
        case .newest(let limit):
            return ("history", ["who": .string(self.person), "limit": .integer(Int64(clamping: limit))])
        case .older(let id):
            return (
                "history",
                [
                    "who": .string(self.person), "before": .string(id),
                    "limit": .integer(Int64(clamping: ChatState.page)),
                ]
            )
        case .complete, .startNode, .redraw, .suspend, .leave: return nil
        }
    }
}

/// Ms of a clock that only goes forward.
package enum Clock {
    package static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(clamping: time.tv_sec) * 1_000 + UInt64(clamping: time.tv_nsec) / 1_000_000
    }
}
