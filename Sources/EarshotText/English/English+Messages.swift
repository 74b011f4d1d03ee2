import EarshotModel

extension Language {
    static func english(_ refusal: Refusal.Message) -> String {
        switch refusal {
        case .empty: "There is nothing to send: the text is empty, or has no visible characters."
        case .tooLong: "That text is longer than 40 MB."
        case .placesTogether:
            "Of `before`, `after`, `around` and `at` one is given, and `since` only with `before`."
        case .elsewhere: "That message is not in this conversation."
        case .conversationGone: "The conversation of that message is not known any more."
        case .isDeleted: "That message was deleted."
        case .isDeletedAlready: "That message is already deleted."
        case .onlyOwnEdited: "Only your own messages can be edited."
        case .onlyOwnDeleted: "Only your own messages can be deleted."
        case .blankEdit: "That text has no visible characters. To take the message back, delete it."
        case .longEdit: "An edit has at most 40,000 bytes. Delete the message and send a new one."
        case .neverSoMany(let name, isRoom: false, let count, let word):
            "\(name) has \(count) device\(count == 1 ? "" : "s"): \(word) would never come."
        case .neverSoMany(let name, isRoom: true, let count, let word):
            "In \(name) \(count == 1 ? "is 1 other" : "are \(count) others") who joined: \(word) would never come."
        case .notReaction: "A reaction is one emoji or a short word."
        case .isOwn: "That message is your own: others acknowledge it."
        case .asksNothing: "That message does not ask to be acknowledged."
        case .onlyAskerReminds: "Only who asked may remind others."
        case .allAcknowledged: "Everybody has acknowledged that message."
        case .onlyOwnReceipts: "Who has a message is known of your own only."
        }
    }

    static func english(_ refusal: Refusal.Talk) -> String {
        switch refusal {
        case .notListed(let word): "There is no conversation \(word) in the list."
        case .unknown(let word): "There is no conversation with \(word)."
        case .untilWithoutMute: "What is not muted has no `until`."
        }
    }

    static func english(_ refusal: Refusal.File) -> String {
        switch refusal {
        case .notInSpool(let folder): "A file that is still being written must be in \(folder)."
        case .notName: "That is not a name for a file."
        case .alone(let room): "You are alone in \(room): nobody would read it."
        case .noOpenOffer: "There is no open offer of that name."
        case .oneNameForSeveral: "One name cannot be given to several things."
        case .nothing: "There is nothing to send."
        case .isOwn:
            """
            That is your own offer: the other person accepts or declines it. `earshot transfers cancel` takes it back.
            """
        case .begunElsewhere(let folder):
            "Part of it is in \(folder) already. Cancel it first if it should not go there."
        case .over(let state): "That transfer is over: \(state.rawValue)."
        case .unoffered(let why): self.english(why)
        }
    }

    static func english(_ refusal: Refusal.Storage) -> String {
        switch refusal {
        case .trouble(.full): "The disk is full. Free some space; what is waiting is kept."
        case .trouble(.damaged):
            "The database is damaged, and nothing can be written to it. `earshot doctor` says more."
        case .trouble(.unwritable):
            "The database cannot be written just now. `earshot doctor` says more; what is waiting is kept."
        case .damaged(let path, let detail):
            """
            The database \(path) is damaged (\(detail)). Your node makes it anew from what can be read, and keeps the \
            damaged file beside it: ask again in a moment. If it cannot (its log says so), move the database away and \
            restore a copy, or start with an empty one: your contacts send again what you miss.
            """
        case .full(let path):
            "There is no room left on the disk of \(path). Free some space; nothing that was acknowledged is lost."
        case .unusable(let path, let detail):
            """
            The database \(path) cannot be used: \(detail). Check that it and its folder belong to you and are writable.
            """
        case .newer(let path): "The database \(path) was made by a newer Earshot. Update this one."
        case .notStored(let path, let detail):
            """
            That could not be put into the database \(path) (\(detail)). Everything else goes on; `earshot doctor` \
            lists what was set aside.
            """
        case .failed(let detail): "It could not be done: \(detail)."
        }
    }

    static func english(_ refusal: Refusal.Backup) -> String {
        switch refusal {
        case .isBeingMade: "A backup is being made already. Wait for it to end."
        case .shortPassphrase(let least): "A passphrase has at least \(least) characters; several words are best."
        case .exists(let path): "There is something at \(path) already; a backup replaces nothing."
        case .failed(let error): Self.english(error)
        }
    }
}
