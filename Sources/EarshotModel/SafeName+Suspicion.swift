/// What to warn of before a file is opened.
extension SafeName {
    /// Opening one of these, by a double click or with what usually opens it, runs what is in it. Images of disks and
    /// plain bytes (`img`, `iso`, `bin`, `out`) are not among them: they are looked into, not run.
    private static let programs: Set<String> = [
        "app", "appimage", "application", "appref-ms", "appx", "apk", "bash", "bat", "chm", "cmd", "com", "command",
        "cpl", "csh", "deb", "desktop", "dll",
        "docm", "dotm", "elf", "exe", "fish", "flatpak", "flatpakref", "gadget", "hta", "htm", "html", "inf", "iqy",
        "jar", "jnlp", "js", "jse", "ksh", "lnk",
        "msc", "msi", "msix", "msp", "pif", "pkg", "pl", "potm", "ppam", "ppsm", "pptm", "ps1", "psm1", "py", "pyc",
        "rb", "reg", "rpm", "run", "scf", "scr",
        "sh", "snap", "so", "svg", "swf", "url", "vb", "vbe", "vbs", "ws", "wsf", "wsh", "xlam", "xll", "xlsm", "xltm",
        "zsh",
    ]
    private static let documents: Set<String> = [
        "avi", "bmp", "csv", "doc", "docx", "eml", "gif", "heic", "jpeg", "jpg", "md", "mkv", "mov", "mp3", "mp4",
        "odp", "ods", "odt", "ogg", "pdf",
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
        guard self.mayBeSuspicious else { return nil }
        // Dots and spaces at the end are no ending: `a.exe.` is one all the same where they are dropped.
        let parts = self.text.lowercased().split(separator: ".").map { $0.filter { !$0.isWhitespace } }.filter {
            !$0.isEmpty
        }
        guard parts.count > 1, let last = parts.last, Self.programs.contains(last) else { return nil }
        return parts.dropLast().dropFirst().contains(where: Self.documents.contains) ? .disguised : .program
    }

    /// False of most names, at little cost: a folder has many.
    private var mayBeSuspicious: Bool {
        let bytes = self.text.utf8
        guard bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else { return true }
        guard let last = bytes.lastIndex(where: { $0 != 0x2E }), let dot = bytes[..<last].lastIndex(of: 0x2E) else {
            return false
        }
        return Self.programs.contains(self.text[bytes.index(after: dot)...last].lowercased())
    }
}
