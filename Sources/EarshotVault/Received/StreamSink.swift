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
    private let entries: any Sequence<Entry> & Sendable
    private let origin: String
    /// It grows as long as something comes.
    private let isOpen: Bool
    /// What comes next in the listing.
    private var rest: any IteratorProtocol<Entry>
    private var current: (file: PartFile, entry: Entry)?
    /// Bytes that the current file still takes.
    private var left: UInt64 = 0
    /// Files that were written since the last checkpoint; nothing if there are too many to name.
    private var touched: [PartFile]? = []
    /// Among the contents.
    package private(set) var offset: UInt64
    private var mayBeThere: Bool

    /// - Parameter entries: in the order of the listing; they are gone through more than once.
    /// - Parameter offset: where the contents that are on disk end; what is behind is thrown away. Throws if it is not as it was left.
    /// - Parameter isWhole: that is all of it; some may have gone to its place before a crash.
    package init(
        _ part: PartFolder, _ entries: any Sequence<Entry> & Sendable, origin: String, isOpen: Bool, at offset: UInt64, isWhole: Bool = false
    ) throws(DownloadError) {
        self.part = part
        self.entries = entries
        self.origin = origin
        self.isOpen = isOpen
        self.offset = offset
        // Something may be there from a try that nobody remembers.
        self.mayBeThere = true
        self.rest = entries.makeIterator()
        var start: UInt64 = 0
        while true {
            let here = self.rest
            guard let entry = self.rest.next() else { return }
            let (end, isOver) = start.addingReportingOverflow(entry.size)
            if !isOver, end <= offset, entry.size > 0 || start < offset, !isOpen {
                guard isWhole || entry.isFolder || part.holds(entry.path, size: entry.size) else { throw .obstructed(path: part.path) }
                start = end
                continue
            }
            guard offset > start else {
                self.rest = here
                return
            }
            self.current = (try part.file(entry.path, size: entry.size, at: offset - start, mayBeThere: true), entry)
            self.left = isOpen ? .max : entry.size - (offset - start)
            self.touch()
            return
        }
    }

    private func touch() {
        guard let current = self.current, let touched = self.touched else { return }
        self.touched = touched.count < Self.oneByOne ? touched + [current.file] : nil
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
            try self.current?.file.write(UnsafeRawBufferPointer(rebasing: rest[..<count]))
            self.left -= UInt64(count)
            self.offset += UInt64(count)
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
        if self.left == 0 { try self.finishCurrent() }
    }

    private func finishCurrent() throws(DownloadError) {
        guard let (file, entry) = self.current else { return }
        file.finish(modified: entry.modified, origin: self.origin)
        self.current = nil
    }

    /// Makes what comes next in the listing, up to a file that bytes go into. False at its end.
    private func begin() throws(DownloadError) -> Bool {
        while let entry = self.rest.next() {
            if entry.isFolder {
                try self.part.makeFolder(entry.path)
                continue
            }
            self.current = (try self.part.file(entry.path, size: entry.size, mayBeThere: self.mayBeThere), entry)
            self.left = self.isOpen ? .max : entry.size
            self.touch()
            if self.left > 0 { return true }
            try self.finishCurrent()
        }
        return false
    }

    /// What must be synced for everything until now to be on disk.
    package func checkpoint() throws(DownloadError) -> Checkpoint {
        defer { self.touched = self.current.map { [$0.file] } ?? [] }
        return Checkpoint(offset: self.offset, files: self.touched ?? [], disk: self.touched == nil ? try self.part.wholeDisk() : nil)
    }

    /// All bytes came: what is empty is made, times are set, and everything is on disk when it returns.
    package func finish() throws(DownloadError) {
        if self.isOpen || self.left == 0 { try self.finishCurrent() }
        guard self.current == nil, try !self.begin() else { throw .overflowing }
        // All of them are there by now: dating one does not touch another.
        var count = 0
        for entry in self.entries {
            if entry.isFolder { self.part.date(entry.path, entry.modified) }
            count += 1
        }
        // One file is synced by itself; for a tree the folders count too.
        if count > 1 || self.touched == nil { return try self.part.syncAll() }
        try self.checkpoint().sync()
        try self.part.syncFolder()
    }
}
