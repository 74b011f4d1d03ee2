/// Why something that lay there did not go with the rest (Protocol.md 13). The numbers are those of the wire.
package enum OmissionReason: UInt64, Hashable, Sendable, Codable {
    /// Something this version does not know.
    case other = 0
    case unreadable = 1
    case gone = 2
    case changed = 3
    /// Neither a file nor a folder: a link, a socket, a device, a named pipe in a folder.
    case special = 4
    /// More folders above it, or a longer path, than a listing takes.
    case tooDeep = 5
    /// Nobody knows where it ends, and it was not at its end after as much as is copied.
    case endless = 6
    /// A name that is not UTF-8, and nothing that could stand for it.
    case name = 7

    package init(code: UInt64) { self = Self(rawValue: code) ?? .other }

    /// For a person, behind the name of what it is about.
    package var words: String {
        switch self {
        case .other: "was left out"
        case .unreadable: "cannot be read"
        case .gone: "is gone"
        case .changed: "was changed after it was offered"
        case .special: "is neither a file nor a folder"
        case .tooDeep: "lies too deep, or its path is too long"
        case .endless: "does not end"
        case .name: "has a name that is not UTF-8"
        }
    }
}

/// What of a transfer is not as it was at its sender's, for both ends to read: the first so many of each kind, and how
/// many there are.
package struct TransferNotes: Hashable, Sendable, Codable {
    package struct Omission: Hashable, Sendable, Codable {
        /// As it is listed: parts joined by `/`.
        package let path: String
        package let reason: OmissionReason

        package init(path: String, reason: OmissionReason) {
            self.path = path
            self.reason = reason
        }
    }

    package struct Renaming: Hashable, Sendable, Codable {
        package let from: String
        package let to: String

        package init(from: String, to: String) {
            self.from = from
            self.to = to
        }
    }

    /// So many of each kind are named, in so many bytes each.
    package static let most = 100
    package static let longest = 4_096

    package private(set) var omitted: [Omission] = []
    package private(set) var omittedCount: UInt64 = 0
    package private(set) var renamed: [Renaming] = []
    package private(set) var renamedCount: UInt64 = 0

    package init() {}

    package var isEmpty: Bool { self.omittedCount == 0 && self.renamedCount == 0 }

    /// The same thing for the same reason counts once, as long as all are named.
    package mutating func omit(_ path: String, _ reason: OmissionReason) {
        let omission = Omission(path: path, reason: reason)
        guard self.omitted.count >= Self.most || !self.omitted.contains(omission) else { return }
        self.omittedCount = self.omittedCount.addingReportingOverflow(1).partialValue
        if self.omitted.count < Self.most, path.utf8.count <= Self.longest { self.omitted.append(omission) }
    }

    package mutating func rename(_ from: String, to: String) {
        self.renamedCount = self.renamedCount.addingReportingOverflow(1).partialValue
        guard self.renamed.count < Self.most, from.utf8.count <= Self.longest, to.utf8.count <= Self.longest else {
            return
        }
        self.renamed.append(Renaming(from: from, to: to))
    }

    /// There are more than are named here.
    package mutating func count(omitted: UInt64, renamed: UInt64) {
        self.omittedCount = max(self.omittedCount, omitted)
        self.renamedCount = max(self.renamedCount, renamed)
    }

    /// With what another end has noticed besides.
    package mutating func add(_ other: TransferNotes) {
        let (omitted, renamed) = (self.omittedCount, self.renamedCount)
        for omission in other.omitted { self.omit(omission.path, omission.reason) }
        for renaming in other.renamed where !self.renamed.contains(renaming) {
            self.rename(renaming.from, to: renaming.to)
        }
        self.count(omitted: max(omitted, other.omittedCount), renamed: max(renamed, other.renamedCount))
    }
}
