import EarshotModel
import Glibc

/// The path of something offered, as the kernel wants it: `PathText` read back where it has to be.
enum DiskPath {
    /// Bytes with a 0 behind them.
    static func bytes(_ text: String) -> [CChar] {
        guard text.utf8.contains(0x25), PathText.bytes(text) != nil else { return Array(text.utf8CString) }
        var out: [UInt8] = []
        for part in text.utf8.split(separator: 0x2F, omittingEmptySubsequences: false).enumerated() {
            if part.offset > 0 { out.append(0x2F) }
            let name = Array(part.element)
            guard name.contains(0x25), let meant = PathText.bytes(String(decoding: name, as: UTF8.self)),
                !self.isThere(out + name)
            else {
                out += name
                continue
            }
            out += meant
        }
        return (out + [0]).map { CChar(bitPattern: $0) }
    }

    private static func isThere(_ path: [UInt8]) -> Bool {
        var status = stat()
        return lstat((path + [0]).map { CChar(bitPattern: $0) }, &status) == 0
    }

    static func isThere(_ text: String) -> Bool { access(self.bytes(text), F_OK) == 0 || errno != ENOENT }

    static func open(_ text: String, _ flags: Int32) -> Int32 {
        // Almost always it is the path as it stands.
        guard text.utf8.contains(0x25) else { return Glibc.open(text, flags | O_CLOEXEC) }
        return Glibc.open(self.bytes(text), flags | O_CLOEXEC)
    }
}

extension stat {
    var modified: FileTime { FileTime(seconds: Int64(self.st_mtim.tv_sec), nanoseconds: Int64(self.st_mtim.tv_nsec)) }
}
