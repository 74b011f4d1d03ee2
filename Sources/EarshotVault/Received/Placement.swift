import CLinux
import EarshotModel
import Glibc

/// Moving what is complete to where it belongs, so that it gets there once, whenever the machine stops: under which
/// names things are to be moved is on disk before the first of them is. A note stays beside them until it is kept
/// elsewhere that all of it is there.
extension DownloadFolder {
    /// Gives each thing at the top of a transfer, which is complete and synced, its name here, or the next that is
    /// free. Nothing is replaced. Done again after it was interrupted, it goes on where it was; done again after it
    /// was done, it changes nothing.
    /// - Parameter step: called before anything is changed on disk; what it throws interrupts. For tests.
    /// - Returns: what they are called now.
    package func place(
        _ part: PartFolder, _ tops: [SafeName], step: () throws(DownloadError) -> Void = {}
    ) throws(DownloadError) -> [SafeName] {
        var noted = part.notes(count: tops.count)
        let before = noted
        try self.note(tops, in: part, &noted, step)
        var names: [SafeName] = []
        for (index, top) in tops.enumerated() {
            while true {
                // Noted for each of them just now, or before.
                guard let name = noted[index] else {
                    throw .failed(path: part.path, reason: "the note of what is moved is lost")
                }
                guard part.contains(top) else {
                    names.append(name)
                    break
                }
                try step()
                if self.move(top, from: part, to: name, mayBeBegun: before[index] == name) { continue }
                // Somebody was quicker, and took the name.
                guard errno == EEXIST || errno == ENOTEMPTY else { throw .now("\(self.path)/\(name)") }
                noted[index] = try self.free(top, besides: Set(noted.values))
                try step()
                try part.keep(notes: noted, count: tops.count)
            }
        }
        try step()
        guard fsync(self.descriptor) == 0 else { throw .now(self.path) }
        return names
    }

    /// Chooses names for those that have none yet.
    private func note(
        _ tops: [SafeName], in part: PartFolder, _ noted: inout [Int: SafeName],
        _ step: () throws(DownloadError) -> Void
    ) throws(DownloadError) {
        var isNew = false
        for (index, top) in tops.enumerated() where noted[index] == nil {
            // Not moved by us: so it was taken away by somebody.
            guard part.contains(top) else { throw .vanished(path: "\(part.path)/\(top)") }
            noted[index] = try self.free(top, besides: Set(noted.values))
            isNew = true
        }
        guard isNew else { return }
        try step()
        try part.keep(notes: noted, count: tops.count)
    }

    private func free(_ top: SafeName, besides taken: Set<SafeName>) throws(DownloadError) -> SafeName {
        for number in 1..<10_000 {
            let name = top.numbered(number)
            var status = stat()
            // Our own hidden folder is never a thing received, also where it is not there just now.
            if name.text.lowercased() != Self.hidden, !taken.contains(name),
                fstatat(self.descriptor, name.text, &status, AT_SYMLINK_NOFOLLOW) != 0, errno == ENOENT
            {
                return name
            }
        }
        throw .obstructed(path: "\(self.path)/\(top)")
    }

    /// `errno` says why not.
    /// - Parameter mayBeBegun: it may have been interrupted before.
    private func move(_ top: SafeName, from part: PartFolder, to name: SafeName, mayBeBegun: Bool) -> Bool {
        if linux_rename_noreplace(part.descriptor, top.text, self.descriptor, name.text) == 0 { return true }
        // A file system that cannot promise it: the name is taken by something empty first, which alone is replaced.
        guard errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP else { return false }
        var status = stat()
        guard fstatat(part.descriptor, top.text, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return false }
        if mayBeBegun, self.isEmptyFile(name) {
            // That is what we took the name with. An empty folder is replaced below in any case.
        } else if status.st_mode & S_IFMT == S_IFDIR {
            guard mkdirat(self.descriptor, name.text, 0o700) == 0 || mayBeBegun && errno == EEXIST else { return false }
        } else {
            let file = openat(self.descriptor, name.text, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
            guard file >= 0 else { return false }
            close(file)
        }
        return renameat(part.descriptor, top.text, self.descriptor, name.text) == 0
    }

    private func isEmptyFile(_ name: SafeName) -> Bool {
        var status = stat()
        return fstatat(self.descriptor, name.text, &status, AT_SYMLINK_NOFOLLOW) == 0
            && status.st_mode & S_IFMT == S_IFREG && status.st_size == 0
            && status.st_uid == geteuid() && status.st_nlink == 1
    }
}

extension PartFolder {
    /// Everything has come and is synced, and what is left is to move it.
    package var isPlacing: Bool { self.read(.names) != nil }

    fileprivate func contains(_ top: SafeName) -> Bool {
        var status = stat()
        return fstatat(self.descriptor, top.text, &status, AT_SYMLINK_NOFOLLOW) == 0
    }

    /// What each thing at the top was to be called, by its place among them; empty if that was never noted.
    fileprivate func notes(count: Int) -> [Int: SafeName] {
        let names = (self.read(.names) ?? []).split(separator: 0).map {
            SafeName(noted: String(decoding: $0, as: UTF8.self))
        }
        return names.count == count ? Dictionary(uniqueKeysWithValues: zip(0..., names)) : [:]
    }

    fileprivate func keep(notes: [Int: SafeName], count: Int) throws(DownloadError) {
        try self.keep((0..<count).compactMap { notes[$0] }.flatMap { Array($0.text.utf8) + [0] }, as: .names)
    }

    /// Bytes of the disk that are taken, or kept free, for what it holds; never more than its files are long, but for
    /// what is kept free.
    var taken: UInt64 { Self.taken(in: self.descriptor) }

    private static func taken(in folder: Int32) -> UInt64 {
        var sum: UInt64 = 0
        Self.each(in: folder) { name in
            var status = stat()
            guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return }
            if status.st_mode & S_IFMT == S_IFDIR {
                let next = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                guard next >= 0 else { return }
                sum = sum.addingReportingOverflow(Self.taken(in: next)).partialValue
                close(next)
            } else {
                let blocks = UInt64(clamping: status.st_blocks).multipliedReportingOverflow(by: 512).partialValue
                // Room is kept for large files alone; of a small one its last block is no room for another.
                sum =
                    sum.addingReportingOverflow(
                        blocks > PartFile.worthReserving ? blocks : min(blocks, UInt64(clamping: status.st_size))
                    ).partialValue
            }
        }
        return sum
    }
}
