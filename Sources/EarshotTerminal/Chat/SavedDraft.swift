import EarshotModel
import Glibc

/// What was being written when a conversation was left: a file of one's own, beside the node's.
package struct SavedDraft: Sendable {
    /// Bytes of a draft that are kept; a longer one is a file already.
    private static let longest = 1 << 20

    private let folder: String
    private let path: String

    /// - Parameters:
    ///   - state: the node's folder, absolute.
    ///   - place: whom the conversation is with, or in which room it is.
    package init(state: String, place: Recipient) {
        self.folder = state + "/drafts"
        self.path = self.folder + "/" + place.word.replacing(":", with: "-")
    }

    package func load() -> String? {
        let file = open(self.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= Self.longest {
            let count = read(file, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += chunk.prefix(count)
        }
        guard bytes.count <= Self.longest, let text = String(validating: bytes, as: UTF8.self), !text.isEmpty else {
            return nil
        }
        return text
    }

    /// Keeps a draft, or forgets the one there was.
    /// - Returns: whether that worked.
    @discardableResult
    package func save(_ text: String?) -> Bool {
        guard let text, !text.isEmpty else { return unlink(self.path) == 0 || errno == ENOENT }
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.longest else { return false }
        mkdir(self.folder, 0o700)
        let fresh = self.path + ".new"
        let file = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { return false }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        let isWhole = close(file) == 0 && rest.isEmpty
        guard isWhole, rename(fresh, self.path) == 0 else {
            unlink(fresh)
            return false
        }
        return true
    }
}
