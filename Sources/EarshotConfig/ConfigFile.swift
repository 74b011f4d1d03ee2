import EarshotControl
import EarshotText
import Glibc

/// A file of settings on the disk: opened only when nobody else could have written it.
package enum ConfigFile {
    /// Bytes. A file of settings has a few hundred.
    package static let longest = 65_536

    /// What stands in it; `nil` where there is none.
    package static func text(_ path: String) throws(ConfigFault) -> String? {
        // Whatever it is, a pipe nobody writes to among them: opening it does not wait.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw self.unreadable(path)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw self.unreadable(path)
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw ConfigFault(.file(.notFile), file: path) }
        if let why = self.distrust(mode: status.st_mode, owner: status.st_uid, us: geteuid()) {
            throw ConfigFault(.file(why), file: path)
        }
        return try self.text(try self.bytes(descriptor, path), path)
    }

    /// Why a file may say what somebody else wants; `nil` where it may not.
    package static func distrust(mode: UInt32, owner: UInt32, us: UInt32) -> Fault.File? {
        if owner != us, owner != 0 {
            return .foreign(owner: owner)
        }
        return mode & 0o022 == 0 ? nil : .writable
    }

    /// As `errno` has it.
    private static func unreadable(_ path: String) -> ConfigFault {
        ConfigFault(.file(.unreadable(detail: String(cString: strerror(errno)))), file: path)
    }

    private static func bytes(_ descriptor: Int32, _ path: String) throws(ConfigFault) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: self.longest + 1)
        var count = 0
        while count < bytes.count {
            let got = bytes.withUnsafeMutableBytes { buffer in
                read(descriptor, buffer.baseAddress?.advanced(by: count), buffer.count - count)
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else {
                throw self.unreadable(path)
            }
            if got == 0 { break }
            count += got
        }
        guard count <= self.longest else {
            throw ConfigFault(.file(.tooLong(most: self.longest)), file: path)
        }
        return Array(bytes.prefix(count))
    }

    package static func text(_ bytes: [UInt8], _ path: String) throws(ConfigFault) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            guard case .notUTF8(_, _, let line) = TextInput.fault(bytes) else {
                throw ConfigFault(.file(.notUTF8(isAtLine: false)), file: path)
            }
            throw ConfigFault(.file(.notUTF8(isAtLine: true)), file: path, line: line)
        }
        return text
    }
}
