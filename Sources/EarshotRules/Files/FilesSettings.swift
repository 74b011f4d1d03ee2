import EarshotModel
import FoundationEssentials

/// What our own people want of transfers, as it is kept among the settings.
package struct FilesSettings: Hashable, Sendable {
    /// Where files go if nothing else is said; absolute.
    package var folder: String?
    /// Bytes a second, in all and to each device; 0 is no limit.
    package var rate: UInt64 = 0
    package var ratePerDevice: UInt64 = 0
    package var rules: [AcceptanceRule] = []

    package static let keys = ["files.folder", "files.rate", "files.rate.peer"]

    package init() {}

    package init(_ settings: [String: String]) {
        self.folder = settings["files.folder"]
        self.rate = settings["files.rate"].flatMap(UInt64.init) ?? 0
        self.ratePerDevice = settings["files.rate.peer"].flatMap(UInt64.init) ?? 0
        self.rules =
            settings["files.rules"].flatMap { try? JSONDecoder().decode([AcceptanceRule].self, from: Data($0.utf8)) }
            ?? []
    }

    /// Takes one as it is typed. Says what is kept (nothing: the usual), or nothing at all if it does not fit.
    package mutating func set(_ key: String, _ value: String) -> String?? {
        switch key {
        case "files.folder":
            guard value.isEmpty || value.hasPrefix("/") else { return nil }
            self.folder = value.isEmpty ? nil : value
            return .some(self.folder)
        case "files.rate", "files.rate.peer":
            guard let rate = ByteCount(value)?.bytes else { return nil }
            if key == "files.rate" { self.rate = rate } else { self.ratePerDevice = rate }
            return .some(rate == 0 ? nil : String(rate))
        default: return nil
        }
    }

    package var shown: [String: String] {
        [
            "files.folder": self.folder ?? "", "files.rate": String(self.rate),
            "files.rate.peer": String(self.ratePerDevice),
        ]
    }

    package var encodedRules: String {
        (try? JSONEncoder().encode(self.rules)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
    }
}
