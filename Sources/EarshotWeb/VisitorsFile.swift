import EarshotControl
import EarshotModel
import EarshotText
import Glibc

/// What is kept of visitors in the state folder, 0600: the key of programs, and when which browser was here.
struct VisitorsFile {
    private let folder: String
    private var keyPath: String { self.folder + "/web.key" }
    private var browsersPath: String { self.folder + "/web.browsers" }
    /// Bytes of either file at most.
    private static let longest = 65_536

    init(state: String) { self.folder = state }

    /// The key that is there, or a new one.
    func key() throws(DoorError) -> Secret {
        if let text = Self.read(self.keyPath)?.split(separator: "\n").first, text.utf8.count >= 26 {
            return Secret(String(text))
        }
        let key = Secret.random()
        try Self.write(key.text + "\n", to: self.keyPath)
        return key
    }

    /// A file that cannot be read has nobody in it: they come by a link again.
    func browsers() -> [Secret.Hash: UInt64] {
        var all: [Secret.Hash: UInt64] = [:]
        for line in (Self.read(self.browsersPath) ?? "").split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 2, let last = UInt64(words[1]),
                let hash = Base32.decode(String(words[0])).flatMap({ Secret.Hash($0) })
            else { continue }
            all[hash] = last
        }
        return all
    }

    func write(_ browsers: [Secret.Hash: UInt64]) throws(DoorError) {
        let lines = browsers.map { "\(Base32.encode($0.key.bytes)) \($0.value)\n" }
        try Self.write(lines.sorted().joined(), to: self.browsersPath)
    }

    private static func read(_ path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: Self.longest)
        let count = Glibc.read(file, &bytes, bytes.count)
        guard count >= 0 else { return nil }
        return String(validating: bytes.prefix(count), as: UTF8.self)
    }

    /// Either all of it is there afterwards, or what was there before.
    private static func write(_ text: String, to path: String) throws(DoorError) {
        let draft = path + ".new"
        unlink(draft)
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw Self.failure(path) }
        defer { close(file) }
        let bytes = Array(text.utf8)
        guard Glibc.write(file, bytes, bytes.count) == bytes.count, fsync(file) == 0, rename(draft, path) == 0 else {
            throw Self.failure(path)
        }
    }

    private static func failure(_ path: String) -> DoorError {
        DoorError(.path(.unwritable(path, detail: String(cString: strerror(errno)))))
    }
}
