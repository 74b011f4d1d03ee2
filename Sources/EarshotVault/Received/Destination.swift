import EarshotModel
import Glibc

/// Whether received files may go to a folder: looked at before anything is agreed to, so that a path that cannot work
/// is refused with its reason and never ends a transfer. The one check for every way a folder is named.
package enum Destination {
    /// The folder is there and takes files, or its parent takes it. Throws why not; leaves nothing behind.
    /// - Parameter state: the folder of the node, into which nothing may go but what a program takes from a pipe.
    package static func check(_ path: String, state: String) throws(FolderProblem) {
        guard path.hasPrefix("/"), !path.utf8.contains(0) else { throw .notAbsolute(path) }
        guard path.utf8.count < Int(PATH_MAX), path.split(separator: "/").allSatisfy({ $0.utf8.count <= Int(NAME_MAX) })
        else { throw .tooLong }
        guard !path.split(separator: "/").contains(DownloadFolder.hidden[...]) else { throw .ours(path) }
        var status = stat()
        guard stat(path, &status) == 0 else {
            guard errno == ENOENT else { throw .now(path) }
            guard lstat(path, &status) != 0 else { throw .unusable(path, reason: "it is a broken link") }
            // One folder is made where it is named; a mistyped path is not.
            let parts = path.split(separator: "/")
            let parent = "/" + parts.dropLast().joined(separator: "/")
            guard !parts.isEmpty, parts.last != "..", stat(parent, &status) == 0 else {
                throw .missing(parent == "/" ? path : parent)
            }
            return try self.check(folder: parent, status, state, isParent: true, path)
        }
        try self.check(folder: path, status, state, isParent: false, path)
    }

    /// Whether a folder is one that a program takes from a pipe: in the spool of the node at `state`, named after the
    /// program's process.
    package static func isStream(_ path: String, state: String) -> Bool {
        let prefix = "\(state)/spool/out."
        return path.hasPrefix(prefix) && !path.dropFirst(prefix.count).contains("/")
    }

    private static func check(folder: String, _ status: stat, _ state: String, isParent: Bool, _ path: String)
        throws(FolderProblem)
    {
        guard status.st_mode & S_IFMT == S_IFDIR else { throw .notAFolder(folder) }
        guard let above = self.real(folder) else { throw .now(folder) }
        let real = isParent ? above + "/" + (path.split(separator: "/").last ?? "") : above
        let ours = self.real(state) ?? state
        // What a program takes from a pipe; and where files go for somebody who has no home.
        let isForFiles = ["/spool/out.", "/downloads"].contains { real.hasPrefix(ours + $0) }
        guard real != ours && !real.hasPrefix(ours + "/") || isForFiles else { throw .ours(path) }
        guard !real.split(separator: "/").contains(DownloadFolder.hidden[...]) else { throw .ours(path) }
        try self.probe(folder)
    }

    /// Asking what is allowed is not enough: a file system may be read-only, full, or take nothing from anybody.
    private static func probe(_ folder: String) throws(FolderProblem) {
        var template = Array("\(folder)/.earshot-probe-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            // The folder is there: a file system of the kernel says so when it takes nothing.
            throw errno == ENOENT ? .unusable(folder, reason: "it takes no files") : .now(folder)
        }
        rmdir(template)
    }

    private static func real(_ path: String) -> String? {
        guard let pointer = realpath(path, nil) else { return nil }
        defer { free(pointer) }
        return String(cString: pointer)
    }
}

extension FolderProblem {
    /// What `errno` says about a call that touched `path`.
    fileprivate static func now(_ path: String) -> Self {
        switch errno {
        case ENOENT: .missing(path)
        case ENOTDIR: .notAFolder(path)
        case ENAMETOOLONG: .tooLong
        default: .unusable(path, reason: String(cString: strerror(errno)))
        }
    }
}
