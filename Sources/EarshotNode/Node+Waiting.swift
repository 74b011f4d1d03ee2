import EarshotControl
import EarshotModel
import EarshotRules
import EarshotWire

/// Who waits until what was sent has got somewhere.
extension Node {
    /// Answers those whose messages got where they were to go, or whose time is up.
    func answerWaiting(_ state: inout RunState, _ now: Moment) {
        guard !state.callers.waiting.isEmpty else { return }
        var reach = Reach()
        var waiting: [Waiting] = []
        for one in state.callers.waiting.take() {
            let isTold: Bool
            switch one.outcome {
            case .offers(let reply):
                let views = self.outcome(ofOffers: one, state, now)
                if let views { reply(.success(.ended(views))) }
                isTold = views != nil
            case .messages(let wait, let reply):
                let isOver = now.uptime >= one.until
                isTold =
                    (isOver || self.isThere(one, wait, &reach, state.engine))
                    && self.tell(one, wait, reply, state.engine, isOver: isOver)
            }
            if !isTold { waiting.append(one) }
        }
        state.callers.waiting.putBack(waiting)
    }

    private func isThere(_ waiting: Waiting, _ wait: TextWait, _ reach: inout Reach, _ engine: Engine) -> Bool {
        for (said, to) in zip(waiting.said, waiting.to) where reach.reach(of: said, wait, engine) < said.last {
            guard self.isAlone(to, engine) else { return false }
        }
        return true
    }

    /// How far others hold our logs. Hundreds may wait for the same one, and this is asked in each round.
    /// The engine is large: it is handed on, never kept, so that no copy of it is made.
    private struct Reach {
        private var known: [LogID: (held: UInt64, read: UInt64)] = [:]
        private var last: (log: LogID, reach: (held: UInt64, read: UInt64))?
        private var several: [LogID: [UInt64]] = [:]

        /// Up to where a log of ours has got as far as is waited for.
        mutating func reach(of said: Engine.SentMessage, _ wait: TextWait, _ engine: Engine) -> UInt64 {
            switch wait {
            case .queued: .max
            case .delivered: self.of(said, engine).held
            case .deliveredTo(let number): self.reach(of: said, by: number, engine)
            case .deliveredToAll: self.holders(of: said, engine).last ?? 0
            case .read: self.of(said, engine).read
            }
        }

        /// Up to where so many hold it, as long as there are as many.
        private mutating func reach(of said: Engine.SentMessage, by number: Int64, _ engine: Engine) -> UInt64 {
            let furthest = self.holders(of: said, engine).prefix(Int(clamping: number))
            return furthest.count < number ? 0 : furthest.last ?? 0
        }

        private mutating func holders(of said: Engine.SentMessage, _ engine: Engine) -> [UInt64] {
            if let known = self.several[said.log] { return known }
            let holders = engine.holders(of: said.log, in: said.conversation)
            self.several[said.log] = holders
            return holders
        }

        private mutating func of(_ said: Engine.SentMessage, _ engine: Engine) -> (held: UInt64, read: UInt64) {
            if let last = self.last, last.log == said.log { return last.reach }
            let reach = self.known[said.log] ?? engine.reach(of: said.log, in: said.conversation)
            self.known[said.log] = reach
            self.last = (said.log, reach)
            return reach
        }
    }

    /// Tells whoever waits, if their messages got where they were to go, or time is up.
    /// - Returns: whether they were told.
    private func tell(
        _ waiting: Waiting, _ wait: TextWait, _ reply: Reply<[SentView]>, _ engine: Engine, isOver: Bool
    ) -> Bool {
        var sent: [SentView] = []
        var isThere = true
        for (said, to) in zip(waiting.said, waiting.to) {
            var view = self.sent(said.id, to, engine.progress(of: said), engine)
            switch wait {
            case .deliveredTo, .deliveredToAll:
                let holders = engine.holders(of: said.log, in: said.conversation)
                view.recipients = Int64(clamping: holders.count)
                view.deliveredTo = Int64(clamping: holders.count { $0 >= said.last })
            case .queued, .delivered, .read: break
            }
            isThere = isThere && (wait.isMet(by: view) || self.isAlone(to, engine))
            sent.append(view)
        }
        guard isThere || isOver else { return false }
        reply(.success(sent))
        return true
    }
}
