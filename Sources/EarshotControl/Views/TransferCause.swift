/// Why a transfer does not go on, or failed, as one word; the `reason` beside it says the same as a sentence.
package enum TransferCause: String, Keyword {
    /// The other is not here.
    case absent
    /// What is in it can only be seen when the other is here.
    case unseen
    /// It runs, and nothing comes just now.
    case silent
    case unreachable, connectionLost, diskFullHere, diskFullThere, fetchedWrongly, notAsOffered, changed, unreadable
    case unwritableHere, unwritableThere, notOffered, pausedThere, waitsForTurn, wrongBytes, tooManyToLookAt
    case holdsPrograms
    /// Something that an older version wrote down.
    case told
}
