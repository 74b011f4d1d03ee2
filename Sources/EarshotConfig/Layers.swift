import EarshotModel
import EarshotText

/// What all sources but the door say, read and found right. From the weakest to the strongest: the defaults, the
/// machine's file, one's own, the door, the environment, options; and the policy, which nothing can change.
///
/// The door is stronger than files, since who uses it says so later, and by hand; and weaker than variables and
/// options, since those are for this one run.
package struct Layers: Sendable {
    private var system = Layer()
    private var user = Layer()
    private var environment = Layer()
    private var options = Layer()
    private var policy = Layer()
    /// What the node does by itself: what both files say.
    package private(set) var automations = Automations()
    /// Whom both files of people name.
    package private(set) var people: [Provision] = []
    /// Which rooms they want to be there.
    package private(set) var rooms: [ProvisionedRoom] = []
    /// What is odd and stops nobody.
    private var oddities: [SettingNews] = []

    /// Nothing but the defaults.
    package init() {}

    /// Options alone, as of somebody who puts a node together in a program.
    package init(options: [String: Written]) throws(ConfigFaults) {
        var faults: [ConfigFault] = []
        self.options = Layer(options: options, &faults)
        guard faults.isEmpty else { throw ConfigFaults(faults) }
    }

    /// - Parameter text: what stands in a file; `nil` where there is none.
    /// - Throws: all that is wrong, wherever it stands.
    package init(
        _ paths: ConfigPaths, environment: [String: String] = [:], options: [String: Written] = [:],
        text: (String) throws(ConfigFault) -> String? = ConfigFile.text
    ) throws(ConfigFaults) {
        var faults: [ConfigFault] = []
        func layer(_ path: String, isPolicy: Bool = false) -> Layer {
            do throws(ConfigFault) {
                guard let text = try text(path) else { return Layer() }
                return Layer(file: path, isPolicy: isPolicy, text, &faults)
            } catch {
                faults.append(error)
                return Layer()
            }
        }
        self.policy = layer(paths.policy, isPolicy: true)
        self.system = layer(paths.system)
        if let user = paths.user { self.user = layer(user) }
        self.environment = Layer(environment: environment, &faults)
        self.options = Layer(options: options, &faults)
        self.automations = self.system.automations.adding(self.user.automations, &faults)
        var people: [PeopleFile] = []
        for path in paths.people {
            do throws(ConfigFault) {
                if let text = try text(path) { people.append(PeopleFile(path, text, &faults)) }
            } catch { faults.append(error) }
        }
        self.people = PeopleFile.together(people, &faults)
        self.rooms = PeopleFile.rooms(people, &faults)
        self.automations.hooks += people.flatMap(\.hooks)
        faults += self.broken
        guard faults.isEmpty else { throw ConfigFaults(faults) }
        self.oddities = Self.oddities(environment)
    }

    /// One file alone.
    /// - Throws: all that is wrong with it; also that it is not there.
    package static func check(_ path: String) throws(ConfigFaults) {
        var faults: [ConfigFault] = []
        do throws(ConfigFault) {
            guard let text = try ConfigFile.text(path) else { throw ConfigFault(.file(.missing), file: path) }
            if path.split(separator: "/").last.map(String.init) == PeopleFile.name {
                _ = PeopleFile(path, text, &faults)
            } else {
                _ = Layer(file: path, text, &faults)
            }
        } catch { faults.append(error) }
        guard faults.isEmpty else { throw ConfigFaults(faults) }
    }

    /// Options and variables that want something else than the policy.
    private var broken: [ConfigFault] {
        Settings.all.flatMap { setting -> [ConfigFault] in
            guard let lock = self.policy.values[setting.key] else { return [] }
            let others = [self.options, self.environment].compactMap { $0.values[setting.key] }
            return others.filter { !setting.isSame($0.value, lock.value) }.map { other in
                ConfigFault(.setting(.locked(key: setting.key, by: other.source, of: lock.source)))
            }
        }
    }

    /// Variables that are nearly called like a setting.
    private static func oddities(_ environment: [String: String]) -> [SettingNews] {
        let names = Settings.all.map(\.variable)
        return environment.keys.filter { $0.hasPrefix("EARSHOT_") && !names.contains($0) }.sorted().compactMap { name in
            let near = Nearest.to(name, among: names)
            return near.isEmpty ? nil : .strangeVariable(name, near: near)
        }
    }

    /// What counts.
    /// - Parameter kept: what was set at the door, as the database has it.
    package func config(door kept: [String: String] = [:]) -> Config {
        var notices = self.oddities
        var values: [String: Config.Value] = [:]
        for setting in Settings.all {
            let door = self.door(setting, kept, &notices)
            let order = [
                self.policy.values[setting.key], self.options.values[setting.key],
                self.environment.values[setting.key], door, self.user.values[setting.key],
                self.system.values[setting.key], Given(value: setting.usual, source: .usual),
            ].compactMap { $0 }
            guard let first = order.first else { continue }
            let hidden = order.dropFirst().filter { $0.source != .usual && !setting.isSame($0.value, first.value) }
            values[setting.key] = Config.Value(given: first, hidden: hidden.map(\.source))
            if case .policy = first.source {
                notices += hidden.map { .locked(key: setting.key, of: $0.source, by: first.source) }
            } else if hidden.contains(where: { $0.source == .door }) {
                notices.append(.waits(key: setting.key, for: first.source))
            }
        }
        return Config(values, notices: notices)
    }

    private func door(_ setting: some AnySetting, _ kept: [String: String], _ notices: inout [SettingNews]) -> Given? {
        // What we call ourselves has a command of its own, and is kept in the same place.
        guard setting.isForDoor || setting.key == Settings.registry.name.key, let text = kept[setting.key] else {
            return nil
        }
        do throws(ConfigFault) {
            return Given(value: try setting.value(.asked(text), for: setting.key), source: .door)
        } catch {
            notices.append(.leftOut(key: setting.key, error.what))
            return nil
        }
    }
}
