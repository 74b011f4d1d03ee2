import EarshotConfig
import EarshotControl
import EarshotModel
import EarshotTerminal

extension Settings {
    /// Takes back what was set; what counts then is shown.
    func unset(_ key: String) throws {
        let answer: SettingsView
        do throws(DoorError) {
            answer = try self.options.connect().ask(Methods.SetSetting(key: key, value: ""))
        } catch { throw error.asking(about: key) }
        if self.options.json { return self.options.show(object: answer) }
        guard !self.options.quiet else { return }
        for (key, value) in answer.values.sorted(by: { $0.key < $1.key }) { print("\(key) = \(value)") }
    }
}
