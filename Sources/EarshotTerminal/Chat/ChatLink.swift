import EarshotControl
import EarshotModel
import EarshotText
import Glibc

/// A conversation's line to the node: asks, hears answers and events, and comes back by itself when the node was
/// away, from where it had heard. Not shared between threads.
package final class ChatLink {
    package enum Heard: Sendable {
        case event(EventView)
        case answered(Ask, Result<Reply, DoorError>)
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

    package let place: Recipient
    private let connect: () throws(DoorError) -> ControlClient
    private var client: ControlClient?
    private var asked: [Int64: (ask: Ask, question: DoorQuestion)] = [:]
    /// What could not be asked, to be told with the next look.
    private var unheard: [Heard] = []
    /// Up to where everything was heard.
    private var heard: EventPlace?
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
    ///   - place: the other, or the room.
    ///   - connect: another line to the same node; starts none.
    package init(
        client: ControlClient, place: Recipient, connect: @escaping () throws(DoorError) -> ControlClient
    ) throws(DoorError) {
        self.place = place
        self.connect = connect
        self.client = client
        self.heard = EventPlace(try client.ask(Methods.Subscribe()).cursor)
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
        self.asked.values.contains { asked in
            if case .offer = asked.ask { false } else { true }
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

    package func post(_ ask: Ask) {
        do throws(DoorError) {
            guard let question = try DoorQuestion(ask, self.place) else { return }
            guard let client, self.greeting == nil else { throw DoorError(.connection(.noNode)) }
            if self.asked.isEmpty { self.heardAt = Clock.now }
            self.asked[try question.post(client, Int64(Self.silence))] = (ask, question)
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
            while heard.count < Self.mostAtOnce, let incoming = try client.next(wait: false) {
                if let one = self.take(incoming, at: now) { heard.append(one) }
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

    private func take(_ incoming: Incoming, at now: UInt64) -> Heard? {
        (self.heardAt, self.isStuckTold) = (now, false)
        switch incoming {
        case .event(let event):
            self.heard = event.place ?? self.heard
            return .event(event)
        case .answer(let answer) where answer.id == self.greeting?.id: return self.greeted(answer, at: now)
        case .answer(let answer):
            guard let (ask, question) = self.asked.removeValue(forKey: answer.id) else { return nil }
            return .answered(ask, Result { () throws(DoorError) in try question.reply(answer) })
        }
    }

    /// A node that is back has answered.
    private func greeted(_ answer: Incoming.Answer, at now: UInt64) -> Heard? {
        self.greeting = nil
        do throws(DoorError) {
            let cursor = try answer.to(Methods.Subscribe.self).cursor
            self.heard = self.heard ?? EventPlace(cursor)
            return .back
        } catch {
            self.hangUp(at: now)
            return nil
        }
    }

    private func lose(and ask: Ask?) {
        self.client = nil
        let unanswered = self.asked.sorted { $0.key < $1.key }.map(\.value.ask) + (ask.map { [$0] } ?? [])
        self.asked = [:]
        (self.retryAt, self.hasMore) = (Clock.now + Self.rest, false)
        self.unheard.append(.lost(unanswered))
    }

    /// Tries to reach a node that was away.
    private func call(at now: UInt64) {
        self.retryAt = now + Self.rest
        do throws(DoorError) {
            let client = try self.connect()
            let id = try client.post(Methods.Subscribe(place: self.heard))
            (self.client, self.greeting) = (client, (id, now + Self.patience))
        } catch {}
    }

    private func hangUp(at now: UInt64) {
        (self.client, self.greeting, self.retryAt) = (nil, nil, now + Self.rest)
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
