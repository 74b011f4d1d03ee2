/// Why nothing can be kept just now. While it lasts nothing is taken in and nothing written.
package enum StorageTrouble: String, Sendable, Hashable, CaseIterable {
    /// No room. It passes when there is some.
    case full
    /// The file is not what was written to it.
    case damaged
    /// It cannot be written for another reason: taken away, locked, read-only, out of memory.
    case unwritable
}
