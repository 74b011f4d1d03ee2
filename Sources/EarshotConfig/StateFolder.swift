import EarshotControl
import EarshotText

/// Which folder is a node's, for the programs that speak to it.
package enum StateFolder {
    /// The whole path of what `--state` names, else `EARSHOT_STATE`, else a file of settings; else of the usual folder.
    /// Other settings are not looked at, nor what is wrong with them.
    package static func absolute(_ typed: String?) throws(DoorError) -> String {
        let environment = Environment.ours
        let paths = ConfigPaths.usual(environment)
        let locked = try self.written(paths.policy)
        if typed != nil || !(environment["EARSHOT_STATE"] ?? "").isEmpty {
            let path = try StatePath.absolute(typed)
            guard let locked, locked != path else { return path }
            throw DoorError(.path(.lockedState(locked, policy: paths.policy)))
        }
        if let locked { return locked }
        if let user = paths.user, let path = try self.written(user) { return path }
        if let path = try self.written(paths.system) { return path }
        return try StatePath.absolute(nil)
    }

    private static func written(_ path: String) throws(DoorError) -> String? {
        do throws(ConfigFault) {
            guard let text = try ConfigFile.text(path) else { return nil }
            let setting = Settings.registry.state
            guard let entry = try TOMLReader.entries(text).first(where: { $0.key == setting.key }) else { return nil }
            return try setting.value(entry.value, for: setting.key)
        } catch {
            var fault = error
            fault.file = path
            throw DoorError(.path(.faultySettings(fault: fault.text)))
        }
    }
}
