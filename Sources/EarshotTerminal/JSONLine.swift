import EarshotControl

/// One line of `--json`: the members of what is told, and of which version of these lines it is.
package enum JSONLine {
    private struct Version: Encodable { let v = 1 }

    /// The members of `parts` one after the other, and the version; with its line end.
    package static func text(_ parts: any Encodable...) -> String {
        String(decoding: JSONWriter.object(parts + [Version()]), as: UTF8.self) + "\n"
    }
}
