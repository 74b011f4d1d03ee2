/// Finding the person whom a word means: an id or its beginning, or a name, whole. Never a guess.
package struct WhoResolver: Sendable {
    package struct Candidate: Sendable, Hashable {
        package let person: String
        package let devices: [String]
        /// Petname and own name.
        package let names: [String]
        package let isContact: Bool

        package init(person: String, devices: [String], names: [String], isContact: Bool) {
            self.person = person
            self.devices = devices
            self.names = names
            self.isContact = isContact
        }

        var label: String { "\(self.names.first ?? "?") (\(self.person.prefix(16)))" }
    }

    private static let shortestPrefix = 4

    private let candidates: [Candidate]
    package init(_ candidates: [Candidate]) { self.candidates = candidates }

    /// The person's id. What he is called by us counts before what strangers call themselves.
    package func resolve(_ word: String) throws(DoorError) -> String {
        let wanted = word.lowercased()
        let byName = self.candidates.filter { $0.names.contains { $0.lowercased() == wanted } }
        let contacts = byName.filter(\.isContact)
        let named = contacts.isEmpty ? byName : contacts
        let id = wanted.split(separator: "@").last.map(String.init) ?? wanted
        let byID = id.count < Self.shortestPrefix ? [] : self.candidates.filter { candidate in
            candidate.person.hasPrefix(id) || candidate.devices.contains { $0.hasPrefix(id) }
        }
        // Whoever calls himself by the id of another is not him: then it takes more of the id.
        let found = named + byID.filter { one in !named.contains { $0.person == one.person } }
        if found.count == 1 { return found[0].person }
        if found.count > 1 {
            throw DoorError(.ambiguousName, "\(word) may be several people. Use the id, or more of it.", candidates: found.map(\.label))
        }
        throw DoorError(
            .unknownName, "There is nobody called \(word) here.", candidates: self.candidates.prefix(8).map(\.label))
    }
}
