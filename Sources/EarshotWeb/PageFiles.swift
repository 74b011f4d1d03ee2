import Crypto
import EarshotPage
import Glibc

/// The files of the page: embedded into the program, or for whoever works on them in a folder. On one loop.
final class PageFiles {
    struct File {
        let bytes: [UInt8]
        let type: String
        /// Another one when the bytes are.
        let tag: String
    }

    /// By the ending of a name. What is not listed here is not served.
    private static let types = [
        "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
        "mjs": "text/javascript; charset=utf-8", "json": "application/json", "svg": "image/svg+xml",
        "png": "image/png", "ico": "image/x-icon", "webmanifest": "application/manifest+json", "woff2": "font/woff2",
        "wav": "audio/wav", "ogg": "audio/ogg", "mp3": "audio/mpeg", "txt": "text/plain; charset=utf-8",
    ]

    /// Every embedded file, by its path without a slash before it.
    private static var embedded: [String: Int] {
        let all = (0..<page_file_count()).compactMap { index in
            page_file_at(index).path.map { (String(cString: $0), index) }
        }
        return Dictionary(all, uniquingKeysWith: { $1 })
    }

    private let table = PageFiles.embedded
    private var tags: [Int: String] = [:]
    private let folder: String?

    /// - Parameter folder: serves what lies there instead; only names that could be embedded.
    init(folder: String? = nil) { self.folder = folder }

    static var paths: Set<String> { Set(self.embedded.keys) }

    /// - Parameter path: as in a request, with a slash before it; the page itself is `/`.
    func file(_ path: String) -> File? {
        let name = path == "/" ? "index.html" : String(path.dropFirst())
        guard path.hasPrefix("/"), let ending = name.split(separator: ".").last,
            let type = Self.types[String(ending)]
        else { return nil }
        if let folder { return self.read(name, in: folder).map { File(bytes: $0, type: type, tag: Self.tag($0)) } }
        guard let index = self.table[name] else { return nil }
        let file = page_file_at(index)
        let bytes = Array(UnsafeBufferPointer(start: file.bytes, count: file.count))
        let tag = self.tags[index] ?? Self.tag(bytes)
        self.tags[index] = tag
        return File(bytes: bytes, type: type, tag: tag)
    }

    private static func tag(_ bytes: [UInt8]) -> String {
        "\"" + SHA256.hash(data: bytes).prefix(12).map { String($0, radix: 16) }.joined() + "\""
    }

    private func read(_ name: String, in folder: String) -> [UInt8]? {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let isPlain = parts.allSatisfy { part in
            !part.isEmpty && part.first != "."
                && part.utf8.allSatisfy {
                    (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || $0 == 0x2D
                        || $0 == 0x2E || $0 == 0x5F
                }
        }
        guard isPlain, let file = fopen("\(folder)/\(name)", "re") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            if count == 0 { return bytes }
            bytes += chunk.prefix(count)
        }
    }
}
