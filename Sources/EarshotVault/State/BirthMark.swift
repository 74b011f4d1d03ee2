import CLinux

/// Which file this is: its inode and the moment it was made. A copy of it, or one taken out of a backup, has another.
/// The file itself keeps it wherever it is renamed to.
package enum BirthMark {
    /// Nothing where the file system does not keep one.
    package static func of(_ path: String) -> [UInt8]? {
        var inode: UInt64 = 0
        var seconds: Int64 = 0
        var nanoseconds: UInt32 = 0
        guard linux_birth(path, &inode, &seconds, &nanoseconds) == 1 else { return nil }
        var bytes: [UInt8] = []
        for part in [inode, UInt64(bitPattern: seconds), UInt64(nanoseconds)] {
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: part >> UInt64(shift)))
            }
        }
        return bytes
    }
}
