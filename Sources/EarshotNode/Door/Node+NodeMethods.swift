import EarshotConfig
import EarshotControl
import EarshotDiscovery
import EarshotModel
import EarshotRules
import EarshotStore
import EarshotText
import EarshotVault
import EarshotWire

/// The node itself, and who one is.
extension Node {
    static let nodeHandlers: [any AnyHandler] = [
        Handler(looking: Methods.Status.self) { node, _, state in try node.status(state) },
        Handler(looking: Methods.Identity.self) { node, _, state in
            var view = IdentityView(
                person: node.identity.person, device: node.identity.device, name: state.engine.name,
                fingerprint: Derive.fingerprint(node.identity.person))
            view.findable = Node.findable(state.engine)
            return view
        },
        Handler(looking: Methods.IdentityCode.self) { node, asked, state in
            let person = try asked.who.map { try node.person($0, state.engine) } ?? node.identity.person
            let uri = "earshot:\(person)"
            guard let code = QRMatrix(uri) else { throw DoorError(.own(.noPicturedCode)) }
            return CodeView(uri: uri, code)
        },
        Handler(looking: Methods.GetName.self) { _, _, state in NameView(name: state.engine.name) },
        Handler(Methods.SetName.self) { _, asked, state, _ in
            guard !SafeText.name(asked.name).isEmpty else {
                throw DoorError(.own(.noName))
            }
            let setting = Settings.registry.name
            if case .policy = state.settings.now.source(of: setting.key),
                let refusal = state.settings.now.refusal(of: setting)
            {
                throw DoorError(.own(refusal))
            }
            let effects = state.engine.rename(myself: asked.name)
            state.settings.set(setting, state.engine.name)
            return (NameView(name: state.engine.name), effects)
        },
        Handler(later: Methods.Doctor.self) { node, _, question, state, _ in
            node.examine(question, state)
            return []
        },
        Handler(looking: Methods.PageLink.self) { node, _, _ in
            guard let page = node.configuration.page else { throw DoorError(.own(.noPage)) }
            return try page.link().get()
        },
        Handler(Methods.Stop.self) { _, _, state, _ in
            state.life.isStopping = true
            return (Done(), [])
        },
    ]

    private func status(_ state: RunState) throws -> StatusView {
        var view = StatusView(
            name: state.engine.name, person: self.identity.person, device: self.identity.device,
            port: Int64(clamping: state.network.port), state: self.directory.path, discovery: state.network.backend,
            advertised: state.network.isAdvertised,
            interfaces: Interface.usable(self.configuration.interfaces).map(\.name),
            sessions: Int64(clamping: state.engine.sessionCount),
            queued: Int64(clamping: try self.queued(state.engine)),
            disk: Self.disk(state.engine.trouble), setAside: Int64(clamping: (try? self.store.asideCount()) ?? 0),
            accept: state.engine.contacts.policy.rawValue,
            uptime: Int64(clamping: (Self.now().uptime - state.life.startedAt) / 1_000),
            cursor: state.subscribers.cursor)
        view.presence = self.presenceView(state.engine)
        view.findable = Self.findable(state.engine)
        view.relayed = state.engine.relays ? Int64(clamping: state.engine.relayMeetings) : nil
        view.page = self.configuration.page?.place
        return view
    }

    static func findable(_ engine: Engine) -> Findable {
        engine.isOpenForGuests ? .guests : engine.isPrivate ? .contacts : .everyone
    }

    /// Messages that wait for somebody; where we are alone in a room, none does.
    func queued(_ engine: Engine) throws -> Int {
        try engine.roomList.filter { self.isAlone(.room($0.id), engine) }
            .reduce(try self.store.queued(me: engine.me)) {
                $0 - (try self.store.queued($1.talk, me: engine.me))
            }
    }

    private static func disk(_ trouble: StorageTrouble?) -> StatusView.Disk {
        switch trouble {
        case nil: .ok
        case .full: .full
        case .damaged: .damaged
        case .unwritable: .unwritable
        }
    }
}
