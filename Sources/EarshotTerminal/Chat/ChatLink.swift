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

    package let person: String
    private let connect: () throws(DoorError) -> ControlClient
    private var client: ControlClient?
    private var asked: [Int64: Ask] = [:]
    /// What could not be asked, to be told with the next look.
    private var unheard: [Heard] = []
    private var cursor: Int64?
    private var retryAt: UInt64 = 0

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

    package var isConnected: Bool { self.client != nil }

    /// To be waited for; -1 while the node is away, which poll ignores.
    package var descriptor: Int32 { self.client?.descriptor ?? -1 }

    /// When `hear` has something to do though nothing came; ms as `Clock.now` has them.
    package var wakeAt: UInt64? { self.unheard.isEmpty ? self.client == nil ? self.retryAt : nil : 0 }

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
            guard let client else { throw DoorError(.notRunning, "The node is not running.") }
            self.asked[try client.post(method, params)] = ask
        } catch {
            if error.kind == .notRunning, self.client != nil {
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
        if self.client == nil, now >= self.retryAt, self.reach(at: now) { heard.append(.back) }
        guard let client else { return heard }
        do throws(DoorError) {
            while heard.count < Self.mostAtOnce, let line = try client.next(wait: false) {
                if line["method"] != nil {
                    let event = line["params"] ?? .null
                    if let cursor = event["cursor"]?.integer { self.cursor = max(self.cursor ?? 0, cursor) }
                    heard.append(.event(event))
                } else if let id = line["id"]?.integer, let ask = self.asked.removeValue(forKey: id) {
                    do throws(DoorError) {
                        heard.append(.answered(ask, .success(try ControlClient.result(line))))
                    } catch {
                        heard.append(.answered(ask, .failure(error)))
                    }
                }
            }
        } catch {
            self.lose(and: nil)
            heard += self.unheard
            self.unheard = []
        }
        return heard
    }

    private func lose(and ask: Ask?) {
        self.client = nil
        let unanswered = self.asked.sorted { $0.key < $1.key }.map(\.value) + (ask.map { [$0] } ?? [])
        self.asked = [:]
        self.retryAt = Clock.now + Self.rest
        self.unheard.append(.lost(unanswered))
    }

    private func reach(at now: UInt64) -> Bool {
        self.retryAt = now + Self.rest
        do throws(DoorError) {
            let client = try self.connect()
            // A node that is not ready yet answers soon or goes.
            let answer = try client.ask("subscribe", ["since": self.cursor.map { .integer($0) }], patience: 5_000)
            self.cursor = self.cursor ?? answer["cursor"]?.integer
            self.client = client
            return true
        } catch { return false }
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
