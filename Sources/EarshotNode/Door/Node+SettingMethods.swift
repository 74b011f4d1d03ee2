import EarshotControl
import EarshotRules
import EarshotWire

/// What can be set.
extension Node {
    static let settingHandlers: [any AnyHandler] = [
        Handler(looking: Methods.GetSettings.self) { node, _, state in SettingsView(node.settings(state.engine)) },
        Handler(
            Methods.SetSetting.self,
            folder: { _, asked, _ in asked.key == "files.folder" && !asked.value.isEmpty ? asked.value : nil }
        ) { node, asked, state, _ in try node.set(asked.key, asked.value, &state) },
    ]

    private func set(_ key: String, _ value: String, _ state: inout RunState) throws -> (SettingsView, [Effect]) {
        if FilesSettings.keys.contains(key) {
            guard let effects = state.engine.set(files: key, value) else {
                let what =
                    key == "files.folder"
                    ? "an absolute path, or empty for the usual folder" : "bytes a second, such as 20M; 0 is no limit"
                throw DoorError(.badParameters, "\(key) is \(what).")
            }
            self.heed(state.engine.filesSettings)
            return ([key: state.engine.filesSettings.shown[key] ?? ""], effects)
        }
        guard key == "contacts.accept" else {
            let keys = self.settings(state.engine).keys.sorted()
            throw DoorError(.badParameters, "There is no setting \(key).", candidates: keys)
        }
        guard let policy = Contacts.Policy(rawValue: value) else {
            throw DoorError(.badParameters, "contacts.accept is ask or lan.")
        }
        return (["contacts.accept": value], state.engine.setPolicy(policy))
    }

    private func settings(_ engine: Engine) -> [String: String] {
        engine.filesSettings.shown.merging(["contacts.accept": engine.contacts.policy.rawValue]) { $1 }
    }
}
