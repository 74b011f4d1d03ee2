import EarshotConfig
import EarshotControl
import EarshotModel
import EarshotRules
import EarshotText

/// What can be set.
extension Node {
    static let settingHandlers: [any AnyHandler] = [
        Handler(looking: Methods.GetSettings.self) { _, _, state in
            SettingsView(
                Dictionary(Settings.forDoor.map { ($0.key, state.settings.now.text(of: $0)) }, uniquingKeysWith: { $1 })
            )
        },
        Handler(looking: Methods.ListSettings.self) { node, _, state in
            Settings.all.map { SettingView($0, state.settings, name: state.engine.name, folder: node.statePath) }
        },
        Handler(Methods.ReloadSettings.self) { node, _, state, asker in
            do throws(ConfigFaults) {
                let (changes, effects) = try node.reread(&state, at: asker.now)
                return (ReloadView(changes: changes), effects)
            } catch {
                throw DoorError(.badParameters, error.text)
            }
        },
        Handler(Methods.SetSetting.self, folder: { _, asked, _ in Node.folder(asked) }) { node, asked, state, _ in
            try node.set(asked.key, asked.value, &state)
        },
    ]

    /// The folder that is to be looked at before it is set.
    private static func folder(_ asked: Methods.SetSetting) -> String? {
        let setting = Settings.registry.filesFolder
        guard asked.key == setting.key else { return nil }
        return (try? setting.value(.asked(asked.value), for: setting.key)) ?? nil
    }

    private func set(_ key: String, _ value: String, _ state: inout RunState) throws -> (SettingsView, [Effect]) {
        guard let setting = Settings[key], setting.isForDoor else {
            guard Settings[key] == nil else {
                throw DoorError(.own(.settingAtStart(key: key)))
            }
            throw DoorError(.own(.noSetting(key: key)), candidates: Settings.forDoor.map(\.key).sorted())
        }
        // An empty value takes back what was set here; then the files are asked again.
        let kept = value.isEmpty ? nil : try self.kept(setting, value, state.settings.now)
        state.settings.set(setting, kept)
        self.use(state.settings, &state.engine)
        return ([key: state.settings.now.text(of: setting)], [.keep(.setting(key, kept))])
    }

    private func kept(_ setting: some AnySetting, _ value: String, _ config: Config) throws(DoorError) -> String {
        let text: String
        do throws(ConfigFault) {
            text = setting.kind.text(try setting.value(.asked(value), for: setting.key))
        } catch { throw DoorError(.fault(error.what)) }
        if let refusal = config.refusal(of: setting) { throw DoorError(.own(refusal)) }
        return text
    }
}

extension SettingView {
    /// - Parameter name: what we call ourselves, whoever says so.
    /// - Parameter folder: where our state is.
    init(_ setting: some AnySetting, _ settings: LiveSettings, name: String, folder: String) {
        let (now, next) = (settings.now, settings.next)
        let own = [Settings.registry.name.key: name, Settings.registry.state.key: folder][setting.key]
        self.init(setting, now, value: own ?? now.text(of: setting))
        self.next = now.isSame(setting, as: next) ? nil : next.text(of: setting)
    }
}
