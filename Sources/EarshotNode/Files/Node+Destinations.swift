import EarshotControl
import EarshotModel
import EarshotRules
import EarshotText
import EarshotVault
import NIOCore
import NIOPosix

/// Questions that name a folder wait until it has been looked at, beside the loop: a network file system that does not
/// answer holds up nobody but who named it. What the same caller asks meanwhile waits its turn.
struct FolderChecks {
    private var waiting: [CallerID: [Asked]] = [:]

    /// Whether it has to wait for one that was asked before.
    mutating func holds(_ asked: Asked) -> Bool {
        guard self.waiting[asked.caller] != nil else { return false }
        self.waiting[asked.caller]?.append(asked)
        return true
    }

    mutating func begin(_ caller: CallerID) { self.waiting[caller] = self.waiting[caller] ?? [] }

    /// What was asked meanwhile, in order.
    mutating func end(_ caller: CallerID) -> [Asked] { self.waiting.removeValue(forKey: caller) ?? [] }
}

extension Node {
    /// Whether the question waits for a look at its folder, or behind one that does.
    func waits(_ asked: Asked, _ state: inout RunState) -> Bool {
        if state.files.checks.holds(asked) { return true }
        guard let folder = asked.folder(self, state.engine) else { return false }
        state.files.checks.begin(asked.caller)
        let (mailbox, own) = (self.mailbox, self.directory.path)
        NIOSingletons.posixBlockingThreadPool.submit { _ in
            var problem: FolderProblem?
            do throws(FolderProblem) { try Destination.check(folder, state: own) } catch { problem = error }
            mailbox.post(.checked(asked, problem))
        }
        return true
    }

    /// The folder was looked at: what was asked is done or refused, and what waited behind it is done.
    func checked(
        _ asked: Asked, _ problem: FolderProblem?, _ state: inout RunState, _ answers: inout [Answer],
        _ now: Moment
    ) -> [Effect] {
        let behind = state.files.checks.end(asked.caller)
        var effects: [Effect] = []
        if let problem {
            answers.append(asked.refuse(DoorError(.folder(problem))))
        } else {
            effects += self.take(asked, &state, &answers, now, isChecked: true)
        }
        for asked in behind { effects += self.take(asked, &state, &answers, now) }
        return effects
    }
}
