import EarshotControl
import EarshotModel
import EarshotRules
import EarshotText
import EarshotWire

/// Mail for those who are not here.
extension Node {
    static let mailHandlers: [any AnyHandler] = [
        Handler(looking: Methods.GetKeeper.self) { node, _, state in node.keeperView(state) },
        Handler(Methods.UseKeeper.self) { node, asked, state, asker in
            let person = try node.person(asked.who, state.engine)
            guard state.engine.contacts.talks(person) else {
                throw DoorError(.own(.strangerKeeper))
            }
            let before = state.engine.ownKeepers.filter { $0 != person }
            guard before.count < Limits.keepersNamed else {
                throw DoorError(.own(.manyKeepers(before.count)))
            }
            let effects = state.engine.use(keepers: before + [person], at: asker.now)
            return (node.keeperView(state), effects)
        },
        Handler(Methods.ForgetKeeper.self) { node, asked, state, asker in
            let person = try node.person(asked.who, state.engine)
            guard state.engine.ownKeepers.contains(person) else {
                throw DoorError(.own(.notKeeper(name: node.name(person, state.engine))))
            }
            let rest = state.engine.ownKeepers.filter { $0 != person }
            let effects = state.engine.use(keepers: rest, at: asker.now)
            return (node.keeperView(state), effects)
        },
    ]

    func keeperView(_ state: RunState) -> KeeperView {
        let engine = state.engine
        let (kept, settings) = (engine.kept, engine.mailSettings)
        let here = engine.presentKeepers
        let others = here.keys.filter { !engine.ownKeepers.contains($0) }.sorted()
        return KeeperView(
            keeps: settings.keeps, keepsFor: settings.audience.rawValue, blobs: Int64(clamping: kept.total.blobs),
            bytes: Int64(clamping: kept.total.bytes), mailboxes: Int64(clamping: kept.tagCount),
            most: Int64(clamping: settings.bytes),
            depositors: kept.depositors.map { person, usage in
                .init(
                    person: person, name: self.name(person, engine), blobs: Int64(clamping: usage.blobs),
                    bytes: Int64(clamping: usage.bytes))
            },
            keepers: (engine.ownKeepers + others).map { person in
                .init(
                    person: person, name: self.name(person, engine), named: engine.ownKeepers.contains(person),
                    online: engine.isOnline(person), takes: here[person])
            },
            left: engine.deposits.map { deposit in
                .init(
                    to: deposit.recipient, toName: self.name(deposit.recipient, engine), keeper: deposit.keeper,
                    keeperName: self.name(deposit.keeper, engine),
                    entries: Int64(clamping: deposit.to - min(deposit.from, deposit.to) + 1),
                    bytes: Int64(clamping: deposit.size), at: deposit.at)
            }, unreadable: Int64(clamping: engine.unreadableMail))
    }

    /// With whom a message lies.
    func references(_ persons: [PersonID], _ engine: Engine) -> [PersonReference]? {
        persons.isEmpty ? nil : persons.map { PersonReference(person: $0, name: self.name($0, engine)) }
    }

    /// Mail that lies somewhere without having been read, and keepers that are none.
    func checkMail(_ state: RunState) -> [CheckView] {
        let engine = state.engine
        var checks: [CheckView] = []
        if engine.mailSettings.keeps || !engine.kept.isEmpty {
            let total = engine.kept.total
            checks.append(
                CheckView(
                    "keeper", ok: total.bytes < engine.mailSettings.bytes / 10 * 9,
                    .kept(blobs: total.blobs, bytes: UInt64(clamping: total.bytes))))
        }
        let idle = engine.ownKeepers.filter { engine.isOnline($0) && engine.presentKeepers[$0] != true }
        checks += idle.map { CheckView("keeper", ok: false, .idleKeeper(name: self.name($0, engine))) }
        if engine.unreadableMail > 0 {
            checks.append(CheckView("sealed mail", ok: false, .sealedMail(unreadable: engine.unreadableMail)))
        }
        return checks
    }
}
