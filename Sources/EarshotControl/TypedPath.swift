import EarshotText
import Glibc

/// A path as a person types it, made whole: the one place where `~`, a relative path and an empty one are understood.
/// Whoever opens it afterwards, here or in the node, means the same file.
package struct TypedPath: Sendable {
    /// The home folder, absolute; `nil` where there is none.
    private let home: String?
    /// The current folder, absolute; `nil` where it is gone.
    private let here: String?
    /// The home folder of another user, by name.
    private let homeOf: @Sendable (String) -> String?

    package init(home: String?, here: String?, homeOf: @escaping @Sendable (String) -> String? = { _ in nil }) {
        self.home = home
        self.here = here
        self.homeOf = homeOf
    }

    /// Those of this process: `HOME`, or without it what the system has for this user.
    package static var ours: TypedPath {
        let set = getenv("HOME").map { String(cString: $0) }
        return TypedPath(
            home: set.flatMap { $0.hasPrefix("/") ? $0 : nil }
                ?? getpwuid(geteuid()).flatMap { $0.pointee.pw_dir }.map { String(cString: $0) },
            here: getcwd(nil, 0).map { pointer in
                defer { free(pointer) }
                return String(cString: pointer)
            },
            homeOf: { name in getpwnam(name).flatMap { $0.pointee.pw_dir }.map { String(cString: $0) } })
    }

    /// The longest path Linux takes, in bytes.
    private static let longest = 4_095

    /// The whole path: absolute, without `.`, doubled slashes or a slash at its end. `..` stays: behind a link it
    /// means something else.
    /// - Throws: `badParameters`, a sentence for a person.
    package func absolute(_ typed: String) throws(DoorError) -> String {
        guard !typed.isEmpty else { throw DoorError(.path(.empty)) }
        guard !typed.utf8.contains(0) else { throw DoorError(.path(.hasNUL)) }
        let whole = "/" + (try self.expanded(typed)).split(separator: "/").filter { $0 != "." }.joined(separator: "/")
        guard whole.utf8.count <= Self.longest else {
            throw DoorError(.path(.tooLong(most: Self.longest)))
        }
        return whole
    }

    private func expanded(_ typed: String) throws(DoorError) -> String {
        if typed.hasPrefix("/") { return typed }
        let first = typed.prefix { $0 != "/" }
        let rest = typed.dropFirst(first.count)
        guard first.hasPrefix("~") else {
            guard let here else {
                throw DoorError(.path(.noHere(typed)))
            }
            return "\(here)/\(typed)"
        }
        let user = first.dropFirst()
        let home = user.isEmpty ? self.home : self.homeOf(String(user))
        if let home, home.hasPrefix("/") { return home + rest }
        throw DoorError(.path(user.isEmpty ? .noHome(typed) : .noUser(String(user), typed: typed)))
    }
}
