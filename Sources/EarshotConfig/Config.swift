import EarshotText

/// The settings that count, each of its type, and where each comes from.
package struct Config: Sendable {
    struct Value: Sendable {
        let given: Given
        /// Weaker sources that say something else.
        let hidden: [SettingSource]
    }

    private var values: [String: Value]
    /// What whoever runs the node should know.
    package let notices: [SettingNews]

    init(_ values: [String: Value], notices: [SettingNews]) {
        self.values = values
        self.notices = notices
    }

    /// `config[\.filesRate]`
    package subscript<Wanted>(_ setting: KeyPath<Settings, Setting<Wanted>>) -> Wanted {
        let setting = Settings.registry[keyPath: setting]
        return self.values[setting.key]?.given.value as? Wanted ?? setting.usual
    }

    package func source(of key: String) -> SettingSource { self.values[key]?.given.source ?? .usual }
    /// Weaker sources that say something else.
    package func hidden(_ key: String) -> [SettingSource] { self.values[key]?.hidden ?? [] }

    /// As a person types it; empty where there is no value.
    package func text(of setting: some AnySetting) -> String {
        setting.text(self.value(of: setting))
    }

    package func isSame(_ setting: some AnySetting, as other: Config) -> Bool {
        setting.isSame(self.value(of: setting), other.value(of: setting))
    }

    private func value(of setting: some AnySetting) -> any Hashable & Sendable {
        if let value = self.values[setting.key]?.given.value { return value }
        return setting.usual
    }

    /// Why what is asked at the door would not count; `nil` where it does.
    package func refusal(of setting: some AnySetting) -> Refusal.Own? {
        switch self.source(of: setting.key) {
        case .policy(let path, let line): .lockedSetting(key: setting.key, policy: path, line: line)
        case .variable(let name), .option(let name): .givenSetting(key: setting.key, by: name)
        case .usual, .file, .door: nil
        }
    }

    /// What counts after `next` was read while the node runs: what needs a start stays as it is.
    package func changed(to next: Config) -> Config {
        self.taking(Settings.all.filter { $0.effect == .atOnce }.map(\.key), from: next)
    }

    func taking(_ keys: [String], from next: Config) -> Config {
        var changed = self
        for key in keys { changed.values[key] = next.values[key] }
        return changed
    }
}
