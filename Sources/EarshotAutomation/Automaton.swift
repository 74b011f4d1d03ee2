import EarshotConfig
import EarshotControl
import EarshotHooks
import EarshotModel
import Logging
import NIOConcurrencyHelpers
import NIOCore

/// What a node does by itself, put together. It is a client of the door like any other.
package final class Automaton: LocalHooks {
    private struct Running: Sendable {
        let door: any Door
        let caller: CallerID
        let runner: HookRunner
        let desk: WebhookDesk
        let announcer: Announcer
    }

    private struct State {
        var wanted: Automations
        var running: Running?
        var isListening = false
    }

    private let log: Logger
    private let state: NIOLockedValueBox<State>

    package init(_ wanted: Automations, log: Logger) {
        self.log = log
        self.state = NIOLockedValueBox(State(wanted: wanted))
    }

    package func start(door: any Door, state folder: String, loop: any EventLoop) async {
        let heard = NIOLockedValueBox<HookRunner?>(nil)
        let caller = door.enter { event in
            heard.withLockedValue { $0 }?.heard(event.view)
            return true
        }
        let runner = HookRunner(door: door, caller: caller, folder: folder, loop: loop, log: self.log)
        heard.withLockedValue { $0 = runner }
        let running = Running(
            door: door, caller: caller, runner: runner, desk: WebhookDesk(door: door, caller: caller, log: self.log),
            announcer: Announcer(door: door, caller: caller, folder: folder, loop: loop, log: self.log))
        self.state.withLockedValue { $0.running = running }
        self.apply()
    }

    /// The files were read again.
    package func use(_ wanted: Automations) {
        let isNews = self.state.withLockedValue { state in
            defer { state.wanted = wanted }
            return state.wanted != wanted
        }
        if isNews { self.apply() }
    }

    private func apply() {
        let (wanted, running, wasListening) = self.state.withLockedValue { state in
            defer { if state.running != nil { state.isListening = !state.wanted.hooks.isEmpty } }
            return (state.wanted, state.running, state.isListening)
        }
        guard let running else { return }
        running.runner.use(wanted.hooks)
        running.desk.use(wanted.webhooks)
        running.announcer.use(wanted.announcements)
        // Whoever wants to hear nothing costs nothing.
        switch (wasListening, !wanted.hooks.isEmpty) {
        case (false, true): running.door.answer(Methods.Subscribe(), from: running.caller) { _ in }
        case (true, false): running.door.answer(Methods.Unsubscribe(), from: running.caller) { _ in }
        case (true, true), (false, false): break
        }
    }

    package func stop() async {
        let running = self.state.withLockedValue { state in
            defer { state.running = nil }
            return state.running
        }
        guard let running else { return }
        running.announcer.stop()
        await running.runner.stop()
        running.door.leave(running.caller)
    }

    package var hooks: [HookView] {
        let running = self.state.withLockedValue { $0.running }
        guard let running else { return [] }
        return running.runner.lanes.map(HookView.init) + running.desk.views + running.announcer.views
    }

    package func take(_ post: HookPost, reply: @escaping @Sendable (Result<[SentView], HookRefusal>) -> Void) {
        guard let desk = self.state.withLockedValue({ $0.running?.desk }) else { return reply(.failure(.notSigned)) }
        desk.take(post, reply)
    }
}

extension HookView {
    init(_ lane: HookLane) {
        let hook = lane.hook
        self.init(
            hook.name, .hook, does: hook.does, runs: lane.runs, failures: lane.failures,
            failing: UInt64(clamping: lane.failing))
        self.on = hook.filter.events.map(\.rawValue).sorted()
        self.waiting = UInt64(clamping: lane.waits)
        self.dropped = lane.dropped
        self.running = UInt64(clamping: lane.running)
        self.replies = lane.replies.said
        self.unsaid = lane.replies.dropped
        self.last = lane.last?.result.text
        self.lastAt = lane.last?.at
    }
}
