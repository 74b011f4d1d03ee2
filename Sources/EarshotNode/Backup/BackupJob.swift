import EarshotControl
import EarshotModel
import EarshotNetwork
import EarshotStore
import EarshotVault
import Glibc
import NIOConcurrencyHelpers
import Noise

/// A backup that is being made: first the database is copied a little in each round, then a thread seals it.
struct BackupJob {
    enum News: Sendable {
        /// The next pages may be copied.
        case goesOn
        case ended(Result<BackupView, DoorError>)
    }

    let caller: CallerID
    let reply: Reply<BackupView>
    let sealing: Sealing
    /// Nothing once it is whole.
    var copy: StoreCopy?

    /// What a thread needs to seal it.
    struct Sealing: Sendable {
        let directory: StateDirectory
        /// Where it goes, absolute.
        let path: String
        let passphrase: [UInt8]
        let about: BackupAbout
        /// Uptime in ms.
        let startedAt: UInt64
        /// Whoever asked is gone.
        let isGivenUp = NIOLockedValueBox(false)

        /// Writes it. The copy of the database is removed either way.
        func run() throws -> BackupView {
            defer { unlink(self.directory.copy) }
            let writer = try BackupWriter(
                path: self.path, passphrase: self.passphrase, cost: Self.cost, salt: randomBytes(16))
            let goesOn = { !self.isGivenUp.withLockedValue { $0 } }
            try writer.add(BackupAbout.name, self.about.json)
            try writer.add(BackupContent.identity, KeyFile(path: self.directory.identity).read())
            for content in BackupContent.folders(of: self.directory) {
                try writer.add(content.name, from: content.path, goesOn: goesOn)
            }
            // Last, so that what is put back is whole or has no database.
            try writer.add(BackupContent.database, from: self.directory.copy, goesOn: goesOn)
            try writer.end()
            return BackupView(
                path: self.path, bytes: Int64(clamping: writer.bytes), messages: self.about.messages,
                took: Int64(clamping: uptime() - self.startedAt))
        }

        /// A quarter of a GiB, where that is not much of what the machine has.
        private static var cost: PassphraseCost {
            let pages = max(0, sysconf(Int32(_SC_PHYS_PAGES)))
            return UInt64(clamping: pages) * 4_096 >= 1_800 << 20 ? .usual : .small
        }
    }
}

/// What a backup says of itself, first of all.
struct BackupAbout: Codable, Sendable {
    static let name = "about.json"

    var name: String
    var person: String
    var messages: Int64
    /// RFC 3339.
    var made: Timestamp
    var earshot: String

    var json: [UInt8] { JSONWriter.bytes(self) }
}

/// What is in a backup, by the names in it.
enum BackupContent {
    static let identity = "identity.key"
    static let database = "earshot.db"

    struct Entry {
        let name: String
        let path: String
    }

    /// Listings and proofs of what is offered.
    static func folders(of directory: StateDirectory) -> [Entry] {
        [("shares", directory.shares), ("proofs", directory.proofs)].flatMap { folder, path in
            StateDirectory.names(in: path).sorted().compactMap { name in
                Self.isPlain(name) ? Entry(name: "\(folder)/\(name)", path: "\(path)/\(name)") : nil
            }
        }
    }

    /// Where something goes when it is put back; nothing where it is none of ours.
    static func place(of name: String, in directory: StateDirectory) -> String? {
        switch name {
        case Self.identity: return directory.identity
        case Self.database: return directory.database
        default:
            let parts = name.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2, let last = parts.last, Self.isPlain(last) else { return nil }
            switch parts.first {
            case "shares": return "\(directory.shares)/\(last)"
            case "proofs": return "\(directory.proofs)/\(last)"
            default: return nil
            }
        }
    }

    /// As all files there are called.
    private static func isPlain(_ name: some StringProtocol) -> Bool {
        !name.hasPrefix(".")
            && name.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || [0x2D, 0x2E, 0x5F].contains($0)
            }
            && (1...128).contains(name.utf8.count)
    }
}
