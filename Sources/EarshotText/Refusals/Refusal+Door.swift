extension Refusal {
    /// About what came as a line, or a request in it.
    package enum Line: Hashable, Sendable {
        case notJSON
        case tooDeep(most: Int)
        case manyValues(most: Int)
        case tooLong, escapedTooLong, notEnded
        case noRequest, emptyBatch
        case longBatch(most: Int)
        case badID
        case longID(most: Int)
        case notRequest
        case manyClients(most: Int)
        case noMethod(String), notAnswered(method: String)
        case notNamed
        case missing(parameter: String)
        /// - Parameter kind: what it should be, as `a string`; `name` is `nil` for the whole.
        case wrong(parameter: String?, kind: String)
        case unreadable
        case notList
    }

    /// About a word that stands for somebody or something.
    package enum Word: Hashable, Sendable {
        case noName, noRoomName
        case severalPeople(word: String)
        /// - Parameter id: the beginning of that of one of them.
        case severalRooms(room: String, id: String?)
        case shortName(String)
        case noID(IDSubject, least: Int), shortID(String, IDSubject, least: Int)
        case unknownID(String, IDSubject)
        case severalIDs(String, IDSubject)
    }

    /// What it is an id of.
    package enum IDSubject: String, Hashable, Sendable { case message, transfer }

    /// About a path.
    package enum Path: Hashable, Sendable {
        case empty, hasNUL
        case notAbsolute(String)
        case tooLong(most: Int)
        /// That of the state folder, for a socket in it.
        case longState
        case noHere(String), noHome(String)
        /// - Parameter path: the whole path as it was typed.
        case noUser(String, typed: String)
    }

    /// About who answers at the door.
    package enum Connection: Hashable, Sendable {
        case longPath(String)
        case notOurs(path: String)
        case notRunning(path: String)
        case stopped, stopping
        /// - Parameter process: which it is, where that is known.
        case notReading(process: UInt32?, seconds: Int64), notAnswering(process: UInt32?, seconds: Int64)
        case unknownAnswer(detail: String)
        case answersAlready(path: String)
    }
}
