import EarshotControl
import EarshotModel

/// A file that names people: who becomes a contact without being asked.
struct PeopleFile: Sendable {
    static let name = "people.toml"
    static let table = "person"
    /// Persons at most.
    static let most = 1_000

    private(set) var people: [Provision] = []
    private(set) var hooks: [Hook] = []

    /// All that is wrong with it is added to `faults`.
    init(_ path: String, _ text: String, _ faults: inout [ConfigFault]) {
        let (entries, tables): ([TOMLEntry], [TOMLTable])
        do throws(ConfigFault) { (entries, tables) = try TOMLReader.document(text) } catch {
            var fault = error
            fault.file = path
            faults.append(fault)
            return
        }
        for entry in entries where entry.key != Self.table || entry.value != .other(TOMLTable.shown) {
            let hint = entry.key == Self.table ? "" : Nearest.question(entry.key, among: [Self.table])
            faults.append(
                ConfigFault(
                    "Here stand [[\(Self.table)]] and nothing else, not \(entry.key).\(hint)", file: path,
                    line: entry.line, column: entry.column))
        }
        for (index, table) in tables.filter({ $0.key == Self.table }).enumerated() {
            var reader = TableReader(table, file: path)
            if let (person, hook) = reader.person() {
                self.people.append(person)
                if let hook { self.hooks.append(hook) }
            }
            reader.finish()
            if index >= Self.most { reader.fault("There are more than \(Self.most) of these.") }
            faults += reader.faults
        }
    }

    /// All of them. Whoever is named twice is a slip: which of the two counts, nobody could say.
    static func together(_ files: [PeopleFile], _ faults: inout [ConfigFault]) -> [Provision] {
        let all = files.flatMap(\.people)
        var (keys, names): ([Provision.Key: String], [String: String]) = ([:], [:])
        for person in all {
            if let other = keys.updateValue(person.place, forKey: person.key) {
                faults.append(ConfigFault("\(person.place): \(person.name) is named at \(other), too."))
            } else if let other = names.updateValue(person.place, forKey: person.name.lowercased()) {
                faults.append(ConfigFault("\(person.place): Somebody else is called \(person.name) at \(other)."))
            }
        }
        return all
    }
}

/// Something that a person may by the word of a file.
enum Grant: Hashable, Sendable {
    case write
    case files(Provision.Files)

    static let fits = #"a list of "write" and "files", as ["write", "files up to 20M into ~/inbox"]"#

    /// `write`, or `files`, with `up to SIZE` and `into FOLDER` behind it, in this order.
    init?(_ text: String) {
        if text == "write" {
            self = .write
            return
        }
        var rest = text[...]
        guard rest.hasPrefix("files") else { return nil }
        rest = rest.dropFirst("files".count)
        var most: UInt64?
        if rest.hasPrefix(" up to ") {
            rest = rest.dropFirst(" up to ".count)
            let size = rest.prefix { $0 != " " }
            guard let count = ByteCount(String(size)) else { return nil }
            most = count.bytes
            rest = rest.dropFirst(size.count)
        }
        var folder: String?
        if rest.hasPrefix(" into ") {
            let path = String(rest.dropFirst(" into ".count))
            guard path.hasPrefix("/") || path.hasPrefix("~"), let whole = try? TypedPath.ours.absolute(path) else {
                return nil
            }
            (folder, rest) = (whole, "")
        }
        guard rest.isEmpty else { return nil }
        self = .files(Provision.Files(most: most, folder: folder))
    }
}
