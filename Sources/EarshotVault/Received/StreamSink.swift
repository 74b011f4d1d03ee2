import EarshotModel
import Glibc

/// Writes the contents of a share, which come as one run of bytes, into the files they belong to (Protocol.md 13). Not shared between
/// threads, but for what `checkpoint` gives away.
package final class StreamSink {
    package struct Entry: Sendable {
        package let path: [SafeName]
        package let isFolder: Bool
        package let size: UInt64
        package let modified: Timestamp

        package init(path: [SafeName], isFolder: Bool, size: UInt64, modified: Timestamp) {
            self.path = path
            self.isFolder = isFolder
            self.size = size
            self.modified = modified
        }
    }

    /// A promise to keep: everything up to `offset` is on disk once `sync` has returned. From any thread.
    package struct Checkpoint: Sendable {
        package let offset: UInt64
        fileprivate let files: [PartFile]
        fileprivate let disk: WholeDisk?

        package func sync() throws(DownloadError) {
            if let disk { return try disk.sync() }
            for file in self.files { try file.sync() }
        }
    }

    /// With more files than this since the last checkpoint the whole file system is synced at once.
    private static let oneByOne = 4

    private let part: PartFolder
    private let entries: [Entry]
    private let origin: String
    /// It grows as long as something comes.
    private let isOpen: Bool
    private var next = 0
    private var current: PartFile?
    /// Bytes that the current file still takes.
    private var left: UInt64 = 0
    /// Files that were written since the last checkpoint; nothing if there are too many to name.
    private var touched: [PartFile]? = []
    /// Among the contents.
    package private(set) var offset: UInt64
    private var mayBeThere: Bool

    /// - Parameter offset: where the contents that are on disk end; what is behind is thrown away. Throws if it is not as it was left.
    package init(_ part: PartFolder, _ entries: [Entry], origin: String, isOpen: Bool, at offset: UInt64) throws(DownloadError) {
        self.part = part
        self.entries = entries
        self.origin = origin
        self.isOpen = isOpen
        self.offset = offset
        // Something may be there from a try that nobody remembers.
        self.mayBeThere = true
        var start: UInt64 = 0
        while self.next < entries.count {
            let entry = entries[self.next]
            let end = start + entry.size
            if end > offset || entry.size == 0 && start == offset || isOpen { break }
            start = end
            self.next += 1
        }
        guard self.next < entries.count, offset > start else { return }
        let entry = entries[self.next]
        self.current = try part.file(entry.path, size: entry.size, at: offset - start, mayBeThere: true)
        self.left = isOpen ? .max : entry.size - (offset - start)
        self.touch()
    }

    private func touch() {
        guard let current = self.current, let touched = self.touched else { return }
        self.touched = touched.count < Self.oneByOne ? touched + [current] : nil
    }

    /// Writes what comes next. More than there is room for in the listing is `overflowing`: then nothing of it was written.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(DownloadError) {
        var rest = bytes
        while !rest.isEmpty {
            while self.current == nil || self.left == 0 {
                try self.finishCurrent()
                guard try self.begin() else { throw .overflowing }
            }
            let count = Int(clamping: min(UInt64(rest.count), self.left))
            try self.current?.write(UnsafeRawBufferPointer(rebasing: rest[..<count]))
            self.left -= UInt64(count)
            self.offset += UInt64(count)
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
        if self.left == 0 { try self.finishCurrent() }
    }

    private func finishCurrent() throws(DownloadError) {
        guard let current = self.current else { return }
        current.finish(modified: self.entries[self.next].modified, origin: self.origin)
        self.current = nil
        self.next += 1
    }

    /// Makes what comes next in the listing, up to a file that bytes go into. False at its end.
    private func begin() throws(DownloadError) -> Bool {
        while self.next < self.entries.count {
            let entry = self.entries[self.next]
            if entry.isFolder {
                try self.part.makeFolder(entry.path)
                self.next += 1
                continue
            }
            self.current = try self.part.file(entry.path, size: entry.size, mayBeThere: self.mayBeThere)
            self.left = self.isOpen ? .max : entry.size
            self.touch()
            if self.left > 0 { return true }
            try self.finishCurrent()
        }
        return false
    }

    /// What must be synced for everything until now to be on disk.
    package func checkpoint() throws(DownloadError) -> Checkpoint {
        defer { self.touched = self.current.map { [$0] } ?? [] }
        return Checkpoint(offset: self.offset, files: self.touched ?? [], disk: self.touched == nil ? try self.part.wholeDisk() : nil)
    }

    /// All bytes came: what is empty is made, times are set, and everything is on disk when it returns.
    package func finish() throws(DownloadError) {
        if self.isOpen || self.left == 0 { try self.finishCurrent() }
        guard self.current == nil, try !self.begin() else { throw .overflowing }
        for entry in self.entries.reversed() where entry.isFolder { self.part.date(entry.path, entry.modified) }
        // One file is synced by itself; for a tree the folders count too.
        if self.entries.count > 1 || self.touched == nil { return try self.part.syncAll() }
        try self.checkpoint().sync()
        try self.part.syncFolder()
    }
}
