import EarshotText

/// A value that somebody gave, of the type of its setting.
struct Given: Sendable {
    let value: any Hashable & Sendable
    let source: SettingSource
}
