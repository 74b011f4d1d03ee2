import CLinux
import EarshotModel
import Glibc

/// Where received files go. Everything below it is reached by descriptors, one part of a path after the other, and no
/// link is ever followed: whoever else may write here cannot lead us out of it (Protocol.md 13).
package final class DownloadFolder {
    /// Holds what is not complete yet, on the same file system, so that completing it is a renaming.
    static let hidden = ".earshot"

    package let path: String
    let descriptor: Int32

    /// Makes the folder if there is none; the one above it must be there.
    package init(opening path: String) throws(DownloadError) {
        self.path = path
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw .now(path) }
        // The person named this path themself: links in it are theirs.
        self.descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard self.descriptor >= 0 else { throw .now(path) }
    }

    /// One that is there; `nil` if it is not.
    package init?(existing path: String) {
        self.path = path
        self.descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard self.descriptor >= 0 else { return nil }
    }

    deinit { close(self.descriptor) }

    /// From now on this thread, and no other, can use no file outside of this folder. Says whether the kernel can do
    /// that.
    /// - Parameter part: where in it most is made, which is checked faster then.
    package func confineThread(for part: PartFolder? = nil) -> Bool {
        linux_confine(self.descriptor, part?.descriptor ?? -1) == 1
    }

    /// Left free on the disk at most, in bytes; of a small one less.
    private static let reserve: UInt64 = 32 << 20

    /// Whether a transfer fits: so many `bytes` of contents in all, of which `left` are still to come. What its part
    /// has taken of the disk already, or keeps free for itself, is there and not counted again.
    package func hasRoom(for bytes: UInt64, left: UInt64, in part: PartFolder) -> Bool {
        var status = statvfs()
        guard fstatvfs(self.descriptor, &status) == 0 else { return true }
        func size(_ blocks: UInt) -> UInt64 {
            UInt64(blocks).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue
        }
        let (free, reserve) = (size(status.f_bavail), min(Self.reserve, size(status.f_blocks) / 32))
        func fits(_ needed: UInt64) -> Bool {
            let (sum, isOver) = needed.addingReportingOverflow(reserve)
            return !isOver && free > sum
        }
        if fits(left) { return true }
        let taken = part.taken
        let needed = bytes > taken ? bytes - taken : 0
        return needed == 0 || fits(min(needed, left))
    }

    /// The place where a transfer is put together: made now, or as it was left.
    /// - Parameter id: letters and digits of our own making.
    package func part(_ id: String) throws(DownloadError) -> PartFolder {
        let hidden = try Self.folder(Self.hidden, in: self.descriptor, "\(self.path)/\(Self.hidden)")
        let path = "\(self.path)/\(Self.hidden)/\(id).part"
        do throws(DownloadError) {
            return PartFolder(
                id, descriptor: try Self.folder("\(id).part", in: hidden, path), beside: hidden, path: path)
        } catch {
            close(hidden)
            throw error
        }
    }

    /// What the file system takes for a name, once there is a place for a transfer.
    package var names: NameRules { NameRules(of: self.descriptor, with: Self.hidden) }

    /// The same, if it is there.
    package func existingPart(_ id: String) -> PartFolder? {
        let hidden = openat(self.descriptor, Self.hidden, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard hidden >= 0 else { return nil }
        let part = openat(hidden, "\(id).part", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard part >= 0 else {
            close(hidden)
            return nil
        }
        return PartFolder(id, descriptor: part, beside: hidden, path: "\(self.path)/\(Self.hidden)/\(id).part")
    }

    /// Removes what is left of a transfer that nobody wants any more, or that is complete.
    package func discard(_ id: String) {
        guard let part = self.existingPart(id) else { return }
        part.remove()
        // Only when it is empty.
        unlinkat(self.descriptor, Self.hidden, AT_REMOVEDIR)
    }

    /// Opens a folder in a folder, and makes it if there is none. A link is none.
    static func folder(_ name: String, in parent: Int32, _ path: @autoclosure () -> String) throws(DownloadError)
        -> Int32
    {
        if mkdirat(parent, name, 0o700) != 0, errno != EEXIST { throw .now(path()) }
        let descriptor = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw .now(path()) }
        return descriptor
    }
}
