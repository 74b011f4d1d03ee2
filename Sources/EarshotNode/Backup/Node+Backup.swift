import EarshotControl
import EarshotModel
import EarshotRules
import EarshotStore
import EarshotText
import EarshotVault
import EarshotWire
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// Backups, while the node goes on (docs/Backup.md).
extension Node {
    static let backupHandlers: [any AnyHandler] = [
        Handler(later: Methods.Backup.self) { node, asked, question, state, _ in
            try node.beginBackup(asked, question, &state)
            return []
        }
    ]

    /// As many pages of 4 KiB in a round; then others get their turn.
    private static let pagesAtOnce: Int32 = 512
    /// Characters. What is shorter is found by trying.
    private static let shortestPassphrase = 8

    private func beginBackup(
        _ asked: Methods.Backup, _ question: Question<BackupView>, _ state: inout RunState
    ) throws {
        guard state.callers.backup == nil else {
            throw DoorError(.backup(.isBeingMade))
        }
        guard asked.passphrase.count >= Self.shortestPassphrase else {
            throw DoorError(.backup(.shortPassphrase(least: Self.shortestPassphrase)))
        }
        let path = asked.path.text
        guard KeyFile.isAbsent(path) else {
            throw DoorError(.backup(.exists(path: path)))
        }
        let about = BackupAbout(
            name: state.engine.name, person: "\(self.identity.person)",
            messages: Int64(clamping: try self.store.messageCount()), made: question.now.wall,
            earshot: ControlLine.version)
        // What is decided and not written yet belongs to it.
        self.finish(state.links.deferredTicks.take(), [], &state, question.now)
        let copy = try StoreCopy(of: self.store, to: self.directory.copy)
        let sealing = BackupJob.Sealing(
            directory: self.directory, path: path, passphrase: Array(asked.passphrase.utf8), about: about,
            startedAt: question.now.uptime)
        state.callers.backup = BackupJob(caller: question.caller, reply: question.reply, sealing: sealing, copy: copy)
        self.mailbox.post(.backup(.goesOn))
    }

    func take(_ news: BackupJob.News, _ state: inout RunState) {
        guard let job = state.callers.backup else { return }
        switch news {
        case .ended(let result):
            state.callers.backup = nil
            job.reply(result)
        case .goesOn:
            guard let copy = job.copy else { return }
            do {
                guard try copy.step(pages: Self.pagesAtOnce) else { return self.mailbox.post(.backup(.goesOn)) }
            } catch {
                return self.giveUpBackup(&state, Self.explain(error))
            }
            state.callers.backup?.copy = nil
            let (sealing, mailbox) = (job.sealing, self.mailbox)
            NIOSingletons.posixBlockingThreadPool.submit { _ in
                mailbox.post(.backup(.ended(Result { try sealing.run() }.mapError { Self.explain($0) })))
            }
        }
    }

    /// Whoever asked is gone: what was written goes, too.
    func leaveBackup(_ caller: CallerID, _ state: inout RunState) {
        guard let job = state.callers.backup, job.caller == caller else { return }
        job.sealing.isGivenUp.withLockedValue { $0 = true }
        if job.copy != nil { self.giveUpBackup(&state, Self.explain(BackupError.givenUp)) }
    }

    /// The database is closed, or another from now on: no more can be copied.
    func giveUpBackup(_ state: inout RunState, _ error: DoorError) {
        guard let job = state.callers.backup else { return }
        job.sealing.isGivenUp.withLockedValue { $0 = true }
        guard job.copy != nil else { return }
        state.callers.backup = nil
        KeyFile.remove(self.directory.copy)
        job.reply(.failure(error))
    }
}
