import EarshotControl
import EarshotModel
import EarshotRules
import EarshotText
import EarshotWire

/// Whose files are taken without asking.
extension Node {
    static let ruleHandlers: [any AnyHandler] = [
        Handler(looking: Methods.Rules.self) { node, _, state in node.rules(state.engine) },
        Handler(Methods.AddRule.self, folder: { _, asked, _ in asked.folder?.text }) { node, asked, state, _ in
            let from = try asked.from.map { try node.recipient($0, state.engine) }
            if let room = from?.room { _ = try node.known(room, state.engine) }
            let added = AcceptanceRule(
                from: from?.person?.description, room: from?.room?.description, verified: asked.verified ?? false,
                most: asked.most.map { UInt64(clamping: $0) }, types: asked.types?.all ?? [],
                folder: asked.folder?.text, quota: asked.quota.map { UInt64(clamping: $0) })
            let effects = state.engine.set(rules: state.engine.filesSettings.rules + [added])
            return (node.rules(state.engine), effects)
        },
        Handler(Methods.RemoveRule.self) { node, asked, state, _ in
            var rules = state.engine.filesSettings.rules
            let number = asked.number ?? 0
            let granted = state.engine.filesSettings.granted.indices.map { rules.count + $0 + 1 }
            if granted.contains(Int(clamping: number)) {
                throw DoorError(.own(.ruleOfFile(number)))
            }
            guard let place = Int(exactly: number), (1...).contains(place), place <= rules.count else {
                throw DoorError(.own(.noRule(number)))
            }
            rules.remove(at: place - 1)
            let effects = state.engine.set(rules: rules)
            return (node.rules(state.engine), effects)
        },
    ]

    /// Ours, and behind them those that follow from whom files of this machine name.
    private func rules(_ engine: Engine) -> [RuleView] {
        let (rules, granted) = (engine.filesSettings.rules, engine.filesSettings.granted)
        return (rules + granted).enumerated().map { index, rule in
            let person = rule.from.flatMap { PersonID(text: $0) }
            var view = RuleView(number: Int64(clamping: index) + 1, folder: rule.folder ?? self.downloads(engine))
            view.from = person
            view.room = rule.room.flatMap { RoomID(text: $0) }
            view.name = person.map { self.name($0, engine) } ?? view.room.map { self.name($0, engine) }
            view.verified = rule.verified ? true : nil
            view.most = rule.most.map { Int64(clamping: $0) }
            view.types = rule.types.isEmpty ? nil : rule.types
            view.quota = rule.quota.map { Int64(clamping: $0) }
            let alarm = self.looksLike(person, engine)
            (view.looksLike, view.looksLikePerson) = (alarm?.name, alarm?.person)
            view.trust = self.trust(person, engine)
            view.namedBy = index < rules.count ? nil : person.flatMap { engine.provision(of: $0)?.place }
            return view
        }
    }
}
