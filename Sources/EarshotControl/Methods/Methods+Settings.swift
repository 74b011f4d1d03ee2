/// What can be set.
extension Methods {
    package static let settings: [any Method.Type] = [
        GetSettings.self, SetSetting.self, ListSettings.self, ReloadSettings.self,
    ]

    /// Settings that can be changed here.
    package struct GetSettings: Method {
        package typealias Answer = SettingsView
        package static let name = "settings.get"
        package static let summary = "Settings that can be changed here, and their values."

        package init() {}
    }

    /// Changes a setting; answers with it. An empty value takes back what was set.
    package struct SetSetting: Method {
        package typealias Answer = SettingsView
        package static let name = "settings.set"
        package static let summary = "Changes a setting; answers with it. An empty value takes it back."

        package let key: String
        package let value: String

        package init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    /// Everything there is to set, what counts, and where it comes from.
    package struct ListSettings: Method {
        package typealias Answer = [SettingView]
        package static let name = "settings.list"
        package static let summary = "Everything there is to set, what counts, and where it comes from."

        package init() {}
    }

    /// Reads the files again. Where something is wrong with them, nothing changes.
    package struct ReloadSettings: Method {
        package typealias Answer = ReloadView
        package static let name = "settings.reload"
        package static let summary = "Reads the files again. Where something is wrong with them, nothing changes."

        package init() {}
    }
}
