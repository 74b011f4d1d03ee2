import EarshotControl
import EarshotText
import Glibc
import NIOHTTP1

/// One file on its way to a browser.
struct DownloadJob: Sendable {
    /// What was asked.
    struct Asked: Sendable {
        let range: String?
        let ifRange: String?
        let known: [String]
        let inline: Bool

        init(_ headers: HTTPHeaders, inline: Bool) {
            self.range = headers["range"].count == 1 ? headers.first(name: "range") : nil
            self.ifRange = headers.first(name: "if-range")
            self.known = headers["if-none-match"]
            self.inline = inline
        }
    }

    /// As the node tells it; absolute.
    let path: String
    let asked: Asked

    func run(_ socket: FileSocket) {
        let file = open(self.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
        guard file >= 0 else {
            return socket.finish(FileAnswer(WebError(.noFileAnyMore)))
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return socket.finish(FileAnswer(WebError(.notFile)))
        }
        let size = UInt64(clamping: status.st_size)
        let tag = Self.tag(status)
        if self.asked.known.contains(tag) {
            return socket.finish(FileAnswer("304 Not Modified", WebHeaders.file + [("ETag", tag)]))
        }
        let isSame = self.asked.ifRange.map { $0 == tag } ?? true
        let type = self.asked.inline ? MediaKind.of(file) : nil
        var fields =
            WebHeaders.file + [
                ("ETag", tag), ("Accept-Ranges", "bytes"), ("Content-Type", type ?? "application/octet-stream"),
                (
                    "Content-Disposition",
                    (type == nil ? "attachment" : "inline") + "; filename*=UTF-8''\(self.encodedName)"
                ),
            ]
        let (head, range): (String, Range<UInt64>)
        switch ByteRange(isSame ? self.asked.range : nil, size: size) {
        case .whole: (head, range) = ("200 OK", 0..<size)
        case .part(let part):
            (head, range) = ("206 Partial Content", part)
            fields.append(("Content-Range", "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(size)"))
        case .none:
            let error = WebError(.badRange(size: size))
            return socket.finish(FileAnswer(error, [("Content-Range", "bytes */\(size)")]))
        }
        fields.append(("Content-Length", "\(range.count)"))
        posix_fadvise(file, 0, 0, Int32(POSIX_FADV_SEQUENTIAL))
        guard (try? socket.send(FileAnswer(head, fields).bytes)) != nil else { return }
        try? socket.send(file: file, range)
        shutdown(socket.descriptor, Int32(SHUT_WR))
    }

    /// Another one as soon as the file is another or has changed.
    private static func tag(_ status: stat) -> String {
        "\"\(status.st_ino).\(status.st_size).\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)\""
    }

    /// The name as RFC 5987 has it: everything but letters and digits by its bytes.
    private var encodedName: String {
        let name = self.path.split(separator: "/").last ?? "file"
        return name.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: String(Unicode.Scalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}

/// What a browser may show beside our own page, found by how a file begins and never by what it is called. Nothing in
/// which a script could be: no SVG, HTML or PDF.
enum MediaKind {
    /// Bytes that are looked at.
    static let looked = 16

    static func of(_ file: Int32) -> String? {
        var bytes = [UInt8](repeating: 0, count: Self.looked)
        let count = pread(file, &bytes, bytes.count, 0)
        return count > 0 ? Self.of(bytes.prefix(count)) : nil
    }

    static func of(_ start: some Sequence<UInt8>) -> String? {
        let bytes = Array(start)
        func has(_ text: String, at offset: Int = 0) -> Bool { bytes.dropFirst(offset).starts(with: text.utf8) }
        func has(_ wanted: [UInt8]) -> Bool { bytes.starts(with: wanted) }
        if has([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return "image/png" }
        if has([0xFF, 0xD8, 0xFF]) { return "image/jpeg" }
        if has("GIF87a") || has("GIF89a") { return "image/gif" }
        if has("RIFF"), has("WEBP", at: 8) { return "image/webp" }
        if has("RIFF"), has("WAVE", at: 8) { return "audio/wav" }
        if has("ftyp", at: 4) {
            if has("avif", at: 8) { return "image/avif" }
            let brands = ["isom", "iso2", "iso4", "iso5", "iso6", "mp41", "mp42", "avc1", "M4V ", "M4A ", "dash"]
            return brands.contains { has($0, at: 8) } ? "video/mp4" : nil
        }
        if has([0x1A, 0x45, 0xDF, 0xA3]) { return "video/webm" }
        if has("OggS") { return "audio/ogg" }
        if has("fLaC") { return "audio/flac" }
        if has("ID3") || has([0xFF, 0xFB]) || has([0xFF, 0xF3]) || has([0xFF, 0xF2]) { return "audio/mpeg" }
        return nil
    }
}
