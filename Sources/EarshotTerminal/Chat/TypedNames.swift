import EarshotControl
import EarshotModel
import Glibc

/// Names in a folder, for a path that is being typed.
enum TypedNames {
    private static let most = 2_000

    /// Paths that begin as `typed` does, written as it is; folders end in a slash. Names that cannot be typed are
    /// left out.
    static func beginning(_ typed: String) -> [String] {
        let slash = typed.lastIndex(of: "/")
        let above = slash.map { String(typed[...$0]) } ?? ""
        let begun = slash.map { String(typed[typed.index(after: $0)...]) } ?? typed
        if typed == "~" { return ["~/"] }
        let place: String
        do throws(DoorError) { place = try TypedPath.ours.absolute(above.isEmpty ? "." : above) } catch { return [] }
        guard let folder = opendir(place) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while names.count < Self.most, let entry = readdir(folder) {
            let bytes = withUnsafeBytes(of: entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            guard let name = String(validating: bytes, as: UTF8.self), name != ".", name != "..", name.hasPrefix(begun),
                name.hasPrefix(".") == begun.hasPrefix("."), SafeText.message(name) == name, !name.contains("\n")
            else { continue }
            var status = stat()
            let isFolder = stat(place + "/" + name, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            names.append(above + name + (isFolder ? "/" : ""))
        }
        return names.sorted()
    }
}
