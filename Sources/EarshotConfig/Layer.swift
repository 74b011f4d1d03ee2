import EarshotModel

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
            func fault(_ message: String) {
                faults.append(ConfigFault(message, file: path, line: entry.line, column: entry.column))
            }
            if Automations.kinds.contains(key), entry.value == .other(TOMLTable.shown) {
                // Their tables are read below.
                if isPolicy { fault("[[\(key)]] stands in config.toml, and not in a policy.") }
                continue
            }
            guard let setting = Settings[key] else {
                fault(
                    Automations.kinds.contains(key)
                        ? "\(key) is a table: [[\(key)]]."
                        : PeopleFile.kinds.contains { $0.0 == key }
                            ? "[[\(key)]] stands in \(PeopleFile.name)." : Settings.unknown(key))
                continue
            }
            guard self.values[key] == nil else {
                fault("\(key) is set a second time.")
                continue
            }
            let source: Source = isPolicy ? .policy(path, line: entry.line) : .file(path, line: entry.line)
            do throws(ConfigFault) { try self.put(setting, entry.value, source, subject: key) } catch {
                fault(error.message)
            }
        }
        self.automations = Automations(tables, file: path, &faults)
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
        _ setting: some AnySetting, _ written: Written, _ source: Source, subject: String
    ) throws(ConfigFault) {
        self.values[setting.key] = Given(value: try setting.value(written, for: subject), source: source)
    }
}
