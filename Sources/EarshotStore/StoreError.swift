/// Why the database cannot be used. The description is for a person: what is wrong, where, and what to do.
package enum StoreError: Error, Equatable, Sendable, CustomStringConvertible {
    case damaged(path: String, detail: String)
    case full(path: String)
    case unusable(path: String, detail: String)
    /// Made by a later version of Earshot.
    case newer(path: String)

    package var description: String {
        switch self {
        case .damaged(let path, let detail):
            "The database \(path) is damaged (\(detail)). Nothing was changed. Move it away and restore a copy, or start with an empty one: your contacts send again what you miss."
        case .full(let path): "There is no room left on the disk of \(path). Free some space; nothing that was acknowledged is lost."
        case .unusable(let path, let detail): "The database \(path) cannot be opened: \(detail). Check that it and its folder belong to you and are writable."
        case .newer(let path): "The database \(path) was made by a newer Earshot. Update this one."
        }
    }
}
