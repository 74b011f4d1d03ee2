/// What a node does by itself, as the files say: hooks, ways in for programs, announcements.
package struct Automations: Hashable, Sendable {
    /// The lists of tables there are.
    package static let kinds = ["hook", "webhook", "announce"]
    /// Of each kind at most.
    package static let most = 64

    package var hooks: [Hook] = []
    package var webhooks: [Webhook] = []
    package var announcements: [Announcement] = []

    package init() {}

    package var isEmpty: Bool { self.hooks.isEmpty && self.webhooks.isEmpty && self.announcements.isEmpty }

    /// What the tables of a file say. All that is wrong with them is added to `faults`.
    init(_ tables: [TOMLTable], file: String, _ faults: inout [ConfigFault]) {
        var names: [String: Set<String>] = [:]
        for (index, table) in tables.enumerated() where Self.kinds.contains(table.key) {
            var reader = TableReader(table, file: file)
            let place = tables[...index].count { $0.key == table.key }
            switch table.key {
            case "hook": if let hook = reader.hook(place) { self.hooks.append(hook) }
            case "webhook": if let webhook = reader.webhook() { self.webhooks.append(webhook) }
            default: if let announcement = reader.announcement(place) { self.announcements.append(announcement) }
            }
            reader.finish()
            if let name = reader.name, !names[table.key, default: []].insert(name).inserted {
                reader.fault("There is another \(table.key) of the name \(name).")
            }
            if place > Self.most { reader.fault("There are more than \(Self.most) of these.") }
            faults += reader.faults
        }
    }

    /// Those of another file beside ours.
    func adding(_ other: Automations, _ faults: inout [ConfigFault]) -> Automations {
        var all = self
        all.hooks += other.hooks
        all.webhooks += other.webhooks
        all.announcements += other.announcements
        let lists = [
            ("hook", all.hooks.map(\.name)), ("webhook", all.webhooks.map(\.name)),
            ("announce", all.announcements.map(\.name)),
        ]
        for (kind, names) in lists {
            let twice = Dictionary(grouping: names) { $0 }.filter { $0.value.count > 1 }.keys.sorted()
            faults += twice.map { ConfigFault("Both files have a \(kind) of the name \($0): give one another `name`.") }
        }
        return all
    }
}
