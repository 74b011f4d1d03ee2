extension JSONWriter {
    /// The members of several values as one object, in the order they are given, as UTF-8 without a line end. Of what
    /// is no object there is nothing.
    package static func object(_ parts: [any Encodable]) -> [UInt8] {
        var out = [UInt8(ascii: "{")]
        for part in parts {
            let bytes = self.bytes(part)
            guard bytes.first == UInt8(ascii: "{"), bytes.last == UInt8(ascii: "}"), bytes.count > 2 else { continue }
            if out.count > 1 { out.append(UInt8(ascii: ",")) }
            out += bytes.dropFirst().dropLast()
        }
        out.append(UInt8(ascii: "}"))
        return out
    }
}
