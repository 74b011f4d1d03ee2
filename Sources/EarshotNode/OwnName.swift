import EarshotModel
import Glibc

/// What to call oneself when nothing was said.
package enum OwnName {
    package static var ofThisMachine: String {
        let user = getenv("USER").map { String(cString: $0) } ?? ""
        let login = user.isEmpty ? getpwuid(geteuid()).flatMap { $0.pointee.pw_name }.map { String(cString: $0) } : user
        var host = [CChar](repeating: 0, count: 256)
        let length = gethostname(&host, host.count - 1) == 0 ? strnlen(host, host.count) : 0
        return self.chosen(
            login: login, host: String(decoding: host.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }

    /// The login name; for an account that is a machine's and no person's, the name of the machine without its domain.
    package static func chosen(login: String?, host: String) -> String {
        let login = SafeText.name(login ?? "")
        if !login.isEmpty, login != "root" { return login }
        let machine = SafeText.name(String(host.prefix { $0 != "." }))
        return machine.isEmpty || machine == "localhost" || machine == "(none)" ? "someone" : machine
    }
}
