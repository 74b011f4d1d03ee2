import EarshotDiscovery
import EarshotVault
import Glibc

extension Configuration {
    package static func choice(_ text: String) -> DiscoveryChoice? { DiscoveryChoice(rawValue: text) }

    package static var defaultState: String {
        StateDirectory.defaultPath { name in getenv(name).map { String(cString: $0) } }
    }

    /// A path that stays the same wherever we go.
    package static func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        guard let here = getcwd(nil, 0) else { return path }
        defer { free(here) }
        return String(cString: here) + "/" + path
    }
}
