/// A name of a file or folder that somebody else chose, made so that it stays where it is put and is what it looks like
/// (Protocol.md 13).
package struct SafeName: Hashable, Sendable, CustomStringConvertible {
    /// File systems here take 255 bytes; what is left is for ` (2)` and the name of an unfinished file.
    package static let longest = 200

    package let text: String
    package var description: String { self.text }

    /// One component of a path. It never fails: what nothing is left of is called `file`.
    package init(_ raw: some StringProtocol) {
        let raw = String(raw)
        if Self.isPlain(raw), !Self.isDevice(raw) {
            self.text = raw
            return
        }
        var scalars = String.UnicodeScalarView()
        for scalar in raw.precomposed.unicodeScalars where !Self.isDropped(scalar) {
            scalars.append(Self.isPunctuation(scalar) ? "_" : scalar)
        }
        var name = String(scalars)
        if let first = name.unicodeScalars.first, first == "." || first == "-" || first == "~" || first.properties.isWhitespace {
            name = "_" + String(String.UnicodeScalarView(name.unicodeScalars.dropFirst()))
        }
        name = Self.shortened(Self.trimmed(name))
        if Self.isDevice(name) { name = "_" + name }
        self.text = name.isEmpty ? "file" : name
    }

    /// Nothing of it would be changed. Most names are like this, and a folder has many.
    private static func isPlain(_ name: String) -> Bool {
        let bytes = name.utf8
        guard bytes.count <= self.longest, let first = bytes.first, let last = bytes.last else { return false }
        return first != 0x20 && first != 0x2D && first != 0x2E && first != 0x7E && last != 0x20 && last != 0x2E
            && bytes.allSatisfy { (0x20...0x7E).contains($0) && !self.isPunctuation(Unicode.Scalar($0)) }
    }

    /// Controls, what turns or hides text, and tags.
    private static func isDropped(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x1F, 0x7F...0x9F: true
        case 0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B...0x180F, 0x200B, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F, 0x3164,
            0xFEFF, 0xFFA0, 0xFFF0...0xFFFB, 0xE0000...0xE0FFF:
            true
        default: false
        }
    }

    /// What some system takes for the end of a folder's name, a drive or a pattern.
    private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "/", "\\", ":", "*", "?", "\"", "<", ">", "|": true
        // Look like a slash, and become one where names are folded.
        case "\u{2044}", "\u{2215}", "\u{29F8}", "\u{FF0F}", "\u{FF3C}", "\u{FE68}", "\u{FF1A}": true
        default: false
        }
    }

    /// Windows drops dots and spaces at the end: two names would become one.
    private static func trimmed(_ name: String) -> String {
        var scalars = Array(name.unicodeScalars)
        while let last = scalars.last, last == "." || last.properties.isWhitespace { scalars.removeLast() }
        return String(String.UnicodeScalarView(scalars))
    }

    /// At most so many bytes, cut between characters; what stands behind the last dot stays if it is short.
    private static func shortened(_ name: String) -> String {
        guard name.utf8.count > self.longest else { return name }
        let dot = name.lastIndex(of: ".") ?? name.endIndex
        let ending = name[dot...].utf8.count <= 32 ? String(name[dot...]) : ""
        var out = ""
        var bytes = ending.utf8.count
        for character in name[..<(ending.isEmpty ? name.endIndex : dot)] {
            bytes += character.utf8.count
            guard bytes <= self.longest else { break }
            out.append(character)
        }
        return self.trimmed(out) + ending
    }

    private static func isDevice(_ name: String) -> Bool {
        // None begins with another letter.
        guard let first = name.utf8.first, "ACLNPaclnp".utf8.contains(first) else { return false }
        let stem = name.prefix { $0 != "." }.uppercased()
        if ["CON", "PRN", "AUX", "NUL", "CLOCK$", "CONIN$", "CONOUT$"].contains(stem) { return true }
        guard stem.hasPrefix("COM") || stem.hasPrefix("LPT") else { return false }
        return ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³"].contains(stem.dropFirst(3))
    }

    /// The same name once more, for when it is taken: ` (2)` before what stands behind the last dot.
    package func numbered(_ number: Int) -> SafeName {
        guard number > 1 else { return self }
        let dot = self.text.lastIndex(of: ".") ?? self.text.endIndex
        return SafeName(taken: String(self.text[..<dot]) + " (\(number))" + String(self.text[dot...]))
    }

    private init(taken text: String) { self.text = text }

    /// One that we chose before and wrote down. What could lead elsewhere is made safe again.
    package init(noted text: String) {
        self = text.isEmpty || text == "." || text == ".." || text.utf8.contains(0x2F) ? SafeName(text) : SafeName(taken: text)
    }

    // MARK: what to warn of

    private static let programs: Set<String> = [
        "appimage", "apk", "app", "bash", "bat", "bin", "chm", "cmd", "com", "command", "cpl", "csh", "deb", "desktop", "dll", "dmg", "docm",
        "elf", "exe", "fish", "flatpakref", "gadget", "hta", "htm", "html", "img", "inf", "iso", "jar", "js", "jse", "ksh", "lnk", "msc", "msi",
        "msp", "out", "pif", "pkg", "pl", "pptm", "ps1", "py", "pyc", "rb", "reg", "rpm", "run", "scf", "scr", "sh", "snap", "so", "svg", "swf",
        "url", "vb", "vbe", "vbs", "vhd", "vhdx", "ws", "wsf", "wsh", "xlsm", "zsh",
    ]
    private static let documents: Set<String> = [
        "avi", "bmp", "csv", "doc", "docx", "eml", "gif", "heic", "jpeg", "jpg", "md", "mkv", "mov", "mp3", "mp4", "odp", "ods", "odt", "ogg", "pdf",
        "png", "ppt", "pptx", "rtf", "tif", "tiff", "txt", "wav", "webm", "webp", "xls", "xlsx", "zip",
    ]

    package enum Suspicion: String, Sendable {
        /// Opening it may run it.
        case program
        /// It looks like a document and is something else: `photo.jpg.exe`.
        case disguised
    }

    /// Why one should look twice before opening a file of this name.
    package var suspicion: Suspicion? {
        let parts = self.text.lowercased().split(separator: ".").map { $0.filter { !$0.isWhitespace } }
        guard parts.count > 1, let last = parts.last, Self.programs.contains(last) else { return nil }
        return parts.dropLast().dropFirst().contains(where: Self.documents.contains) ? .disguised : .program
    }
}

extension String {
    /// NFC: what is seen as one name is one name. The standard library normalises what it compares; this is where it shows it.
    fileprivate var precomposed: String { String(decoding: self._nfcCodeUnits, as: UTF8.self) }
}
