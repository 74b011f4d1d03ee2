import EarshotModel

extension Language {
    static func english(_ error: VaultError) -> String {
        switch error {
        case .missing(let path):
            """
            There is no file \(path), but the messages that belong to it are there. Put the key back from a copy, or \
            move the folder away to start over as someone new.
            """
        case .unreadable(let path, let reason):
            "The file \(path) cannot be read: \(reason). Fix that; nothing was changed and no new key was made."
        case .exposed(let path, let reason):
            """
            \(path) \(reason). Make it yours alone: chown it to yourself, and chmod 700 for the folder or 600 for the \
            file.
            """
        case .damaged(let path):
            "The key file \(path) is damaged. Restore it from a copy; nothing was changed and no new key was made."
        case .unwritable(let path, let reason):
            "\(path) cannot be written: \(reason). Fix that, or choose another folder with --state DIR."
        case .taken(let path):
            """
            Another earshotd already uses \(path). Stop it with `earshot stop`, or choose another folder with --state \
            DIR.
            """
        }
    }

    static func english(_ problem: FolderProblem) -> String {
        switch problem {
        case .notAbsolute(let path):
            "\(path.isEmpty ? "An empty path" : path) is not an absolute path. Give one such as /home/anna/inbox."
        case .tooLong: "That path is too long."
        case .missing(let path): "There is no folder \(path). Make it first, or choose another."
        case .notAFolder(let path): "\(path) is not a folder. Choose another."
        case .unusable(let path, let reason): "Nothing can be put into \(path): \(reason). Choose another folder."
        case .ours(let path): "\(path) belongs to Earshot itself. Choose another folder."
        }
    }

    static func english(_ error: BackupError) -> String {
        switch error {
        case .notABackup(let path): "\(path) is not a backup of Earshot."
        case .newer(let path): "\(path) was made by a newer Earshot. Update this one."
        case .wrongPassphrase(let path):
            "\(path) does not open with this passphrase. Is there a typing error? Otherwise its beginning is damaged."
        case .damaged(let path): "\(path) is damaged or not complete. Nothing was put back; take another copy."
        case .noMemory(let path, let mebibytes):
            "Opening \(path) takes \(mebibytes) MiB of memory, and there is not as much."
        case .unreadable(let path, let reason): "\(path) cannot be read: \(reason)."
        case .changed(let path): "\(path) changed while it was copied. Nothing was written; try again."
        case .occupied(let folder):
            """
            There is a node in \(folder) already, and nothing in it was changed. Choose another folder with --state, \
            or remove that node with `earshot wipe` first.
            """
        case .givenUp: "The backup was given up, and nothing was written."
        }
    }
}
