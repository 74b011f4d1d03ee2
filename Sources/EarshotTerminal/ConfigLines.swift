import EarshotControl

/// Settings as people read them.
package enum ConfigLines {
    /// Each with its value, where that comes from, and below it what it means.
    package static func settings(_ settings: [SettingView], _ style: Style) -> [String] {
        settings.flatMap { setting -> [String] in
            let value = setting.value.isEmpty ? style.dim("(\(setting.usual))") : setting.value
            var about = [setting.help]
            if setting.from != .default { about.append("Default: \(setting.usual).") }
            if let next = setting.next {
                about.append("From the next start on: \(next.isEmpty ? setting.usual : next).")
            }
            if !setting.hidden.isEmpty { about.append("Does not count: \(setting.hidden.joined(separator: ", ")).") }
            return [
                "\(style.bold(setting.key)) = \(value)  \(style.dim(setting.place))",
                "    " + style.dim(about.joined(separator: " ")),
            ]
        }
    }
}
