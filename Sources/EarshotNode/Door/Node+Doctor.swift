import EarshotControl
import EarshotDiscovery
import EarshotModel
import EarshotRules
import EarshotStore
import EarshotVault
import EarshotWire

/// Looking for what really stops people.
extension Node {
    func doctor(_ state: RunState) -> [CheckView] {
        let usable = Interface.usable(self.configuration.interfaces)
        // Without a network there is the machine itself: enough to find its own people, and no others.
        let isAlone =
            usable.allSatisfy(\.isLoopback) && !self.configuration.interfaces.contains { Interface.isLoopback($0) }
        return self.checkNetwork(usable, isAlone, state) + self.checkOthers(isAlone, state)
            + self.checkPage() + self.checkPrivacy(state)
            + [self.checkDisk(state), self.checkDatabase(state)] + self.checkContacts(state)
            + self.checkUnreadable()
            + self.checkAside() + self.checkMail(state) + self.checkHooks()
            + [self.checkClock()]
    }

    private func checkNetwork(_ usable: [Interface], _ isAlone: Bool, _ state: RunState) -> [CheckView] {
        let names = usable.map { "\($0.name) (\($0.addresses.count) addresses)" }.joined(separator: ", ")
        let none =
            usable.isEmpty ? "no interface is up with an address" : "only this machine can be reached, by \(names)"
        let deaf = usable.filter { !$0.isMulticast && !$0.isLoopback }.map(\.name).joined(separator: ", ")
        var checks = [
            CheckView(
                check: "interfaces", ok: !isAlone, detail: isAlone ? "there is no network: \(none)" : names,
                remedy: """
                    Plug in the cable or join a Wi-Fi, or name an interface with --interface. What you write in the \
                    meantime is kept and sent later.
                    """),
            CheckView(
                check: "multicast", ok: deaf.isEmpty, detail: deaf.isEmpty ? "all of them carry it" : "not on \(deaf)",
                remedy: "Discovery needs multicast there; `earshot peer add HOST` works without."),
        ]
        if self.configuration.discovery != .none {
            checks += usable.filter { $0.isMulticast || $0.isLoopback }.map { self.checkHeard($0, state) }
        }
        return checks
    }

    /// Silence is no fault where nobody else may be; it is worth a word where others were heard elsewhere.
    private func checkHeard(_ interface: Interface, _ state: RunState) -> CheckView {
        let heard = state.heardOn[interface.index] ?? 0
        return CheckView(
            check: "heard on \(interface.name)", ok: heard > 0 || state.heardOn.isEmpty || interface.isLoopback,
            detail: heard == 1 ? "1 advert" : "\(heard) adverts",
            remedy: """
                Others were heard on another interface only: this network may drop multicast (guest Wi-Fi, IGMP \
                snooping without a querier).
                """)
    }

    private func checkOthers(_ isAlone: Bool, _ state: RunState) -> [CheckView] {
        let engine = state.engine
        let (seen, silent) = engine.dialer.census
        let advertised = state.isAdvertised ? "announced" : "not announced yet"
        return [
            CheckView(
                check: "discovery", ok: state.backend != "starting", detail: "by \(state.backend), \(advertised)"),
            // Where there is no network it would only repeat that.
            CheckView(
                check: "others heard", ok: isAlone || seen > 0 || engine.sessionCount > 0,
                detail: "\(seen) announced, \(engine.sessionCount) in session",
                remedy: """
                    If others run Earshot here, the network may isolate its clients (guest Wi-Fi) or a firewall drops \
                    UDP 5353. Try `earshot peer add HOST` on one side.
                    """),
            CheckView(
                check: "port", ok: silent == 0,
                detail: """
                    TCP and UDP \(state.port); \(engine.incomingCount) of \(engine.sessionCount) sessions were opened \
                    by others
                    """,
                remedy: """
                    \(silent) of those who announce themselves never answered: let TCP and UDP \(state.port) through \
                    the firewalls of both machines.
                    """),
        ]
    }

    /// What private mode means just now, and what it does not hide.
    private func checkPrivacy(_ state: RunState) -> [CheckView] {
        let engine = state.engine
        guard engine.isPrivate else { return [] }
        let contacts = engine.contacts.all.filter(\.trust.talks)
        let known = contacts.count { engine.recognised.contains($0.person) }
        let mode =
            engine.isOpenForGuests
            ? "open until the invitation is over: everybody here sees the id of this node and may call"
            : "on: only contacts find this node and are answered; strangers cannot ask"
        let deaf = engine.deafRooms.map { self.name($0.id, engine) }.joined(separator: ", ")
        var checks = [
            CheckView(
                check: "private mode", ok: true,
                detail: "\(mode); \(known) of \(contacts.count) contacts are found when they are private, too"),
            CheckView(
                check: "host name", ok: state.backend != "avahi",
                detail: state.backend == "avahi"
                    ? "the Avahi daemon of this machine tells its host name with each advert"
                    : "adverts carry no name of this machine",
                remedy: """
                    Set `discovery = "embedded"` in `earshot config edit`, or give the machine a name that says \
                    nothing.
                    """),
        ]
        if !deaf.isEmpty {
            checks.append(
                CheckView(
                    check: "private rooms", ok: false, detail: "no member is your contact, so nothing comes: \(deaf)",
                    remedy: "Accept a member as a contact (`earshot invite`), or switch discovery.private off."))
        }
        return checks
    }

    private func checkPage() -> [CheckView] {
        guard let page = self.configuration.page?.place, page.enabled else { return [] }
        let detail = [page.address.map { "\($0), opened by `earshot web`" }, page.problem].compactMap { $0 }
        return [
            CheckView(
                check: "page", ok: page.address != nil, detail: detail.joined(separator: ". "),
                remedy: "The setting web.port chooses another port, for the next start.")
        ]
    }

    private func checkDisk(_ state: RunState) -> CheckView {
        let free = self.directory.freeSpace()
        return CheckView(
            check: "disk", ok: state.engine.trouble != .full && free > 64 << 20,
            detail: "\(free >> 20) MiB free at \(self.directory.path)",
            remedy: "Free some space: below 16 MiB nothing is received. What others sent stays with them until then.")
    }

    private func checkDatabase(_ state: RunState) -> CheckView {
        let fault = self.store.fault()
        let trouble = state.engine.trouble.flatMap { $0 == .full ? nil : $0.rawValue }
        return CheckView(
            check: "database", ok: fault == nil && trouble == nil,
            detail: fault ?? trouble ?? "sound, \(self.store.path)",
            remedy: """
                What you received is also on the disks of those who sent it. Check this disk, and keep a copy.
                """)
    }

    /// Contacts of whom it is not certain who they are.
    private func checkContacts(_ state: RunState) -> [CheckView] {
        state.engine.contacts.all.filter { $0.trust == .conflict }.map { contact in
            let reason = contact.conflict ?? .deviceLists
            return CheckView(
                check: "contact", ok: false,
                detail: "\(self.words(for: reason, contact.person, state.engine)); nothing is sent to them",
                remedy: """
                    `earshot trust \(contact.person.brief)` says what can be done.
                    """)
        }
    }

    /// Rows of the database that are not what they should be.
    private func checkUnreadable() -> [CheckView] {
        self.store.unreadable().map { table, rows in
            CheckView(
                check: "unreadable", ok: false,
                detail: "\(rows) of \(table) in the database cannot be read; everything else is",
                remedy: """
                    They were left as they are. Keep a copy of the database, and tell whoever looks after Earshot.
                    """)
        }
    }

    /// What could not be stored, or not be put into the history: the first of it, and how much more there is.
    private func checkAside() -> [CheckView] {
        let aside = (try? self.store.aside(limit: 8)) ?? []
        let count = (try? self.store.asideCount()) ?? aside.count
        var checks = aside.map { one in
            let place = one.log.map { " \(one.seq ?? 0) of log \($0)" } ?? ""
            let kept =
                one.isKept
                ? "its bytes are kept; it is tried again at each start"
                : "it is not on this disk and was not acknowledged"
            return CheckView(
                check: "set aside", ok: false,
                detail: "\(one.what)\(place), \(one.at.rfc3339): \(one.why); \(kept)",
                remedy: "A newer version of Earshot may be able to store it. Nothing else is held up by it.")
        }
        if count > aside.count {
            checks.append(CheckView(check: "set aside", ok: false, detail: "\(count - aside.count) more"))
        }
        return checks
    }

    private func checkClock() -> CheckView {
        let year = 1970 + Self.now().wall.milliseconds / 31_556_952_000
        return CheckView(
            check: "clock", ok: year >= 2025, detail: "the year is \(year)",
            remedy: "Set the clock: messages show its time. Nothing is refused because of it.")
    }
}
