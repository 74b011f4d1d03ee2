import CLinux
import EarshotConfig
import EarshotControl
import EarshotHooks
import EarshotModel
import Glibc
import Logging
import NIOConcurrencyHelpers
import NIOCore

/// Runs the hooks: events in, programs and posts out, and what they answer into the conversation. What a hook may is
/// decided by its `HookLane`.
final class HookRunner: Sendable {
    /// A lane, and what tells it apart from one of the same name before the files were read again.
    private struct Entry {
        let number: UInt64
        var lane: HookLane
    }

    private struct State {
        var entries: [Entry] = []
        var next: UInt64 = 1
        /// Runs, of hooks that are gone too.
        var running = 0
        var isOver = false
        var alarm: Scheduled<Void>?
        var drained: EventLoopPromise<Void>?
    }

    /// Lines of one run in the log at most.
    private static let mostLogged = 20
    /// Runs of all hooks at a time: each has a thread.
    private static let mostRunning = 32

    private let door: any Door
    private let caller: CallerID
    private let loop: any EventLoop
    private let environment: [String: String]
    private let log: Logger
    /// Readable once all is to end.
    private let halt: Int32
    private let state = NIOLockedValueBox(State())

    /// - Parameter folder: that of the node, for programs that ask it something.
    init(door: any Door, caller: CallerID, folder: String, loop: any EventLoop, log: Logger) {
        self.door = door
        self.caller = caller
        self.loop = loop
        self.environment = ["EARSHOT_STATE": folder]
        self.log = log
        self.halt = eventfd(0, Int32(EFD_CLOEXEC))  // lint: a constant
    }

    deinit { if self.halt >= 0 { close(self.halt) } }

    /// From now on these. One that stays as it was goes on where it is.
    func use(_ hooks: [Hook]) {
        self.state.withLockedValue { state in
            state.entries = hooks.map { hook in
                if let same = state.entries.first(where: { $0.lane.hook == hook }) { return same }
                defer { state.next += 1 }
                return Entry(number: state.next, lane: HookLane(hook))
            }
        }
    }

    var lanes: [HookLane] { self.state.withLockedValue { $0.entries.map(\.lane) } }

    /// Ends whatever runs, and waits a few seconds for it.
    func stop() async {
        let drained = self.loop.makePromise(of: Void.self)
        var one: UInt64 = 1
        write(self.halt, &one, 8)
        let isIdle = self.state.withLockedValue { state in
            state.isOver = true
            state.alarm?.cancel()
            state.drained = drained
            return state.running == 0
        }
        let alarm = self.loop.scheduleTask(in: .seconds(4)) { drained.succeed() }
        if isIdle { drained.succeed() }
        try? await drained.futureResult.get()
        alarm.cancel()
    }

    // MARK: events

    func heard(_ event: EventView) {
        let now = HookClock.uptime
        let actions = self.state.withLockedValue { state -> [(UInt64, HookLane.Action)] in
            guard !state.isOver else { return [] }
            var given: HookEvent?
            return state.entries.indices.flatMap { index -> [(UInt64, HookLane.Action)] in
                guard state.entries[index].lane.hook.filter.fits(event) else { return [] }
                let event = given ?? HookEvent(event)
                given = event
                let number = state.entries[index].number
                return state.entries[index].lane.take(event, at: now).map { (number, $0) }
            }
        }
        self.perform(actions)
    }

    private func perform(_ actions: [(UInt64, HookLane.Action)]) {
        for (number, action) in actions {
            switch action {
            case .warn(let text):
                guard let hook = self.hook(number) else { continue }
                self.log.warning("hook \(hook.name): \(text)")
            case .start(let event): self.start(event, number)
            }
        }
        self.setAlarm()
    }

    private func hook(_ number: UInt64) -> Hook? {
        self.state.withLockedValue { state in state.entries.first { $0.number == number }?.lane.hook }
    }

    private func start(_ event: HookEvent, _ number: UInt64) {
        guard let hook = self.hook(number) else { return }
        let isRoom = self.state.withLockedValue { state in
            guard state.running < Self.mostRunning else { return false }
            state.running += 1
            return true
        }
        guard isRoom else {
            return self.loop.execute { self.ended(.notStarted("too many hooks run"), number, wasRunning: false) }
        }
        let isStarted = DetachedThread.start {
            let result = self.run(hook, event, number)
            self.loop.execute { self.ended(result, number) }
        }
        if !isStarted { self.loop.execute { self.ended(.notStarted("no thread can be started"), number) } }
    }

    private func ended(_ result: HookResult, _ number: UInt64, wasRunning: Bool = true) {
        let (now, wall) = (HookClock.uptime, Timestamp(milliseconds: HookClock.wall))
        let (actions, drained) = self.state.withLockedValue { state in
            if wasRunning { state.running -= 1 }
            let index = state.entries.firstIndex { $0.number == number }
            let actions = index.map { state.entries[$0].lane.ended(result, at: now, wall: wall) } ?? []
            return (state.isOver ? [] : actions, state.running == 0 ? state.drained : nil)
        }
        self.perform(actions.map { (number, $0) })
        drained?.succeed()
    }

    /// Those that rest after a failure go on by themselves.
    private func setAlarm() {
        let now = HookClock.uptime
        self.state.withLockedValue { state in
            state.alarm?.cancel()
            guard !state.isOver, let at = state.entries.compactMap(\.lane.wakeAt).min() else { return }
            let wait = TimeAmount.milliseconds(Int64(clamping: at > now ? at - now : 1))
            state.alarm = self.loop.scheduleTask(in: wait) { self.wake() }
        }
    }

    private func wake() {
        let now = HookClock.uptime
        let actions = self.state.withLockedValue { state in
            state.entries.indices.flatMap { index in
                let number = state.entries[index].number
                return state.entries[index].lane.wake(at: now).map { (number, $0) }
            }
        }
        self.perform(actions)
    }

    // MARK: in a thread of its own

    private func run(_ hook: Hook, _ event: HookEvent, _ number: UInt64) -> HookResult {
        var logged = 0
        switch hook.deed {
        case .post(let target):
            let post = WebPost(target: target, timeout: hook.timeout, loop: self.loop)
            let body = Array(event.line.utf8)
            var headers = [("Content-Type", "application/json"), ("User-Agent", "earshot/\(ControlLine.version)")]
            let timestamp = "\(HookClock.wall / 1_000)"
            headers.append((Signature.timeHeader, timestamp))
            if !target.secret.bytes.isEmpty {
                let signature = Signature.of(body, timestamp: timestamp, secret: target.secret.bytes)
                headers.append((Signature.header, signature))
            }
            return post.send(body, headers)
        case .run(let command):
            var variables = event.variables.merging(self.environment) { $1 }
            variables["EARSHOT_HOOK"] = hook.name
            let process = HookProcess(command, timeout: hook.timeout, halt: self.halt)
            return process.run(input: event.line, environment: Environment.ours, more: variables) { line in
                switch line {
                case .reply(let text, let cites): self.reply(text, cites: cites, to: event, hook, number)
                case .log(let text):
                    logged += 1
                    if logged <= Self.mostLogged { self.log.notice("hook \(hook.name): \(text)") }
                    if logged == Self.mostLogged { self.log.notice("hook \(hook.name): … and more") }
                }
            }
        }
    }

    private func reply(_ text: String, cites: Bool, to event: HookEvent, _ hook: Hook, _ number: UInt64) {
        guard let place = event.place else {
            return self.log.notice("hook \(hook.name): nobody is answered here: \(text.prefix(100))")
        }
        let answer = self.state.withLockedValue { state -> ReplyLimit.Answer in
            guard !state.isOver, let index = state.entries.firstIndex(where: { $0.number == number }) else {
                return .drop
            }
            return state.entries[index].lane.mayReply(in: place, at: HookClock.uptime)
        }
        switch answer {
        case .drop: return
        case .warn: return self.log.warning("hook \(hook.name): it answers too much; what is over is not sent")
        case .say: break
        }
        let send = Methods.Send(to: [place], text: text, replyTo: cites ? event.message : nil)
        self.door.ask(send, from: self.caller) { result in
            if case .failure(let error) = result {
                self.log.warning("hook \(hook.name): its answer was not sent: \(error.message)")
            }
        }
    }
}
