import EarshotControl
import EarshotModel
import EarshotText

/// A file that names people: who becomes a contact without being asked.
struct PeopleFile: Sendable {
    static let name = "people.toml"
    /// The lists of tables there are, and how many of each at most.
    static let kinds = [("person", 1_000), ("room", 64)]

    private(set) var people: [Provision] = []
    private(set) var rooms: [ProvisionedRoom] = []
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
        let keys = Self.kinds.map(\.0)
        for entry in entries where !keys.contains(entry.key) || entry.value != .other(.tables) {
            let near = keys.contains(entry.key) ? [] : Nearest.to(entry.key, among: keys)
            faults.append(
                ConfigFault(
                    .table(.nothingElse(tables: keys, key: entry.key, near: near)), file: path, line: entry.line,
                    column: entry.column))
        }
        for (key, most) in Self.kinds {
            for (index, table) in tables.filter({ $0.key == key }).enumerated() {
                var reader = TableReader(table, file: path)
                self.take(key, &reader)
                reader.finish()
                if index >= most { reader.fault(.table(.tooMany(most: most))) }
                faults += reader.faults
            }
        }
    }

    private mutating func take(_ key: String, _ reader: inout TableReader) {
        guard key == "person" else {
            if let room = reader.room() { self.rooms.append(room) }
            return
        }
        guard let (person, hook) = reader.person() else { return }
        self.people.append(person)
        if let hook { self.hooks.append(hook) }
    }

    /// All of them. Whoever is named twice is a slip: which of the two counts, nobody could say.
    static func together(_ files: [PeopleFile], _ faults: inout [ConfigFault]) -> [Provision] {
        let all = files.flatMap(\.people)
        var (keys, names): ([Provision.Key: String], [String: String]) = ([:], [:])
        for person in all {
            if let other = keys.updateValue(person.place, forKey: person.key) {
                faults.append(ConfigFault(.person(.namedTwice(person.name, at: person.place, other: other))))
            } else if let other = names.updateValue(person.place, forKey: person.name.lowercased()) {
                faults.append(ConfigFault(.person(.nameTaken(person.name, at: person.place, other: other))))
            }
        }
        return all
    }

    static func rooms(_ files: [PeopleFile], _ faults: inout [ConfigFault]) -> [ProvisionedRoom] {
        let all = files.flatMap(\.rooms)
        var names: [String: String] = [:]
        for room in all {
            guard let other = names.updateValue(room.place, forKey: room.name.lowercased()) else { continue }
            faults.append(ConfigFault(.person(.roomNamedTwice(room.name, at: room.place, other: other))))
        }
        return all
    }
}

/// Something that a person may by the word of a file.
enum Grant: Hashable, Sendable {
    case write
    case invite
    case files(Provision.Files)

    /// `write`, `invite`, or `files`, with `up to SIZE` and `into FOLDER` behind it, in this order.
    init?(_ text: String) {
        for (word, grant) in [("write", Grant.write), ("invite", .invite)] where text == word {
            self = grant
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
