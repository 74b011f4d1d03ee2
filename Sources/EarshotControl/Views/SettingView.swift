/// A setting, what counts, and where that comes from.
package struct SettingView: View {
    package enum From: String, Keyword { case `default`, file, door, environment, option, policy }

    package var key: String
    /// As it is typed; empty where there is none.
    package var value: String
    package var from: From
    /// The file and line, the variable, the option.
    package var place: String
    /// What says something else and does not count, the strongest first.
    package var hidden: [String]
    package var help: String
    /// What counts if nobody says anything, in words where it is no value.
    package var usual: String
    /// Values worth offering; empty where any may do.
    package var values: [String]
    /// It counts from the next start on.
    package var restart: Bool
    /// It can be changed at the door now.
    package var changeable: Bool
    /// What will count from the next start on, where that is something else.
    package var next: String?

    package init(
        key: String, value: String, from: From, place: String, hidden: [String], help: String, usual: String,
        values: [String], restart: Bool, changeable: Bool, next: String? = nil
    ) {
        self.key = key
        self.value = value
        self.from = from
        self.place = place
        self.hidden = hidden
        self.help = help
        self.usual = usual
        self.values = values
        self.restart = restart
        self.changeable = changeable
        self.next = next
    }
}

/// What reading the files again has changed.
package struct ReloadView: View {
    /// A sentence each.
    package var changes: [String]
    package init(changes: [String]) { self.changes = changes }
}
