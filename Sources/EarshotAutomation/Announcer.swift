import EarshotConfig
import EarshotControl
import EarshotModel
import Logging
import NIOConcurrencyHelpers
import NIOCore

/// Says at their times what the files say. Which days are done is on disk before anything is said.
final class Announcer: Sendable {
    private struct State {
        var announcements: [Announcement] = []
        var schedule: Schedule
        var tallies: [String: Tally] = [:]
        var alarm: Scheduled<Void>?
        var isOver = false
    }

    /// However far off the next is: the clock may be set, and the machine may sleep.
    private static let longestSleep: Int64 = 60

    private let door: any Door
    private let caller: CallerID
    private let loop: any EventLoop
    private let log: Logger
    private let file: AnnouncedFile
    private let state: NIOLockedValueBox<State>

    init(door: any Door, caller: CallerID, folder: String, loop: any EventLoop, log: Logger) {
        self.door = door
        self.caller = caller
        self.loop = loop
        self.log = log
        self.file = AnnouncedFile(folder: folder)
        self.state = NIOLockedValueBox(State(schedule: Schedule([], done: [:], zone: .ours, now: 0)))
    }

    private static var now: Int64 { Int64(clamping: HookClock.wall / 1_000) }

    func use(_ announcements: [Announcement]) {
        let done = self.file.read()
        self.state.withLockedValue { state in
            state.announcements = announcements
            state.schedule = Schedule(announcements, done: done, zone: .ours, now: Self.now)
        }
        self.look()
    }

    func stop() {
        self.state.withLockedValue { state in
            state.isOver = true
            state.alarm?.cancel()
        }
    }

    var views: [HookView] {
        self.state.withLockedValue { state in
            state.announcements.map { announcement in
                let days =
                    announcement.weekdays.count == 7
                    ? "every day" : announcement.weekdays.sorted().map { Announcement.days[$0] }.joined(separator: " ")
                let tally = state.tallies[announcement.name] ?? Tally()
                var view = HookView(
                    announcement.name, .announce, does: "\(announcement.at) \(days) to \(announcement.to)", tally)
                let next = state.schedule.next(after: Self.now, of: announcement.name)
                view.next = next.map { Timestamp(milliseconds: UInt64(clamping: $0) * 1_000) }
                return view
            }
        }
    }

    /// Says what is due, and looks again when the next is.
    private func look() {
        let (actions, done) = self.state.withLockedValue { state -> ([Schedule.Action], [String: [Int64]]) in
            guard !state.isOver, !state.announcements.isEmpty else { return ([], [:]) }
            return (state.schedule.check(now: Self.now), state.schedule.done)
        }
        do throws(DoorError) {
            if !done.isEmpty { try self.file.write(done) }
            actions.forEach(self.perform)
        } catch {
            // What might be said twice is not said.
            for action in actions { self.failed(action.announcement, error.message) }
        }
        self.state.withLockedValue { state in
            state.alarm?.cancel()
            let now = Self.now
            guard !state.isOver, let next = state.schedule.next(after: now) else { return }
            let wait = TimeAmount.seconds(min(max(1, next - now), Self.longestSleep))
            state.alarm = self.loop.scheduleTask(in: wait) { self.look() }
        }
    }

    private func perform(_ action: Schedule.Action) {
        switch action {
        case .missed(let announcement):
            self.log.notice(
                "announce \(announcement.name): \(announcement.at) has passed: skipped (catch_up says it late)")
        case .say(let announcement, let isLate):
            if isLate { self.log.notice("announce \(announcement.name): it is said late") }
            self.door.ask(Methods.Send(to: [announcement.to], text: announcement.text), from: self.caller) { result in
                switch result {
                case .success:
                    self.state.withLockedValue {
                        $0.tallies[announcement.name, default: Tally()].good(at: HookClock.wall)
                    }
                case .failure(let error): self.failed(announcement, error.message)
                }
            }
        }
    }

    private func failed(_ announcement: Announcement, _ why: String) {
        self.state.withLockedValue { $0.tallies[announcement.name, default: Tally()].bad(why, at: HookClock.wall) }
        self.log.warning("announce \(announcement.name): it was not said: \(why)")
    }
}

extension Schedule.Action {
    fileprivate var announcement: Announcement {
        switch self {
        case .say(let announcement, isLate: _), .missed(let announcement): announcement
        }
    }
}
