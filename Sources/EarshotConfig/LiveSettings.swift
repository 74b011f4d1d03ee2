import EarshotModel
import EarshotText

/// The settings of a node that runs: as they count now, and as they will from the next start on.
package struct LiveSettings: Sendable {
    private var layers: Layers
    /// What was set at the door, as the database has it.
    private var kept: [String: String]
    package private(set) var now: Config
    package private(set) var next: Config

    /// Whom the files name.
    package var people: [Provision] { self.layers.people }
    /// Which rooms they want to be there.
    package var rooms: [ProvisionedRoom] { self.layers.rooms }

    package init(_ layers: Layers, kept: [String: String]) {
        self.layers = layers
        self.kept = kept
        self.now = layers.config(door: kept)
        self.next = self.now
    }

    /// A change at the door.
    /// - Parameter text: what is kept of it; `nil` takes back what was set there before.
    package mutating func set(_ setting: some AnySetting, _ text: String?) {
        self.kept[setting.key] = text
        self.next = self.layers.config(door: self.kept)
        self.now = self.now.taking([setting.key], from: self.next)
    }

    /// The database is read again: something that was set is not in it.
    package mutating func restore(kept: [String: String]) {
        let changed = Settings.all.map(\.key).filter { kept[$0] != self.kept[$0] }
        self.kept = kept
        self.next = self.layers.config(door: kept)
        self.now = self.now.taking(changed, from: self.next)
    }

    /// The files were read again. Says what that changes.
    package mutating func read(_ layers: Layers) -> [SettingNews] {
        let before = self
        self.layers = layers
        self.next = layers.config(door: self.kept)
        self.now = self.now.changed(to: self.next)
        return Settings.all.compactMap { setting in
            if !before.now.isSame(setting, as: self.now) {
                return self.news(of: setting, self.now, isAtOnce: true)
            }
            if !before.next.isSame(setting, as: self.next) {
                return self.news(of: setting, self.next, isAtOnce: false)
            }
            return nil
        }
    }

    private func news(of setting: some AnySetting, _ config: Config, isAtOnce: Bool) -> SettingNews {
        let text = config.text(of: setting)
        return .changed(
            key: setting.key, value: text.isEmpty ? setting.usually : text, config.source(of: setting.key),
            isAtOnce: isAtOnce)
    }
}
