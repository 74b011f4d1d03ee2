import Glibc

/// Words for people beside the data on standard output.
package enum StandardError {
    package static func say(_ text: String) {
        let bytes = Array((text + "\n").utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}
