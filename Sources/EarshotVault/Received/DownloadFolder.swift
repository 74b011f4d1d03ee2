import CLinux
import EarshotModel
import Glibc

/// Where received files go. Everything below it is reached by descriptors, one part of a path after the other, and no link is
/// ever followed: whoever else may write here cannot lead us out of it (Protocol.md 13).
package final class DownloadFolder {
    /// Holds what is not complete yet, on the same file system, so that completing it is a renaming.
    private static let hidden = ".earshot"

    package let path: String
    let descriptor: Int32

    /// Makes the folder if there is none.
    package init(opening path: String) throws(DownloadError) {
        self.path = path
        var made = ""
        for part in path.split(separator: "/") {
            made += "/" + part
            if mkdir(made, 0o700) != 0, errno != EEXIST { throw .now(made) }
        }
        // The person named this path himself: links in it are his.
        self.descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard self.descriptor >= 0 else { throw .now(path) }
    }

    deinit { close(self.descriptor) }

    /// From now on this thread, and no other, can use no file outside of this folder. Says whether the kernel can do that.
    package func confineThread() -> Bool { linux_confine(self.descriptor) == 1 }

    /// Bytes free for us on its disk.
    package var freeSpace: UInt64 {
        var status = statvfs()
        guard fstatvfs(self.descriptor, &status) == 0 else { return .max }
        return UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue
    }

    /// The place where a transfer is put together: made now, or as it was left.
    /// - Parameter id: letters and digits of our own making.
    package func part(_ id: String) throws(DownloadError) -> PartFolder {
        let hidden = try Self.folder(Self.hidden, in: self.descriptor, "\(self.path)/\(Self.hidden)")
        defer { close(hidden) }
        let path = "\(self.path)/\(Self.hidden)/\(id).part"
        return PartFolder(descriptor: try Self.folder("\(id).part", in: hidden, path), path: path)
    }

    /// What the file system takes for a name, once there is a place for a transfer.
    package var names: NameRules { NameRules(of: self.descriptor, with: Self.hidden) }

    /// Removes what is left of a transfer that nobody wants any more.
    package func discard(_ id: String) {
        guard let part = try? self.part(id) else { return }
        part.discard()
        self.tidy(id)
    }

    /// Takes a transfer that is complete and synced out of its place: each thing at its top gets its name here, or the next that
    /// is free. Nothing is replaced.
    /// - Returns: what they are called now.
    package func take(_ part: PartFolder, _ id: String, _ tops: [SafeName]) throws(DownloadError) -> [SafeName] {
        var names: [SafeName] = []
        for top in tops {
            var number = 1
            while true {
                let name = top.numbered(number)
                if linux_rename_noreplace(part.descriptor, top.text, self.descriptor, name.text) == 0 {
                    names.append(name)
                    break
                }
                // Gone already: taken before a crash.
                if errno == ENOENT { break }
                guard errno == EEXIST, number < 10_000 else { throw .now("\(self.path)/\(name)") }
                number += 1
            }
        }
        guard fsync(self.descriptor) == 0 else { throw .now(self.path) }
        part.dropListing()
        self.tidy(id)
        return names
    }

    /// Empty places go; what is not empty stays.
    private func tidy(_ id: String) {
        if let hidden = try? Self.folder(Self.hidden, in: self.descriptor, self.path) {
            unlinkat(hidden, "\(id).part", AT_REMOVEDIR)
            close(hidden)
            // Only when it is empty.
            unlinkat(self.descriptor, Self.hidden, AT_REMOVEDIR)
        }
    }

    /// Opens a folder in a folder, and makes it if there is none. A link is none.
    static func folder(_ name: String, in parent: Int32, _ path: @autoclosure () -> String) throws(DownloadError) -> Int32 {
        if mkdirat(parent, name, 0o700) != 0, errno != EEXIST { throw .now(path()) }
        let descriptor = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw .now(path()) }
        return descriptor
    }
}
