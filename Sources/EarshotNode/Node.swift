import CLinux
import EarshotConfig
import EarshotControl
import EarshotDiscovery
import EarshotModel
import EarshotNetwork
import EarshotRules
import EarshotStore
import EarshotTransfer
import EarshotVault
import EarshotWire
import Glibc
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Noise

/// A node: the engine, and everything in the world that it is connected with. What it is made of stands here; what it
/// does with an event in `Node+Round`, with a question in `Door/`.
package final class Node: Sendable {
    enum Item: Sendable {
        case event(Event, LinkID?)
        case discovery(DiscoveryEvent)
        case networkChanged
        case asked(Asked)
        /// The folder that a question names has been looked at.
        case checked(Asked, FolderProblem?)
        case entered(CallerID, @Sendable (DoorEvent) -> Bool)
        /// Someone reads on in a long list.
        case page(Pages, AnswerList<MessageView>.Tell)
        /// A device holds something else of our log than we do.
        case contradicted(LogID, DeviceID)
        case resumed(CallerID)
        case bulk(BulkChannel)
        case greeted(BulkChannel, BulkFrame?)
        case carried(TransferWorker, BulkEvent)
        case surveyed(Surveyed)
        /// A transfer is complete, and nothing of it is left elsewhere.
        case tidied(Transfer)
        /// An upload of a browser is not wanted any more, or nobody offered it.
        case dropped(String)
        case backup(BackupJob.News)
        /// What takes its time has been looked at for somebody who wants to know what is wrong.
        case probed(Reply<[CheckView]>, Probes)
        case left(CallerID)
        /// Somebody wants the files of settings to be read again.
        case reread
        case stop
    }

    package let identity: Identity
    package let directory: StateDirectory
    let configuration: Configuration
    package let store: Store
    private let lock: StateLock
    let log: Logger
    private let group: MultiThreadedEventLoopGroup
    /// The one loop on which all of it happens: sockets, rules, disk. What comes in goes out again without waiting
    /// for another thread.
    let loop: any EventLoop
    let mailbox: Mailbox<Item>
    let transport: Transport
    let discovery: Discovery
    let throttle = Throttle()
    private let nextCaller = NIOLockedValueBox<UInt64>(1)
    /// Until then who is not here may only not have been found; uptime in ms.
    private let searchesUntil = NIOLockedValueBox<UInt64>(0)
    private let startName = NIOLockedValueBox("")
    private let alarm = NIOLockedValueBox<Alarm?>(nil)

    /// Opens everything on disk. Throws `VaultError`, `StoreError`, each a sentence for a person.
    package init(_ configuration: Configuration, log: Logger) throws {
        self.configuration = configuration
        self.log = log
        self.directory = try StateDirectory(opening: configuration.state)
        self.lock = try self.directory.lock()
        let name = configuration.name ?? OwnName.ofThisMachine
        self.identity = try IdentityFile.open(
            self.directory, name: name, unixSeconds: Self.now().wall.milliseconds / 1_000)
        self.store = try Self.openStore(self.directory.database, me: self.identity.person, log: log)
        if try self.store.settle(birthMark: BirthMark.of(self.directory.database), generation: randomBytes(32)) {
            log.notice(
                "this database is a copy or comes from a backup: what is written from now on goes into new logs")
        }
        self.group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        self.loop = self.group.any()
        let mailbox = Mailbox<Item>(on: self.loop)
        self.mailbox = mailbox
        self.transport = Transport(
            identity: self.identity, group: self.loop, admission: Admission(gate: .shut),
            useAES: configuration.usesAES && Noise.hasAES(),
            bulk: { mailbox.post(.bulk($0)) }, relay: { mailbox.post(.event(.relay($0), nil)) }
        ) { event in mailbox.post(.event(.transport(event), event.link)) }
        self.discovery = Discovery(
            configuration.discovery, interfaces: configuration.interfaces, announced: configuration.announced,
            domain: configuration.domain
        ) {
            mailbox.post(.discovery($0))
        }
    }

    static func now() -> Moment {
        var wall = timespec()
        clock_gettime(CLOCK_REALTIME, &wall)
        let milliseconds = UInt64(clamping: wall.tv_sec) * 1_000 + UInt64(clamping: wall.tv_nsec) / 1_000_000
        return Moment(wall: Timestamp(milliseconds: milliseconds), uptime: uptime())
    }

    /// Runs until `stop` is asked for. `ready` is told once: the port, and how long it took in ms.
    package func run(ready: @escaping @Sendable (UInt16) -> Void) async throws {
        let port = try await self.transport.listen(
            port: self.configuration.port, loopbackOnly: self.configuration.interfaces == ["lo"])
        let control = try await ControlServer.start(
            path: self.directory.socket, door: self, loop: self.loop, inherited: self.configuration.socket)
        let page = self.configuration.page
        let hooks = self.configuration.hooks
        await hooks?.start(door: self, state: self.directory.path, loop: self.loop)
        let mailbox = self.mailbox
        await page?.start(door: self, state: self.directory.path, loop: self.loop) { mailbox.post(.dropped($0)) }
        let alarm = try await Alarm(on: self.loop) { mailbox.post(.event(.woke, nil)) }
        self.alarm.withLockedValue { $0 = alarm }
        let watch = NetworkWatch { mailbox.post(.networkChanged) }
        if watch == nil { self.log.warning("cannot watch the network for changes") }
        let stopped = self.loop.makePromise(of: Void.self)
        try await self.loop.submit {
            let running = try self.begin(port)
            ready(port)
            let bound = NIOLoopBound(running, eventLoop: self.loop)
            self.mailbox.open { items in
                self.round(items, &bound.value.state)
                if let failure = bound.value.state.life.failure { stopped.fail(failure) }
                if bound.value.state.life.isStopping { stopped.succeed() }
            }
        }.get()
        var failure: (any Error)?
        do { try await stopped.futureResult.get() } catch { failure = error }
        await hooks?.stop()
        self.mailbox.close()
        await alarm.close()
        self.discovery.stop()
        await page?.stop()
        await self.transport.shutdown()
        await control.stop()
        // Goodbyes leave on their own; they get a moment, not a promise.
        try? await Task.sleep(for: .milliseconds(50))
        // Before the lines of those who asked are closed: who waits for that may begin again at once.
        self.store.close()
        self.lock.release()
        try? await self.group.shutdownGracefully()
        if let failure { throw failure }
    }

    /// On the loop: remembers, and begins to look for others.
    private func begin(_ port: UInt16) throws -> Running {
        let snapshot = try self.store.snapshot(me: self.identity.person)
        let running = Running(
            try RunState(
                engine: Engine(identity: self.identity, snapshot: snapshot, now: Self.now()),
                settings: LiveSettings(self.configuration.layers, kept: snapshot.settings),
                talks: Talks(kept: snapshot.settings),
                cursor: self.store.cursor(), port: port, looks: self.configuration.discovery != .none))
        self.searchesUntil.withLockedValue { $0 = running.state.callers.early.end }
        self.use(running.state.settings, &running.state.engine)
        try self.useName(&running.state)
        self.tellNotices(running.state.settings)
        try self.performAtStart(running.state.engine.abandonOpenShares({ _ in true }, at: Self.now()), &running.state)
        try self.performAtStart(self.putBackStreams(&running.state), &running.state)
        self.startName.withLockedValue { $0 = running.state.engine.name }
        self.sweep(running.state.engine)
        self.tidyEnded()
        running.state.engine.downloads = self.usualDownloads
        self.recallRelays(&running.state)
        let settings = running.state.settings
        let people = running.state.engine.use(provisions: settings.people, rooms: settings.rooms, at: Self.now())
        try self.performAtStart(people, &running.state)
        self.transport.admit(running.state.engine.admission)
        // First under which name: nobody hears our id who should not.
        try self.performAtStart(running.state.engine.settle(at: Self.now()), &running.state)
        try self.performAtStart(self.keepRelay(&running.state), &running.state)
        try self.performAtStart(self.keepAddresses(&running.state), &running.state)
        self.discovery.start(Advertisement(running.state.engine.advertName, port: port))
        self.setAlarm(running.state.engine.wakeAt)
        return running
    }

    /// The state, in a place of its own on the loop.
    private final class Running {
        var state: RunState
        init(_ state: RunState) { self.state = state }
    }

    /// How our id begins wherever people see it, as `peers` of others shows it.
    package var shownID: String { String(self.identity.person.description.prefix(8)) }
    /// What we call ourselves when we start.
    package var name: String { self.startName.withLockedValue { $0 } }
    package var statePath: String { self.directory.path }

    package func stop() { self.mailbox.post(.stop) }

    /// Whether who is not here may only not have been found yet.
    var isStillSearching: Bool { uptime() < self.searchesUntil.withLockedValue { $0 } }

    /// Calls `tell` again and again on the loop: who does not hear it knows that the loop hangs.
    /// - Parameter every: ms.
    package func beat(every: Int64, _ tell: @escaping @Sendable () -> Void) {
        self.loop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(every)) { _ in tell() }
    }

    /// Does something once on the loop, after so many ms.
    package func after(_ delay: Int64, _ act: @escaping @Sendable () -> Void) {
        self.loop.scheduleTask(in: .milliseconds(delay), act)
    }

    /// Wakes the loop at an uptime in ms, and not at the one set before; `nil` is never.
    func setAlarm(_ at: UInt64?) { self.alarm.withLockedValue { $0 }?.set(at) }
}

extension Node: Door {
    package func answer<One: Method>(
        _ method: One, from caller: CallerID, reply: @escaping @Sendable (Result<One.Answer, DoorError>) -> Void
    ) {
        self.mailbox.post(.asked(Asked(method, caller, reply)))
    }

    package func list<One: ListMethod>(
        _ method: One, from caller: CallerID,
        reply: @escaping @Sendable (Result<AnswerList<One.Element>, DoorError>) -> Void
    ) {
        self.mailbox.post(.asked(Asked(list: method, caller, reply)))
    }

    package func enter(news: @escaping @Sendable (DoorEvent) -> Bool) -> CallerID {
        let caller = self.nextCaller.withLockedValue { next in
            defer { next += 1 }
            return CallerID(raw: next)
        }
        self.mailbox.post(.entered(caller, news))
        return caller
    }

    package func resume(_ caller: CallerID) { self.mailbox.post(.resumed(caller)) }
    package func leave(_ caller: CallerID) { self.mailbox.post(.left(caller)) }
}

extension TransportEvent {
    /// Whose reading is held up until this event is dealt with.
    var link: LinkID? {
        switch self {
        case .opened(let link, _, _, _), .frame(let link, _, _), .envelopes(let link, _, _, _), .worn(let link): link
        case .writable, .closed, .dialFailed, .refused: nil
        }
    }
}
