import EarshotModel
import Glibc

extension VaultError {
    /// What the system says of the call that failed last.
    static var reason: String { String(cString: strerror(errno)) }
}
