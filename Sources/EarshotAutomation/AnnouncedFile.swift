import EarshotControl
import EarshotText
import Glibc

/// `announced` in the state folder: which days of which announcement are done, a line for each.
struct AnnouncedFile {
    private let path: String
    /// Bytes at most.
    private static let longest = 256 << 10

    init(folder: String) { self.path = folder + "/announced" }

    func read() -> [String: [Int64]] {
        let file = open(self.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else { return [:] }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: Self.longest)
        let count = Glibc.read(file, &bytes, bytes.count)
        guard count > 0, let text = String(validating: bytes.prefix(count), as: UTF8.self) else { return [:] }
        var done: [String: [Int64]] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            let days = words.dropFirst().compactMap { Int64($0) }
            if let key = words.first { done[String(key)] = Array(days.suffix(Schedule.remembered)) }
        }
        return done
    }

    /// Either all of it is there afterwards, or what was there before.
    func write(_ done: [String: [Int64]]) throws(DoorError) {
        guard done != self.read() else { return }
        let lines = done.sorted { $0.key < $1.key }.map { key, days in
            ([key] + days.map(String.init)).joined(separator: " ") + "\n"
        }
        let bytes = Array(lines.joined().utf8)
        let draft = self.path + ".new"
        unlink(draft)
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw self.failure }
        defer { close(file) }
        guard Glibc.write(file, bytes, bytes.count) == bytes.count, fsync(file) == 0, rename(draft, self.path) == 0
        else { throw self.failure }
    }

    private var failure: DoorError {
        DoorError(.path(.unwritable(self.path, detail: String(cString: strerror(errno)))))
    }
}
