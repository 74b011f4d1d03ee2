import EarshotControl
import EarshotModel

/// Answers as the JSON that a client reads: so the tests of nodes see what programs see.
func json(_ value: some Encodable) -> JSON { JSON(text: JSONWriter.bytes(value)) ?? .null }

extension AbsolutePaths {
    init(_ paths: [String]) throws { self.init(try paths.map { text throws(DoorError) in try AbsolutePath(text) }) }
}

extension Methods.Offer {
    init(to: [String], paths: [String], wait: Wait? = nil, timeout: Int64? = nil) throws {
        self.init(to: Words(to), paths: try AbsolutePaths(paths), wait: wait, timeout: timeout)
    }
}

extension Methods.AcceptTransfer {
    init(id: String, into folder: String) throws { self.init(id: id, folder: try AbsolutePath(folder)) }
}
