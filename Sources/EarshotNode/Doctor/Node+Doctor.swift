import EarshotConfig
import EarshotControl
import EarshotDiscovery
import EarshotModel
import EarshotRules
import EarshotStore
import EarshotText
import EarshotVault
import EarshotWire
import NIOCore
import NIOPosix

/// Looking for what really stops people.
extension Node {
    /// Looks beside the loop first at what takes its time.
    func examine(_ question: Question<[CheckView]>, _ state: RunState) {
        let (mailbox, interfaces) = (self.mailbox, Interface.usable(self.configuration.interfaces))
        let (looks, port) = (self.configuration.discovery != .none, state.network.port)
        NIOSingletons.posixBlockingThreadPool.submit { _ in
            mailbox.post(.probed(question.reply, Probes.run(interfaces, multicast: looks, port: port)))
        }
    }

    func doctor(_ probes: Probes, _ state: RunState) -> [CheckView] {
        let usable = Interface.usable(self.configuration.interfaces)
        // Without a network there is the machine itself: enough to find its own people, and no others.
        let isAlone =
            usable.allSatisfy(\.isLoopback) && !self.configuration.interfaces.contains { Interface.isLoopback($0) }
        return self.checkNetwork(usable, isAlone, probes, state) + self.checkOthers(isAlone, probes, state)
            + self.checkApart(state)
            + self.checkPage() + self.checkPrivacy(state)
            + [self.checkDisk(state), self.checkDatabase(state)] + self.checkContacts(state)
            + self.checkProvisions(state)
            + self.checkUnreadable()
            + self.checkAside() + self.checkMail(state) + self.checkHooks()
            + self.checkLimits(probes) + [self.checkClock()] + self.checkClocks(state)
    }

    private func checkNetwork(
        _ usable: [Interface], _ isAlone: Bool, _ probes: Probes, _ state: RunState
    ) -> [CheckView] {
        let interfaces = usable.map { Finding.NamedInterface($0.name, addresses: $0.addresses.count) }
        let deaf = usable.filter { !$0.isMulticast && !$0.isLoopback }.map(\.name)
        var checks = [
            CheckView("interfaces", ok: !isAlone, .network(interfaces, isAlone: isAlone)),
            CheckView("multicast", ok: deaf.isEmpty, .multicast(deaf: deaf)),
        ]
        checks += self.checkEcho(probes)
        if self.configuration.discovery != .none {
            checks += usable.filter { $0.isMulticast || $0.isLoopback }.map { self.checkHeard($0, state) }
        }
        return checks
    }

    /// Silence is no fault where nobody else may be; it is worth a word where others were heard elsewhere.
    private func checkHeard(_ interface: Interface, _ state: RunState) -> CheckView {
        let heard = state.network.heard(on: interface.index)
        let isFine = heard > 0 || !state.network.hasHeard || interface.isLoopback
        return CheckView("heard on \(interface.name)", ok: isFine, .heard(heard))
    }

    private func checkOthers(_ isAlone: Bool, _ probes: Probes, _ state: RunState) -> [CheckView] {
        let engine = state.engine
        let (seen, silent) = engine.whereabouts.dialer.census
        let sessions = engine.sessionCount
        return [
            CheckView(
                "discovery", ok: state.network.backend != "starting",
                .discovery(backend: state.network.backend, isAnnounced: state.network.isAdvertised))
        ] + self.checkDomain(state) + [
            // Where there is no network it would only repeat that.
            CheckView(
                "others heard", ok: isAlone || seen > 0 || sessions > 0, .others(announced: seen, inSession: sessions)),
            CheckView(
                "port", ok: silent == 0,
                .port(
                    state.network.port, incoming: engine.incomingCount, sessions: sessions, silent: silent,
                    way: probes.wayThrough)),
        ] + self.checkFirewalls(probes)
    }

    private func checkDomain(_ state: RunState) -> [CheckView] {
        guard let domain = self.configuration.domain else { return [] }
        let heard: Finding.Domain =
            switch state.network.domain {
            case nil: .silent
            case .success(let count)?: .announced(count)
            case .failure(.noAnswer)?: .noServer
            }
        let isFine = if case .announced(let count) = heard { count > 0 } else { heard == .silent }
        return [CheckView("domain", ok: isFine, .domain(domain, type: ServiceRecord.type, heard))]
    }

    /// What private mode means just now, and what it does not hide.
    private func checkPrivacy(_ state: RunState) -> [CheckView] {
        let engine = state.engine
        guard engine.isPrivate else { return [] }
        let contacts = engine.contacts.all.filter(\.trust.talks)
        let known = contacts.count { engine.recognised.contains($0.person) }
        let deaf = engine.deafRooms.map { self.name($0.id, engine) }
        let isTold = state.network.backend == "avahi"
        let mode = Finding.privateMode(
            isOpenForGuests: engine.isOpenForGuests, found: known, contacts: contacts.count)
        return [
            CheckView("private mode", ok: true, mode),
            CheckView("host name", ok: !isTold, .hostName(isTold: isTold)),
        ] + (deaf.isEmpty ? [] : [CheckView("private rooms", ok: false, .deafRooms(deaf))])
    }

    private func checkPage() -> [CheckView] {
        guard let page = self.configuration.page?.place, page.enabled else { return [] }
        return [CheckView("page", ok: page.address != nil, .page(address: page.address, problem: page.problem))]
    }

    private func checkDisk(_ state: RunState) -> CheckView {
        let free = self.directory.freeSpace()
        return CheckView(
            "disk", ok: state.engine.trouble != .full && free > 64 << 20, .disk(free: free, path: self.directory.path))
    }

    private func checkDatabase(_ state: RunState) -> CheckView {
        let fault = self.store.fault()
        let trouble = state.engine.trouble.flatMap { $0 == .full ? nil : $0 }
        return CheckView(
            "database", ok: fault == nil && trouble == nil,
            .database(path: self.store.path, fault: fault, trouble))
    }

    /// Contacts of whom it is not certain who they are.
    private func checkContacts(_ state: RunState) -> [CheckView] {
        state.engine.contacts.all.filter { $0.trust == .conflict }.map { contact in
            CheckView(
                "contact", ok: false,
                .conflict(
                    contact.conflict ?? .deviceLists, name: self.name(contact.person, state.engine),
                    other: state.engine.contacts.lookAlike(of: contact.person)?.shownName, id: contact.person.brief))
        }
    }

    /// Whom files of this machine name: it is no fault that somebody was not here yet.
    private func checkProvisions(_ state: RunState) -> [CheckView] {
        let named = state.settings.people.count
        guard named > 0 else { return [] }
        let unmet = state.engine.unmetProvisions
        let names = unmet.prefix(8).map { SafeText.name($0.name) }
        let unclear = state.engine.unclearRooms.prefix(8).map { RoomResolver.shown(SafeText.name($0)) }
        return [
            CheckView(
                "people.toml", ok: true, .provisions(named: named, unmet: names, more: unmet.count - names.count))
        ] + (unclear.isEmpty ? [] : [CheckView("people.toml", ok: false, .unclearRooms(unclear))])
    }

    /// Rows of the database that are not what they should be.
    private func checkUnreadable() -> [CheckView] {
        self.store.unreadable().map { CheckView("unreadable", ok: false, .unreadable(rows: $0.rows, table: $0.table)) }
    }

    /// What could not be stored, or not be put into the history: the first of it, and how much more there is.
    private func checkAside() -> [CheckView] {
        let aside = (try? self.store.aside(limit: 8)) ?? []
        let count = (try? self.store.asideCount()) ?? aside.count
        let checks = aside.map { one in
            CheckView(
                "set aside", ok: false,
                .aside(
                    .init(
                        what: one.what, place: one.log.map { .init(log: $0, seq: one.seq ?? 0) }, at: one.at.rfc3339,
                        why: one.why, isKept: one.isKept)))
        }
        guard count > aside.count else { return checks }
        return checks + [CheckView("set aside", ok: false, .moreAside(count - aside.count))]
    }

    private func checkClock() -> CheckView {
        let year = 1970 + Self.now().wall.milliseconds / 31_556_952_000
        return CheckView("clock", ok: year >= 2025, .clock(year: year))
    }
}

extension CheckView {
    /// A check, and the words for what it found.
    init(_ check: String, ok: Bool, _ finding: Finding, in language: Language = .english) {
        let remedy = language.say(.remedy(finding))
        self.init(
            check: check, ok: ok, detail: language.say(.finding(finding)), remedy: remedy.isEmpty ? nil : remedy)
    }
}
