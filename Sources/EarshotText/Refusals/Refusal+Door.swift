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
        case notList, otherAnswer
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
        /// - Parameter policy: the file that says it.
        case lockedState(String, policy: String)
        /// Settings that would name the folder cannot be read.
        case faultySettings(fault: String)
        case noHere(String), noHome(String)
        /// - Parameter typed: the whole path as it was typed.
        case noUser(String, typed: String)
        /// - Parameter detail: what the system says.
        case unreadable(String, detail: String), unwritable(String, detail: String)
    }

    /// About text that comes to be sent.
    package enum Input: Hashable, Sendable {
        /// Where it came from.
        package enum Source: Hashable, Sendable {
            case standard, text, line, it
            /// Counted from 1.
            case argument(Int)
        }
        /// Where the first byte stands that begins no character, counted from 1, and the line it is on.
        case notUTF8(Source, byte: UInt8, at: Int, line: Int)
        /// - Parameter most: bytes of one text.
        case tooLong(Source, most: Int)
        /// - Parameter detail: what the system says.
        case unreadable(detail: String), unwritableOutput(detail: String)
    }

    /// About a passphrase that is asked for.
    package enum Passphrase: Hashable, Sendable {
        case nobodyToAsk, differ, empty, notText
        /// - Parameter detail: what the system says.
        case noTerminal(detail: String)
    }

    /// About who answers at the door.
    package enum Connection: Hashable, Sendable {
        case longPath(String)
        case notOurs(path: String)
        case notRunning(path: String)
        case stopped, stopping, noNode
        /// - Parameter process: which it is, where that is known.
        case notReading(process: UInt32?, seconds: Int64), notAnswering(process: UInt32?, seconds: Int64)
        case unknownAnswer(detail: String)
        case answersAlready(path: String)
        /// What the variables of socket activation say.
        case activationNotNumbers, severalSockets(Int32)
        /// The port of the node.
        /// - Parameters:
        ///   - number: the one that was asked for, if one was.
        ///   - detail: what the system says; `nil` where somebody else has it.
        case noPort(UInt16?, detail: String?)
    }
}
