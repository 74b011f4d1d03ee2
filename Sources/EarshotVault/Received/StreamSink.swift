import EarshotModel
import Glibc

/// Writes the contents of a share, which come as one run of bytes, into the files they belong to (Protocol.md 13).
/// Not shared between threads, but for what `checkpoint` gives away.
package final class StreamSink {
    package struct Entry: Sendable {
        package let path: [SafeName]
        package let isFolder: Bool
        package let size: UInt64
        package let modified: FileTime

        package init(path: [SafeName], isFolder: Bool, size: UInt64, modified: FileTime) {
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

    /// So many complete files are given their times and marks together, behind.
    private static let batch = 64
    /// With more files than this since the last checkpoint the whole file system is synced at once.
    private static let oneByOne = 4
    private static let mostFolders = 4_096

    private let part: PartFolder
    private let entries: any Sequence<Entry> & Sendable
    private let origin: String
    /// It grows as long as something comes.
    private let isOpen: Bool
    /// What comes next in the listing, and which of the files is next.
    private var rest: any IteratorProtocol<Entry>
    private var next = 0
    private var current: (file: PartFile, entry: Entry, index: Int)?
    /// Of a file that does not come: bytes of it that come all the same are thrown away.
    private var isVoid = false
    /// Bytes that the current file still takes.
    private var left: UInt64 = 0
    /// Those that are dated at the end; nothing if there are too many to remember.
    private var folders: [Entry]? = []
    /// Files that were written since the last checkpoint; nothing if there are too many to name.
    private var touched: [PartFile]? = []
    private let omissions: OmissionFile
    /// Files that their sender could not give after all, by their number.
    package var omitted: [Int: OmissionReason] { self.omissions.all }
    /// Among the contents.
    package private(set) var offset: UInt64
    private let mayBeThere = true
    private let behind: (any Behind)?
    /// Written whole, and given neither time nor mark yet.
    private var unfinished: [(file: PartFile, modified: FileTime)] = []
    /// Files may be written behind, and be there later than what comes after them.
    private let mayWriteBehind: Bool
    /// Those whose bytes are among the ones just taken.
    private var whole = WholeFiles()
    /// Why one of them is not there: nothing may be promised any more.
    private var failure: DownloadError?

    /// - Parameter entries: in the order of the listing; they are gone through more than once.
    /// - Parameter offset: where the contents that are on disk end; what is behind is thrown away. Throws if it is
    ///   not as it was left.
    /// - Parameter isWhole: that is all of it; some may have gone to its place before a crash.
    /// - Parameter behind: who does what the next file need not wait for; without one it waits.
    /// - Parameter isReadMeanwhile: somebody reads the files as soon as they were written, before any checkpoint.
    package init(
        _ part: PartFolder, _ entries: any Sequence<Entry> & Sendable, origin: String, isOpen: Bool, at offset: UInt64,
        isWhole: Bool = false, behind: (any Behind)? = nil, isReadMeanwhile: Bool = false
    ) throws(DownloadError) {
        self.behind = behind
        self.mayWriteBehind = behind != nil && !isOpen && !isReadMeanwhile
        self.part = part
        self.entries = entries
        self.origin = origin
        self.isOpen = isOpen
        self.offset = offset
        self.rest = entries.makeIterator()
        self.omissions = OmissionFile(part, isKept: offset > 0)
        var start: UInt64 = 0
        while true {
            let here = self.rest
            guard let entry = self.rest.next() else { return }
            let (end, isOver) = start.addingReportingOverflow(entry.size)
            let isOmitted = !entry.isFolder && self.omissions.all[self.next] != nil
            if !isOver, end <= offset, entry.size > 0 || start < offset, !isOpen {
                guard isWhole || isOmitted || entry.isFolder || part.holds(entry.path, size: entry.size) else {
                    throw .obstructed(path: part.path)
                }
                start = end
                if entry.isFolder { self.remember(entry) } else { self.next += 1 }
                continue
            }
            guard offset > start else {
                self.rest = here
                return
            }
            self.left = isOpen ? .max : entry.size - (offset - start)
            self.next += 1
            if isOmitted {
                self.isVoid = true
                return
            }
            self.current = (
                try part.file(entry.path, size: entry.size, at: offset - start, mayBeThere: true), entry, self.next - 1
            )
            self.touch()
            return
        }
    }

    private func remember(_ folder: Entry) {
        guard let count = self.folders?.count else { return }
        if count < Self.mostFolders { self.folders?.append(folder) } else { self.folders = nil }
    }

    private func touch() {
        guard let current = self.current, let touched = self.touched else { return }
        self.touched = touched.count < Self.oneByOne ? touched + [current.file] : nil
    }

    /// Writes what comes next. More than there is room for in the listing is `overflowing`.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(DownloadError) {
        try self.check()
        // They lie in `bytes`, which are somebody else's afterwards.
        defer { self.handOverWhole(of: bytes) }
        var done = 0
        while done < bytes.count {
            if self.left == 0 || self.current == nil && !self.isVoid {
                try self.finishCurrent()
                guard let next = try self.begin(bytes, at: done) else { throw .overflowing }
                guard next == done else {
                    self.offset += UInt64(next - done)
                    done = next
                    continue
                }
            }
            let count = Int(clamping: min(UInt64(bytes.count - done), self.left))
            try self.current?.file.write(UnsafeRawBufferPointer(rebasing: bytes[done..<(done + count)]))
            self.left -= UInt64(count)
            self.offset += UInt64(count)
            done += count
        }
        if self.left == 0 { try self.finishCurrent() }
    }

    private func finishCurrent() throws(DownloadError) {
        self.isVoid = false
        guard let (file, entry, _) = self.current else { return }
        try file.settle()
        self.current = nil
        self.unfinished.append((file, entry.modified))
        if self.behind == nil || self.unfinished.count == Self.batch { self.handOver() }
    }

    private func handOver() {
        let (files, origin) = (self.unfinished, self.origin)
        self.unfinished = []
        let finish = { @Sendable in for (file, modified) in files { file.finish(modified: modified, origin: origin) } }
        if let behind = self.behind { behind.perform(finish) } else { finish() }
    }

    /// The whole files among `bytes` are written: behind, from a copy, if there is room.
    private func handOverWhole(of bytes: UnsafeRawBufferPointer) {
        guard let start = self.whole.files.first?.bytes.lowerBound, let end = self.whole.files.last?.bytes.upperBound
        else { return }
        let (files, origin) = (self.whole, self.origin)
        self.whole.removeAll()
        if let behind, behind.hasRoom {
            let copy = Array(bytes[start..<end])
            behind.perform { () throws(DownloadError) in
                try copy.withUnsafeBytes { bytes in
                    Result { () throws(DownloadError) in try files.write(bytes, from: start, origin: origin) }
                }.get()
            }
            return
        }
        do throws(DownloadError) { try files.write(bytes, from: 0, origin: origin) } catch {
            self.failure = self.failure ?? error
        }
    }

    private func check() throws(DownloadError) {
        if let failure = self.failure ?? self.behind?.failure { throw failure }
    }

    /// Every complete file is written and has its time and mark when it returns: what is promised to be on disk has
    /// them too. Throws where one is not.
    private func catchUp() throws(DownloadError) {
        if !self.unfinished.isEmpty { self.handOver() }
        self.behind?.wait()
        try self.check()
    }

    /// Where a file ends that can be written behind: one of many, and all of its bytes have come.
    private func end(of entry: Entry, in bytes: UnsafeRawBufferPointer, at start: Int) -> Int? {
        guard self.mayWriteBehind, self.touched == nil, entry.size <= WholeFiles.largest,
            entry.size <= UInt64(bytes.count - start)
        else { return nil }
        return start + Int(entry.size)
    }

    /// Makes what comes next in the listing, up to a file that bytes go into. Of a file that is written behind `bytes`
    /// are taken then.
    /// - Parameter start: where it lies in `bytes`.
    /// - Returns: where what follows lies; nothing at the end of the listing.
    private func begin(
        _ bytes: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0), at start: Int = 0
    ) throws(DownloadError) -> Int? {
        while let entry = self.rest.next() {
            if entry.isFolder {
                try self.part.makeFolder(entry.path)
                self.remember(entry)
                continue
            }
            let index = self.next
            self.next += 1
            // It comes after all.
            if entry.size > 0, self.omissions.all[index] != nil { try self.omissions.forget(index) }
            if let name = entry.path.last, let end = self.end(of: entry, in: bytes, at: start) {
                if self.whole.isFull { self.handOverWhole(of: bytes) }
                let folder = try self.part.place(entry.path.dropLast())
                self.whole.add(.init(folder: folder, name: name, modified: entry.modified, bytes: start..<end))
                if end > start { return end }
                continue
            }
            self.handOverWhole(of: bytes)
            self.current = (try self.part.file(entry.path, size: entry.size, mayBeThere: self.mayBeThere), entry, index)
            self.left = self.isOpen ? .max : entry.size
            self.touch()
            if self.left > 0 { return start }
            try self.finishCurrent()
        }
        return nil
    }

    /// Nothing more comes of a file: the one that is written, the next one that has bytes, or one without any.
    /// - Returns: where the contents go on; nothing if it is none of these.
    package func omit(_ index: Int, _ reason: OmissionReason) throws(DownloadError) -> UInt64? {
        guard !self.isOpen, index >= 0 else { return nil }
        if self.left == 0 { try self.finishCurrent() }
        if self.isVoid, index == self.next - 1 {
            self.offset += self.left
            self.left = 0
            self.isVoid = false
            return self.offset
        }
        if let current = self.current, current.index == index {
            self.part.remove(current.entry.path)
            self.current = nil
            self.offset += self.left
            self.left = 0
            try self.omissions.add(index, reason)
            return self.offset
        }
        guard self.current == nil, !self.isVoid else { return try self.omit(empty: index, reason) }
        let (rest, next) = (self.rest, self.next)
        while let entry = self.rest.next() {
            if entry.isFolder {
                try self.part.makeFolder(entry.path)
                self.remember(entry)
                continue
            }
            guard entry.size > 0 else {
                self.next += 1
                self.current = (
                    try self.part.file(entry.path, size: 0, mayBeThere: self.mayBeThere), entry, self.next - 1
                )
                self.touch()
                try self.finishCurrent()
                continue
            }
            guard self.next == index else { break }
            self.next += 1
            self.offset += entry.size
            try self.omissions.add(index, reason)
            return self.offset
        }
        (self.rest, self.next) = (rest, next)
        return try self.omit(empty: index, reason)
    }

    /// A file without bytes is removed when all is there.
    private func omit(empty index: Int, _ reason: OmissionReason) throws(DownloadError) -> UInt64? {
        guard self.omissions.all.count < Self.mostOmitted else { return nil }
        try self.omissions.add(index, reason)
        return self.offset
    }

    private static let mostOmitted = 1_000_000

    /// What must be synced for everything until now to be on disk.
    package func checkpoint() throws(DownloadError) -> Checkpoint {
        defer { self.touched = self.current.map { [$0.file] } ?? [] }
        try self.catchUp()
        try self.current?.file.settle()
        let files = self.touched.map { $0 + (self.omissions.file.map { [$0] } ?? []) }
        return Checkpoint(offset: self.offset, files: files ?? [], disk: files == nil ? try self.part.wholeDisk() : nil)
    }

    /// All bytes came: what is empty is made, times are set, and everything is on disk when it returns.
    package func finish() throws(DownloadError) {
        if self.isOpen, self.current == nil { _ = try self.begin() }
        if self.isOpen || self.left == 0 { try self.finishCurrent() }
        guard self.current == nil, !self.isVoid, try self.begin() == nil else { throw .overflowing }
        self.handOverWhole(of: UnsafeRawBufferPointer(start: nil, count: 0))
        try self.catchUp()
        let count = self.settleEntries()
        // One file is synced by itself; for a tree the folders count too.
        if count > 1 || self.touched == nil { return try self.part.syncAll() }
        try self.checkpoint().sync()
        try self.part.syncFolder()
    }

    /// Removes files that did not come, and dates the folders: all of them are there by now, and dating one does not
    /// touch another. Says how many entries there are.
    private func settleEntries() -> Int {
        if let folders, self.omissions.all.isEmpty {
            for folder in folders { self.part.date(folder.path, folder.modified) }
            return folders.count + self.next
        }
        var count = 0
        var index = 0
        for entry in self.entries {
            if entry.isFolder {
                self.part.date(entry.path, entry.modified)
            } else {
                if self.omissions.all[index] != nil { self.part.remove(entry.path) }
                index += 1
            }
            count += 1
        }
        return count
    }
}
