import Glibc
import Synchronization

/// Some of the folders in a folder, opened and read by somebody else before it is their turn.
final class FoldersAhead {
    private typealias Found = (descriptor: Int32, scan: FolderScan?)
    private final class Place: Sendable {
        let found = Mutex<Found?>(nil)
    }

    /// So many at a time: whoever waits for them reads one in the meantime, and makes something of all.
    private static let most = 2

    private let folder: Int32
    private let scan: FolderScan
    private let beside: (any Behind)?
    private var places: [Int: Place] = [:]

    /// - Parameter folder: stays open until the `end`.
    init(in folder: Int32, _ scan: FolderScan, by beside: (any Behind)?) {
        self.folder = folder
        self.scan = scan
        self.beside = beside
    }

    /// Opens one of them, and has those behind it read. Nothing if it cannot be opened: `errno` says why.
    /// - Returns: what is in it too, if that was asked before.
    func open(_ index: Int) -> (descriptor: Int32, scan: FolderScan?)? {
        if let place = self.places.removeValue(forKey: index) {
            self.beside?.wait()
            if let found = place.found.withLock({ $0 }), found.descriptor >= 0 { return found }
        }
        if self.places.isEmpty, let beside, beside.hasRoom {
            for next in self.scan.folders(behind: index, atMost: Self.most) {
                let place = Place()
                self.places[next] = place
                beside.perform { [folder, scan] in place.found.withLock { $0 = Self.read(folder, scan, next) } }
            }
        }
        let descriptor = Self.open(self.folder, self.scan, index)
        return descriptor < 0 ? nil : (descriptor, nil)
    }

    /// Whatever was not taken is closed.
    func end() {
        guard !self.places.isEmpty else { return }
        self.beside?.wait()
        for place in self.places.values {
            if let found = place.found.withLock({ $0 }), found.descriptor >= 0 { close(found.descriptor) }
        }
    }

    private static func open(_ folder: Int32, _ scan: FolderScan, _ index: Int) -> Int32 {
        scan.names.withName(index) { openat(folder, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) }
    }

    private static func read(_ folder: Int32, _ scan: FolderScan, _ index: Int) -> Found {
        let descriptor = self.open(folder, scan, index)
        guard descriptor >= 0 else { return (descriptor, nil) }
        // The stream takes a descriptor of its own with it, and leaves ours where it is.
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard let stream = fdopendir(copy) else {
            close(copy)
            return (descriptor, nil)
        }
        defer { closedir(stream) }
        return (descriptor, FolderScan(stream))
    }
}
