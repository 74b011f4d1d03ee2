import EarshotControl
import EarshotModel
import EarshotStore
import EarshotVault
import EarshotWire
import Noise

/// Putting a backup back into a folder in which nobody lives (docs/Backup.md).
package enum Restoring {
    /// Puts it back. Where anything fails, what was put there is removed.
    /// - Parameters:
    ///   - path: of the backup, absolute.
    ///   - state: the folder of the node to be, absolute.
    /// - Throws: `BackupError`, `VaultError`, `StoreError`, each a sentence for a person.
    package static func run(_ path: String, into state: String, passphrase: [UInt8]) throws -> RestoredView {
        let reader = try BackupReader(path: path, passphrase: passphrase)
        // Opened before anything is made: a typing error leaves no empty folder behind.
        guard let first = try reader.next(), first.name == BackupAbout.name, first.length <= 4_096 else {
            throw BackupError.damaged(path: path)
        }
        var about: [UInt8] = []
        try reader.read(first.length) { about += $0 }
        let directory = try StateDirectory(opening: state)
        let lock = try directory.lock()
        defer { lock.release() }
        guard [directory.identity, directory.database].allSatisfy({ KeyFile.isAbsent($0) }) else {
            throw BackupError.occupied(folder: state)
        }
        do {
            try Self.unpack(reader, path, into: directory)
            return try Self.settle(path, directory, made: JSON(text: about)?["made"]?.string)
        } catch {
            Wiping.run(directory)
            throw error
        }
    }

    private static func unpack(_ reader: BackupReader, _ path: String, into directory: StateDirectory) throws {
        var identity: [UInt8]?
        while let (name, length) = try reader.next() {
            guard let place = BackupContent.place(of: name, in: directory) else {
                // Of a later version, which knows more.
                try reader.read(length) { _ in }
                continue
            }
            if place == directory.identity {
                guard length <= 65_536, identity == nil else { throw BackupError.damaged(path: path) }
                var bytes: [UInt8] = []
                try reader.read(length) { bytes += $0 }
                identity = bytes
                continue
            }
            let draft = try DraftFile(for: place)
            try reader.read(length) { try draft.append($0) }
            try draft.place()
        }
        guard let identity else { throw BackupError.damaged(path: path) }
        // Last: with its key, a folder is somebody's.
        try KeyFile(path: directory.identity).create(identity)
    }

    /// Whether all of it is ours and can be used; and new logs from here on.
    private static func settle(_ path: String, _ directory: StateDirectory, made: String?) throws -> RestoredView {
        let file = KeyFile(path: directory.identity)
        let identity = try IdentityFile.decode(try file.read(), path: file.path)
        guard !KeyFile.isAbsent(directory.database) else { throw BackupError.damaged(path: path) }
        let store = try Store(path: directory.database, generation: randomBytes(32), reader: Envelope.kept)
        defer { store.close() }
        try store.beginAnew(generation: randomBytes(32))
        let snapshot = try store.snapshot()
        return RestoredView(
            state: directory.path, person: identity.person, messages: Int64(clamping: try store.messageCount()),
            contacts: Int64(clamping: snapshot.contacts.count), made: made)
    }
}

/// Removing a node for good.
package enum Wiping {
    /// Removes all that a node keeps in its folder, its keys first: without them the rest is nobody's. What it
    /// received lies elsewhere and stays.
    package static func run(_ directory: StateDirectory) {
        KeyFile(path: directory.identity).destroy()
        directory.clear()
    }

    /// - Throws: where a node runs there, or it is none of ours.
    package static func run(state: String) throws {
        let directory = try StateDirectory(opening: state)
        let lock = try directory.lock()
        defer { lock.release() }
        Self.run(directory)
    }
}
