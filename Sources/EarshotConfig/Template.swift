/// The commented file that says everything there is to set: every line of it is a comment or a table, so that it sets
/// nothing.
package enum Template {
    package static var text: String {
        var lines = [
            "# Settings of Earshot. A setting stands behind a # without a space: take that # away to change it.",
            "# For everybody: /etc/earshot/config.toml. Your own: ~/.config/earshot/config.toml. What counts, and",
            "# where it comes from: earshot config show. What is wrong: earshot config check. More stands in",
            "# docs/Configuration.md.",
        ]
        var table = ""
        for setting in Settings.all {
            let parts = setting.key.split(separator: ".", maxSplits: 1).map(String.init)
            // Where a setting is called as a table would be there is none: the key stands in quotes.
            let own = parts.count > 1 && Settings[parts.first ?? ""] == nil ? parts.first ?? "" : ""
            if own != table {
                lines += ["", "[\(TOMLText.key(own))]"]
                table = own
            }
            lines += ["", "# \(setting.help)"]
            if setting.effect == .nextStart { lines.append("# Counts from the next start on.") }
            lines.append("# " + self.also(setting))
            lines.append("#" + self.example(setting, key: own.isEmpty ? setting.key : parts.last ?? ""))
        }
        return (lines + Self.automations).joined(separator: "\n") + "\n"
    }

    /// What is no setting: tables of which there may be several.
    private static let automations = [
        "", "# What the node does by itself stands here too, in tables such as this one (docs/Hooks.md):", "#",
        "#   [[hook]]", "#   on = \"message\"", "#   exec = \"~/bin/echo.sh\"",
    ]

    /// Where else it can be set.
    private static func also(_ setting: some AnySetting) -> String {
        let others = [setting.variable, setting.option, setting.isForDoor ? "earshot settings \(setting.key)" : nil]
        return "Also: " + others.compactMap { $0 }.joined(separator: ", ")
    }

    private static func example(_ setting: some AnySetting, key: String) -> String {
        let value = setting.sample ?? setting.literal(setting.usual)
        let usually = setting.usually.map { setting.sample == nil ? "  # \($0)" : "  # default: \($0)" } ?? ""
        return "\(TOMLText.key(key)) = \(value)\(usually)"
    }
}
