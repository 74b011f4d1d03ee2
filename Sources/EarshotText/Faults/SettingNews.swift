/// What whoever runs a node should know of its settings, though nothing is wrong; or what became of them when the
/// files were read again.
package enum SettingNews: Hashable, Sendable {
    /// - Parameter near: the variables that were perhaps meant.
    case strangeVariable(String, near: [String])
    /// What a source says does not count, as the policy locks it.
    case locked(key: String, of: SettingSource, by: SettingSource)
    /// What was set at the door waits, as something stronger gives the value.
    case waits(key: String, for: SettingSource)
    /// What was set at the door does not fit any more.
    case leftOut(key: String, Fault)
    /// - Parameters:
    ///   - value: as a person types it; `nil` for none.
    ///   - isAtOnce: else from the next start on.
    case changed(key: String, value: String?, SettingSource, isAtOnce: Bool)
}
