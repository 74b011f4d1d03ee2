import EarshotModel

extension Language {
    /// How something is not what was offered: the end of a sentence.
    static func english(_ mismatch: Mismatch) -> String {
        switch mismatch {
        case .size: "the size differs"
        case .unproven: "nothing proves it"
        case .listing: "the listing differs"
        case .seenListing: "it is not the listing that was looked at before"
        case .files: "other files are listed"
        case .tops: "another number of things is listed"
        case .things: "something else is listed"
        case .severalOpen: "an open offer of several"
        case .overflowing: "more came than was listed"
        case .rule(let what): what
        }
    }

    static func english(_ error: DownloadError) -> String {
        switch error {
        case .full(let path):
            "There is no room left on the disk of \(path). Free some space; the transfer goes on where it stopped."
        case .obstructed(let path):
            "Something that Earshot did not put there is at \(path). Move it away; nothing was overwritten."
        case .failed(let path, let reason): "\(path): \(reason)."
        case .vanished(let path): "\(path) was removed while it was being received."
        case .overflowing: "More came than was offered."
        case .noFolder: "no folder was named"
        }
    }

    static func english(_ error: SurveyError) -> String {
        switch error {
        case .unreadable(let path, let reason): "\(path): \(reason). Nothing was offered."
        case .special(let path, let what): "\(path) is \(self.english(what)). Nothing was offered."
        case .endless(let path):
            "\(path) has no end, or is longer than 64 MB and does not say how long. Nothing was offered."
        case .tooMany: "That is more than a million files and folders. Pack them, or send them in parts."
        case .tooDeep(let path):
            "\(path) lies deeper than 64 folders, or its path is longer than 4,096 bytes. Nothing was offered."
        case .badName(let path):
            """
            \(path) cannot be sent under this name: it is empty, longer than 255 bytes or holds a slash. Nothing \
            was offered.
            """
        }
    }

    private static func english(_ special: SurveyError.Special) -> String {
        switch special {
        case .pipe: "a named pipe: `earshot send WHO -f` reads it to its end, the node by itself does not"
        case .socket: "a socket, and what it says cannot be read as a file"
        case .device: "a device: `earshot send WHO -f` reads it to its end, the node by itself does not"
        case .other: "neither a file nor a folder"
        }
    }
}
