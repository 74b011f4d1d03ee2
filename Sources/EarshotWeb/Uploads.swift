import EarshotControl
import EarshotModel
import EarshotText
import Glibc

/// What browsers bring to be offered: each upload has a folder in the spool, from where the node takes it away once
/// every transfer made of it has ended. On one loop.
final class Uploads {
    /// That can be added to; of another one the oldest is closed, which removes nothing.
    private static let most = 256

    private let spool: String
    private var open: [String] = []

    init(spool: String) { self.spool = spool }

    private func path(_ id: String) -> String { "\(self.spool)/up.\(id)" }

    func begin() throws(WebError) -> String {
        let id = Secret.random(count: 16).text
        guard mkdir(self.path(id), 0o700) == 0 else {
            let code = errno
            let detail = String(cString: strerror(code))
            throw WebError(
                code == ENOSPC
                    ? .full(self.spool, detail: detail) : .unwritable(self.spool, detail: detail))
        }
        if self.open.count >= Self.most { self.open.removeFirst() }
        self.open.append(id)
        return id
    }

    /// Where its files go.
    func folder(_ id: String) throws(WebError) -> String {
        guard self.open.contains(id) else { throw WebError(.noUpload) }
        return self.path(id)
    }

    /// Forgets it, with all that came.
    func takeBack(_ id: String) throws(WebError) {
        let path = try self.folder(id)
        self.open.removeAll { $0 == id }
        DetachedThread.start { FolderTree.remove(path) }
    }
}

/// A folder with everything in it.
enum FolderTree {
    static func remove(_ path: String) { self.remove(path, in: AT_FDCWD) }

    /// Follows no link.
    private static func remove(_ name: String, in parent: Int32) {
        let folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard folder >= 0 else { return _ = unlinkat(parent, name, 0) }
        guard let stream = fdopendir(folder) else { return _ = close(folder) }
        defer {
            closedir(stream)
            unlinkat(parent, name, AT_REMOVEDIR)
        }
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { self.remove(name, in: folder) }
        }
    }
}
