import CLinux
import EarshotModel
import Glibc

/// What a file system is like, told by the kernel's number for its kind.
struct FileSystem {
    /// Those of Linux, which take any name but one with a slash. On every other one the strict rules hold.
    private static let native: Set<Int> = [
        0xEF53, 0x9123_683E, 0x5846_5342, 0x0102_1994, 0xF2F5_2010, 0x2FC1_2FC1, 0xCA45_1A4E, 0x6969, 0x8584_58F6,
        0x794C_7630, 0xF15F, 0x3153_464A, 0x5265_4973,
        0x3434, 0x2405_1905, 0x00C3_6400, 0x7371_7368,
    ]
    /// Made up by the kernel as they are read: what it says of a length there is no length.
    private static let madeUp: Set<Int> = [
        0x9FA0, 0x6265_6572, 0x6462_6720, 0x7472_6163, 0x7363_6673, 0x6367_7270, 0x0027_E0EB, 0x6265_6570, 0xCAFE_4A11,
        0xF97C_FF8C, 0x6165_676C, 0xDE5E_81E4,
        0x4249_4E4D, 0x0765_5821, 0x1980_0202, 0x4341_5D53, 0x9FA1,
    ]

    private let kind: Int
    private let longest: Int

    /// The one that something open lies on.
    init(of descriptor: Int32) {
        var longest = 0
        self.kind = linux_file_system(descriptor, &longest)
        self.longest = longest
    }

    var isMadeUp: Bool { Self.madeUp.contains(self.kind & 0xFFFF_FFFF) }

    func rules(ignoresCase: Bool) -> NameRules {
        NameRules(
            isPortable: !Self.native.contains(self.kind & 0xFFFF_FFFF), ignoresCase: ignoresCase,
            longest: self.longest > 0 ? self.longest : 255)
    }
}

extension NameRules {
    /// Those of an open folder, told by something that lies in it.
    init(of folder: Int32, with name: String) {
        let other = String(
            name.map {
                $0.isLowercase
                    ? Character($0.uppercased().first.map(String.init) ?? "x")
                    : Character($0.lowercased().first.map(String.init) ?? "x")
            })
        var (here, there) = (stat(), stat())
        let isSame =
            other != name && fstatat(folder, name, &here, AT_SYMLINK_NOFOLLOW) == 0
            && fstatat(folder, other, &there, AT_SYMLINK_NOFOLLOW) == 0
            && here.st_ino == there.st_ino && here.st_dev == there.st_dev
        self = FileSystem(of: folder).rules(ignoresCase: isSame)
    }

    /// Those of the folder at a path; of one that cannot be looked at, the strictest.
    package init(at path: String, with name: String) {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else {
            self = .portable
            return
        }
        defer { close(folder) }
        self.init(of: folder, with: name)
    }
}
