import EarshotModel
import EarshotText

/// Finds the person whom a word means (docs/Control.md, WHO). One for every method and command, and never a guess:
/// where several may be meant, the error lists all of them.
///
/// In this order: a whole id; a whole name, with our own names for people before the names of contacts, and those
/// before the names of strangers; the beginning of an id; the beginning of a name. What a stranger calls themselves
/// therefore never stands in the way of a contact.
package struct WhoResolver: Sendable {
    /// One person who may be meant.
    package struct Candidate: Sendable, Hashable {
        /// Whole ids, as text.
        package let person: String
        package let devices: [String]
        /// What we call them.
        package let petname: String?
        /// What they call themselves.
        package let name: String?
        /// We exchange messages with them.
        package let isContact: Bool
        /// They are on the network, or have asked to talk.
        package let isHere: Bool

        package init(
            person: String, devices: [String] = [], petname: String? = nil, name: String?, isContact: Bool,
            isHere: Bool = true
        ) {
            self.person = person
            self.devices = devices
            self.petname = petname
            self.name = name
            self.isContact = isContact
            self.isHere = isHere
        }

        /// How much a name of theirs that fits is worth; `nil` where none fits.
        fileprivate func rank(_ fits: (String) -> Bool) -> Rank? {
            if let petname, fits(petname.lowercased()) { return .petname }
            guard let name, fits(name.lowercased()) else { return nil }
            if self.isContact { return self.petname == nil ? .contact : .behindPetname }
            return self.isHere ? .here : .absent
        }

        fileprivate var order: (Int, Int, String) {
            (self.isContact || self.petname != nil ? 0 : 1, self.isHere ? 0 : 1, self.person)
        }

        fileprivate func label(idLength: Int) -> String {
            let id = self.person.prefix(idLength)
            guard let petname else { return "\(self.name ?? "?") (\(id))" }
            let own = self.name.map { $0 == petname ? "" : ", calls themselves \($0)" } ?? ""
            return "\(petname) (\(id)\(own))"
        }
    }

    fileprivate enum Rank: Int {
        case petname, contact, behindPetname, here, absent

        /// A name of ours, or of someone we talk to: nobody else can make it unclear.
        var isOurs: Bool { self.rawValue < Self.here.rawValue }
    }

    private static let shortestID = 4
    /// So much of a name says who is meant; a single letter only shows who it could be.
    private static let shortestName = 2
    private static let mostListed = 100
    private static let mostSuggested = 20

    private let candidates: [Candidate]
    private let me: Candidate?

    /// - Parameter me: ourselves, whom no word may mean, so that the error can say so.
    package init(_ candidates: [Candidate], me: Candidate? = nil) {
        self.candidates = candidates
        self.me = me
    }

    /// The person's id.
    /// - Throws: `ambiguousName` or `unknownName`, with candidates; `badParameters` where it is ourselves.
    package func resolve(_ word: String) throws(DoorError) -> String {
        let wanted = SafeText.name(word).lowercased()
        guard !wanted.isEmpty else { throw DoorError(.word(.noName)) }
        let id = Self.id(in: wanted)
        if let one = self.candidates.first(where: { $0.person == id || $0.devices.contains(id) }) { return one.person }
        let named = self.best { $0 == wanted }
        let byID = self.with(id: id)
        let found: [Candidate]
        if let named {
            // Keys can be made until their ids begin with a name, so a stranger's id counts for nothing beside a
            // contact's name. Whoever calls themselves by the id of another is not them: then it takes more of the
            // id.
            let rivals = named.rank.isOurs ? byID.filter { $0.isContact || $0.petname != nil } : byID
            found = named.people + rivals.filter { one in !named.people.contains { $0.person == one.person } }
        } else {
            found = byID
        }
        if found.count == 1, let one = found.first { return one.person }
        if found.count > 1 { throw self.ambiguous(word, found) }
        return try self.resolve(beginning: wanted, word)
    }

    /// All whom a whole name fits, whatever they are to us.
    package func all(called word: String) -> [Candidate] {
        let wanted = SafeText.name(word).lowercased()
        return self.candidates.filter { $0.rank { $0 == wanted } != nil }
    }

    package func ambiguous(_ word: String, _ found: [Candidate]) -> DoorError {
        let (labels, more) = Self.labels(found, most: Self.mostListed)
        return DoorError(.word(.severalPeople(word: Self.shown(word))), candidates: labels, more: more)
    }

    private func resolve(beginning wanted: String, _ word: String) throws(DoorError) -> String {
        let best = self.best { $0.hasPrefix(wanted) }?.people ?? []
        let isEnough = wanted.count >= Self.shortestName || wanted.unicodeScalars.contains { !$0.isASCII }
        if isEnough, best.count == 1, let one = best.first { return one.person }
        if let me, me.rank({ $0 == wanted }) != nil || Self.has(me, id: Self.id(in: wanted)) {
            throw DoorError(.person(.myself))
        }
        let all = self.candidates.filter { $0.rank { $0.hasPrefix(wanted) } != nil }
        if !all.isEmpty {
            guard !isEnough else { throw self.ambiguous(word, all) }
            let (labels, more) = Self.labels(all, most: Self.mostListed)
            throw DoorError(.word(.shortName(Self.shown(word))), candidates: labels, more: more)
        }
        let shown = self.candidates.filter { $0.isContact || $0.petname != nil || $0.isHere }
        let (labels, more) = Self.labels(shown, most: Self.mostSuggested)
        throw DoorError(.person(.unknown(word: Self.shown(word))), candidates: labels, more: more)
    }

    /// Those whose names fit and are worth most.
    private func best(_ fits: (String) -> Bool) -> (rank: Rank, people: [Candidate])? {
        let ranked = self.candidates.compactMap { one in one.rank(fits).map { ($0, one) } }
        guard let rank = ranked.map(\.0).min(by: { $0.rawValue < $1.rawValue }) else { return nil }
        return (rank, ranked.filter { $0.0 == rank }.map(\.1))
    }

    private func with(id: String) -> [Candidate] { self.candidates.filter { Self.has($0, id: id) } }

    private static func has(_ candidate: Candidate, id: String) -> Bool {
        id.utf8.count >= self.shortestID
            && (candidate.person.hasPrefix(id) || candidate.devices.contains { $0.hasPrefix(id) })
    }

    /// `earshot:ID`, `name@ID` or an id.
    private static func id(in wanted: String) -> String {
        let bare = wanted.hasPrefix("earshot:") ? wanted.dropFirst("earshot:".count) : Substring(wanted)
        return bare.split(separator: "@").last.map(String.init) ?? wanted
    }

    private static func shown(_ word: String) -> String { word.count > 64 ? "\(word.prefix(64))…" : word }

    /// Contacts first, then people who are here; with as much of each id as tells them apart.
    private static func labels(_ found: [Candidate], most: Int) -> (labels: [String], more: Int) {
        let ordered = found.sorted { $0.order < $1.order }
        var length = 8
        while length < 52, Set(ordered.map { $0.person.prefix(length) }).count < ordered.count { length += 4 }
        return (ordered.prefix(most).map { $0.label(idLength: length) }, max(0, ordered.count - most))
    }
}
