/// Why a transfer does not go on, or failed: what happened, and not how it is said (`EarshotText` says it). Texts in it
/// come from files' names, the system or the other end.
package enum TransferReason: Hashable, Sendable, Codable {
    case unreachable
    case connectionLost
    case diskFullHere
    case diskFullThere
    /// The other end does not fetch as Protocol.md 13 has it.
    case fetchedWrongly(Mismatch)
    case notAsOffered(Mismatch)
    /// What was offered is another now; with what of it, if that is known.
    case changed(String?)
    case unreadable(String?)
    /// Our disk does not take it.
    case notTakenHere(DownloadError)
    /// The same as a version before this one kept it: a sentence.
    case unwritableHere(String)
    case unwritableThere(String?)
    case notOffered
    case pausedThere
    case waitsForTurn
    /// Somebody who passes it on gave other bytes; a device by its short id.
    case wrongBytes(device: String, Mismatch)
    case tooManyToLookAt
    /// It was agreed to before it was known that there are programs in it.
    case holdsPrograms
    /// As a version before this one kept it: a sentence.
    case told(String)
}
