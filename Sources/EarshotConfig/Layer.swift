import EarshotModel
import EarshotText

/// What one source says: its values by key, each of the type of its setting.
struct Layer: Sendable {
    var values: [String: Given] = [:]
    /// What it does by itself.
    var automations = Automations()

    init() {}

    /// What stands in a file. All that is wrong with it is added to `faults`.
    init(file path: String, isPolicy: Bool = false, _ text: String, _ faults: inout [ConfigFault]) {
        let (entries, tables): ([TOMLEntry], [TOMLTable])
        do throws(ConfigFault) { (entries, tables) = try TOMLReader.document(text) } catch {
            var fault = error
            fault.file = path
            faults.append(fault)
            return
        }
        for entry in entries {
            let key = entry.key
            func fault(_ what: Fault) {
                faults.append(ConfigFault(what, file: path, line: entry.line, column: entry.column))
            }
            if Automations.kinds.contains(key), entry.value == .other(.tables) {
                // Their tables are read below.
                if isPolicy { fault(.table(.notInPolicy(table: key))) }
                continue
            }
            guard let setting = Settings[key] else {
                fault(Self.unknown(key))
                continue
            }
            guard self.values[key] == nil else {
                fault(.setting(.setTwice(key: key)))
                continue
            }
            let source: SettingSource = isPolicy ? .policy(path, line: entry.line) : .file(path, line: entry.line)
            do throws(ConfigFault) { try self.put(setting, entry.value, source, subject: key) } catch {
                fault(error.what)
            }
        }
        self.automations = Automations(tables, file: path, &faults)
    }

    /// That it is no setting, and what it is instead.
    private static func unknown(_ key: String) -> Fault {
        if Automations.kinds.contains(key) { return .table(.isTable(key)) }
        if PeopleFile.kinds.contains(where: { $0.0 == key }) {
            return .table(.elsewhere(table: key, file: PeopleFile.name))
        }
        return .setting(.unknown(key: key, near: Nearest.to(key, among: Settings.all.map(\.key))))
    }

    /// What the environment says. An empty variable is as good as none.
    init(environment: [String: String], _ faults: inout [ConfigFault]) {
        for setting in Settings.all {
            let name = setting.variable
            guard let text = environment[name], !text.isEmpty else { continue }
            do throws(ConfigFault) { try self.put(setting, .typed(text), .variable(name), subject: name) } catch {
                faults.append(error)
            }
        }
    }

    /// What was typed behind options of `earshotd`, by key.
    init(options: [String: Written], _ faults: inout [ConfigFault]) {
        for setting in Settings.all {
            guard let written = options[setting.key], let option = setting.option else { continue }
            do throws(ConfigFault) { try self.put(setting, written, .option(option), subject: option) } catch {
                faults.append(error)
            }
        }
    }

    private mutating func put(
        _ setting: some AnySetting, _ written: Written, _ source: SettingSource, subject: String
    ) throws(ConfigFault) {
        self.values[setting.key] = Given(value: try setting.value(written, for: subject), source: source)
    }
}
