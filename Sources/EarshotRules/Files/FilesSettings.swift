import EarshotModel
import FoundationEssentials

/// What our own people want of transfers.
package struct FilesSettings: Hashable, Sendable {
    /// Where files go if nothing else is said; absolute.
    package var folder: String?
    /// Bytes a second, in all and to each device; 0 is no limit.
    package var rate: UInt64 = 0
    package var ratePerDevice: UInt64 = 0
    package var rules: [AcceptanceRule] = []
    /// Those that follow from whom files of this machine name; kept nowhere else.
    package internal(set) var granted: [AcceptanceRule] = []

    package init(folder: String? = nil, rate: UInt64 = 0, ratePerDevice: UInt64 = 0) {
        self.folder = folder
        self.rate = rate
        self.ratePerDevice = ratePerDevice
    }

    /// The same with other rules.
    init(_ others: FilesSettings, rules: [AcceptanceRule]) {
        self = others
        self.rules = rules
    }

    /// Rules as they are kept.
    static func rules(kept: String?) -> [AcceptanceRule] {
        kept.flatMap { try? JSONDecoder().decode([AcceptanceRule].self, from: Data($0.utf8)) } ?? []
    }

    package var encodedRules: String {
        (try? JSONEncoder().encode(self.rules)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
    }
}
