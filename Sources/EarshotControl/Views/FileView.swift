import EarshotModel

/// Why one should look twice before opening something.
package enum FileWarning: String, Keyword {
    /// Opening it may run it.
    case program
    /// A program that is named like a document.
    case disguised
}

/// What is offered: a file, a folder, or several things.
package struct FileView: View {
    package var name: String
    /// Bytes; `nil` while it is still being written.
    package var size: Int64?
    /// Files in it.
    package var count: Int64
    /// Things offered together, if more than one.
    package var tops: Int64?
    package var folder: Bool?
    /// Still being written.
    package var open: Bool?
    /// A media type.
    package var type: String?
    package var warning: FileWarning?
    /// A small PNG in base64.
    package var picture: String?
    /// Ms of sound or film.
    package var duration: Int64?

    package init(name: String, count: Int64) {
        self.name = name
        self.count = count
    }
}

/// Where a file or folder is.
package struct PlaceView: View {
    /// Absolute.
    package var path: String
    package init(path: String) { self.path = path }
}

/// What did not come along, and why.
package struct OmissionView: View {
    package var path: String
    package var reason: String
    package init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }
}

/// What is called otherwise at its receiver's.
package struct RenamingView: View {
    package var from: String
    package var to: String
    package init(from: String, to: String) {
        self.from = from
        self.to = to
    }
}
