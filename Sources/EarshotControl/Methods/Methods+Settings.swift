/// What can be set.
extension Methods {
    package static let settings: [any Method.Type] = [
        GetSettings.self, SetSetting.self,
    ]

    /// All settings.
    package struct GetSettings: Method {
        package typealias Answer = SettingsView
        package static let name = "settings.get"
        package static let summary = "All settings."

        package init() {}
    }

    /// Changes a setting; answers with it.
    package struct SetSetting: Method {
        package typealias Answer = SettingsView
        package static let name = "settings.set"
        package static let summary = "Changes a setting; answers with it."

        package let key: String
        package let value: String

        package init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }
}
