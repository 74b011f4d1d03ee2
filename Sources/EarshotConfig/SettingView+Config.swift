import EarshotControl
import EarshotText

extension SettingView {
    /// As it is shown, by a node or where none runs.
    package init(_ setting: some AnySetting, _ config: Config, value: String) {
        let source = config.source(of: setting.key)
        let isFixed = config.refusal(of: setting) != nil
        self.init(
            key: setting.key, value: value, from: From(rawValue: source.word) ?? .default, place: Self.place(source),
            hidden: config.hidden(setting.key).map(Self.place), help: setting.help, usual: setting.usualShown,
            values: setting.examples, restart: setting.effect == .nextStart, changeable: setting.isForDoor && !isFixed)
    }

    private static func place(_ source: SettingSource) -> String { Language.english.say(.source(source)) }
}

extension AnySetting {
    /// The default, in words where it is no value.
    package var usualShown: String { self.usually ?? self.kind.text(self.usual) }
}
