import EarshotModel

extension Refusal {
    /// About a message.
    package enum Message: Hashable, Sendable {
        case empty
        case tooLong
        case placesTogether
        case elsewhere
        case conversationGone
        case isDeleted, isDeletedAlready
        case onlyOwnEdited, onlyOwnDeleted
        case blankEdit
        case longEdit
        case notReaction
        /// More are waited for than there are.
        /// - Parameters:
        ///   - count: devices of the person of that name, or others in the room.
        ///   - word: what was asked for.
        case neverSoMany(name: String, isRoom: Bool, count: Int64, word: String)
        case isOwn
        case asksNothing
        case onlyAskerReminds
        case allAcknowledged
        case onlyOwnReceipts
    }

    /// About a conversation as the list shows it.
    package enum Talk: Hashable, Sendable {
        case notListed(word: String)
        case unknown(word: String)
        case untilWithoutMute
    }

    /// About files and transfers.
    package enum File: Hashable, Sendable {
        case notInSpool(folder: String)
        case notName
        /// Nobody else is in the room.
        case alone(room: String)
        case noOpenOffer
        case oneNameForSeveral
        case nothing
        case isOwn
        case begunElsewhere(folder: String)
        case over(Transfer.State)
        case unoffered(SurveyError)
    }

    /// About the database.
    package enum Storage: Hashable, Sendable {
        /// Nothing can be kept.
        case trouble(StorageTrouble)
        case damaged(path: String, detail: String)
        case full(path: String)
        case unusable(path: String, detail: String)
        case newer(path: String)
        case notStored(path: String, detail: String)
        /// - Parameter detail: what the system says.
        case failed(detail: String)
    }

    /// About a backup.
    package enum Backup: Hashable, Sendable {
        case isBeingMade
        /// Characters.
        case shortPassphrase(least: Int)
        case exists(path: String)
        case failed(BackupError)
    }
}
