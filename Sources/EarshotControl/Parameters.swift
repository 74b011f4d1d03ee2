/// The named parameters of a request, each asked for by what it must be.
package struct Parameters {
    /// Bytes of a path at most, as Linux has it.
    private static let longestPath = 4_096

    private let values: [String: JSON]
    /// Told the name of each parameter that is asked for.
    private let note: ((String) -> Void)?

    package init(_ json: JSON?, noting note: ((String) -> Void)? = nil) throws(DoorError) {
        self.note = note
        guard let json else {
            self.values = [:]
            return
        }
        guard case .object(let values) = json else {
            throw DoorError(.badParameters, "params is an object of named parameters.")
        }
        self.values = values
    }

    private func value(_ name: String) -> JSON? {
        self.note?(name)
        return self.values[name]
    }

    /// A path as the system takes it: absolute, of a bounded length, and without the NUL that would end it early.
    func path(_ text: String) throws(DoorError) -> String {
        guard text.hasPrefix("/") else { throw self.bad("Paths are absolute; this one is not: \(text.prefix(100))") }
        guard text.utf8.count < Self.longestPath else {
            throw self.bad("A path is shorter than \(Self.longestPath) bytes.")
        }
        guard !text.utf8.contains(0) else { throw self.bad("A path has no NUL in it.") }
        return text
    }

    func bad(_ message: String) -> DoorError { DoorError(.badParameters, message) }

    func string(_ name: String) throws(DoorError) -> String {
        guard let value = try self.optional(name) else { throw self.bad("The parameter \(name) is missing.") }
        return value
    }

    func optional(_ name: String) throws(DoorError) -> String? {
        switch self.value(name) {
        case nil, .null: return nil
        case .string(let value): return value
        default: throw self.bad("The parameter \(name) is a string.")
        }
    }

    func strings(_ name: String) throws(DoorError) -> [String] {
        if case .string(let one) = self.value(name) { return [one] }
        guard let list = self.value(name)?.array, !list.isEmpty else {
            throw self.bad("The parameter \(name) is a list of strings.")
        }
        var strings: [String] = []
        for value in list {
            guard let string = value.string else { throw self.bad("The parameter \(name) is a list of strings.") }
            strings.append(string)
        }
        return strings
    }

    func optionalStrings(_ name: String) throws(DoorError) -> [String] {
        guard let value = self.value(name), value != .null, value != .array([]) else { return [] }
        return try self.strings(name)
    }

    func integer(_ name: String) throws(DoorError) -> Int64? {
        switch self.value(name) {
        case nil, .null: return nil
        case .integer(let value): return value
        default: throw self.bad("The parameter \(name) is a whole number.")
        }
    }

    func bool(_ name: String) throws(DoorError) -> Bool? {
        switch self.value(name) {
        case nil, .null: return nil
        case .bool(let value): return value
        default: throw self.bad("The parameter \(name) is true or false.")
        }
    }
}
