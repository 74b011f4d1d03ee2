import Crypto

/// HMAC-SHA256 over a time and a body: who has the secret wrote this, and then.
package enum Signature {
    /// The headers.
    package static let header = "X-Earshot-Signature"
    package static let timeHeader = "X-Earshot-Timestamp"

    /// `sha256=` and 64 hexadecimal digits, over the seconds since 1970 in digits, a full stop, and the body.
    package static func of(_ body: [UInt8], timestamp: String, secret: [UInt8]) -> String {
        var code = HMAC<SHA256>(key: SymmetricKey(data: secret))
        code.update(data: Array("\(timestamp).".utf8))
        code.update(data: body)
        let digits = Array("0123456789abcdef".utf8)
        let hex = code.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return "sha256=" + String(decoding: hex, as: UTF8.self)
    }

    /// In the same time wherever they differ.
    static func isSame(_ left: String, _ right: String) -> Bool {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
