import EarshotText

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

    /// Hooks and announcements to which the file gives no name; they are called by their place.
    private var unnamed: [String: Set<String>] = [:]

    package var isEmpty: Bool { self.hooks.isEmpty && self.webhooks.isEmpty && self.announcements.isEmpty }

    /// What the tables of a file say. All that is wrong with them is added to `faults`.
    init(_ tables: [TOMLTable], file: String, _ faults: inout [ConfigFault]) {
        var names = Dictionary(grouping: tables.compactMap(Self.given)) { $0.kind }.mapValues { Set($0.map(\.name)) }
        var seen: [String: Set<String>] = [:]
        for (index, table) in tables.enumerated() where Self.kinds.contains(table.key) {
            var reader = TableReader(table, file: file)
            let place = tables[...index].count { $0.key == table.key }
            let usual = Self.free("\(table.key)\(place)", names[table.key] ?? [])
            switch table.key {
            case "hook": if let hook = reader.hook(usual) { self.hooks.append(hook) }
            case "webhook": if let webhook = reader.webhook() { self.webhooks.append(webhook) }
            default: if let announcement = reader.announcement(usual) { self.announcements.append(announcement) }
            }
            reader.finish()
            if let name = reader.name, !seen[table.key, default: []].insert(name).inserted {
                reader.fault(.table(.twice(table: table.key, name: name)))
            }
            if Self.given(table) == nil { self.unnamed[table.key, default: []].insert(usual) }
            names[table.key, default: []].insert(reader.name ?? usual)
            if place > Self.most { reader.fault(.table(.tooMany(most: Self.most))) }
            faults += reader.faults
        }
    }

    private static func given(_ table: TOMLTable) -> (kind: String, name: String)? {
        table.entries.first { $0.key == "name" }.flatMap(\.value.string).map { (table.key, $0) }
    }

    /// A name that nothing else has: `hook1`, else `hook1-2` and so on.
    private static func free(_ usual: String, _ taken: Set<String>) -> String {
        let others = (2...(taken.count + 2)).lazy.map { "\(usual)-\($0)" }  // lint: what was taken is in memory
        return taken.contains(usual) ? others.first { !taken.contains($0) } ?? usual : usual
    }

    /// The same, with other names for what has none of its own and is called like something of another file.
    private func renamed(beside other: Automations) -> Automations {
        var all = self
        func rename(_ kind: String, _ name: String, _ ours: [String], _ theirs: [String]) -> String {
            guard self.unnamed[kind]?.contains(name) ?? false, theirs.contains(name) else { return name }
            return Self.free(name, Set(ours + theirs))
        }
        all.hooks = self.hooks.map { hook in
            hook.called(rename("hook", hook.name, self.hooks.map(\.name), other.hooks.map(\.name)))
        }
        all.announcements = self.announcements.map { one in
            one.called(
                rename("announce", one.name, self.announcements.map(\.name), other.announcements.map(\.name)))
        }
        return all
    }

    /// Those of another file beside ours.
    func adding(_ other: Automations, _ faults: inout [ConfigFault]) -> Automations {
        let other = other.renamed(beside: self)
        // And ours, where the other file gives such a name.
        var all = self.renamed(beside: other)
        all.hooks += other.hooks
        all.webhooks += other.webhooks
        all.announcements += other.announcements
        let lists = [
            ("hook", all.hooks.map(\.name)), ("webhook", all.webhooks.map(\.name)),
            ("announce", all.announcements.map(\.name)),
        ]
        for (kind, names) in lists {
            let twice = Dictionary(grouping: names) { $0 }.filter { $0.value.count > 1 }.keys.sorted()
            faults += twice.map { ConfigFault(.table(.inBothFiles(table: kind, name: $0))) }
        }
        return all
    }
}
