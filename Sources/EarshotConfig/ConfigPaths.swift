import EarshotControl
import Glibc

/// The files that are looked at. None of them needs to be there.
package struct ConfigPaths: Hashable, Sendable {
    /// For everybody on this machine.
    package let system: String
    /// One's own; `nil` where there is no home folder.
    package let user: String?
    /// What nobody but who may write it can change.
    package let policy: String

    package init(system: String, user: String?, policy: String) {
        self.system = system
        self.user = user
        self.policy = policy
    }

    /// Files that name people: beside the machine's file of settings, and beside one's own.
    package var people: [String] {
        var found: [String] = []
        for path in [self.system, self.user].compactMap({ $0 }) {
            let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
            let people = folder + PeopleFile.name
            if !found.contains(people) { found.append(people) }
        }
        return found
    }

    /// Those of this user. As the XDG specification wants, a relative `XDG_CONFIG_HOME` is ignored.
    package static func usual(_ environment: [String: String]) -> ConfigPaths {
        let base = environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        return ConfigPaths(
            system: "/etc/earshot/config.toml",
            user: try? TypedPath.ours.absolute("\(base ?? "~/.config")/earshot/config.toml"),
            policy: "/etc/earshot/policy.toml")
    }
}

/// The variables of this process.
package enum Environment {
    package static var ours: [String: String] {
        var found: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            next += 1
            let text = String(cString: entry)
            guard let equals = text.firstIndex(of: "=") else { continue }
            found[String(text[..<equals])] = String(text[text.index(after: equals)...])
        }
        return found
    }
}
