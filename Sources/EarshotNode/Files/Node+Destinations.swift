import EarshotControl
import EarshotModel
import EarshotRules
import EarshotVault
import NIOCore
import NIOPosix

/// Requests that name a folder wait until it has been looked at, beside the loop: a network file system that does not
/// answer holds up nobody but who named it. What the same caller asks meanwhile waits its turn.
struct FolderChecks {
    typealias Asked = (request: Request, reply: @Sendable (Result<DoorAnswer, DoorError>) -> Void)

    private var waiting: [CallerID: [Asked]] = [:]

    /// Whether it has to wait for one that was asked before.
    mutating func holds(
        _ request: Request, _ caller: CallerID, _ reply: @escaping @Sendable (Result<DoorAnswer, DoorError>) -> Void
    ) -> Bool {
        guard self.waiting[caller] != nil else { return false }
        self.waiting[caller]?.append((request, reply))
        return true
    }

    mutating func begin(_ caller: CallerID) { self.waiting[caller] = self.waiting[caller] ?? [] }

    /// What was asked meanwhile, in order.
    mutating func end(_ caller: CallerID) -> [Asked] { self.waiting.removeValue(forKey: caller) ?? [] }
}

extension Node {
    /// The folder that a request names, or that it would use; `nil` where it is about none.
    private func folder(of request: Request, _ engine: Engine) -> String? {
        switch request {
        case .transfers(.accept(_, let folder)): folder ?? self.downloads(engine)
        case .transfers(.addRule(let rule)): rule.folder
        case .setSetting("files.folder", let value): value.isEmpty ? nil : value
        default: nil
        }
    }

    /// Whether the request waits for a look at its folder, or behind one that does.
    func waits(
        _ request: Request, _ caller: CallerID, _ reply: @escaping @Sendable (Result<DoorAnswer, DoorError>) -> Void,
        _ state: inout RunState
    ) -> Bool {
        if state.folderChecks.holds(request, caller, reply) { return true }
        guard let folder = self.folder(of: request, state.engine) else { return false }
        state.folderChecks.begin(caller)
        let (mailbox, own) = (self.mailbox, self.directory.path)
        NIOSingletons.posixBlockingThreadPool.submit { _ in
            var problem: Destination.Problem?
            do throws(Destination.Problem) { try Destination.check(folder, state: own) } catch { problem = error }
            mailbox.post(.checked(request, caller, reply, problem))
        }
        return true
    }

    /// The folder was looked at: the request is done or refused, and what waited behind it is done.
    func checked(
        _ request: Request, _ caller: CallerID, _ reply: @escaping @Sendable (Result<DoorAnswer, DoorError>) -> Void,
        _ problem: Destination.Problem?,
        _ state: inout RunState, _ answers: inout [Answer], _ now: Moment
    ) -> [Effect] {
        let behind = state.folderChecks.end(caller)
        var effects: [Effect] = []
        if let problem {
            answers.append(
                Answer(result: .failure(DoorError(.badParameters, problem.description))) {
                    reply($0.map { .whole($0) })
                })
        } else {
            effects += self.take(request, caller, reply, &state, &answers, now, isChecked: true)
        }
        for asked in behind { effects += self.take(asked.request, caller, asked.reply, &state, &answers, now) }
        return effects
    }
}
