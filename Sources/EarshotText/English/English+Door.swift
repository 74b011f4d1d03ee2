extension Language {
    static func english(_ refusal: Refusal.Line) -> String {
        switch refusal {
        case .notJSON: "That line is not JSON."
        case .tooDeep(let most): "That line is nested more than \(Self.digits(most)) levels deep."
        case .manyValues(let most): "That line holds more than \(Self.digits(most)) values."
        case .tooLong: "A line has at most 16 MiB."
        case .escapedTooLong: "That is too long to be sent at once: at most 16 MB, less where there is much to escape."
        case .notEnded: "A long line was begun and not sent; others wait."
        case .noRequest: "There is no request."
        case .emptyBatch: "A batch has at least one request."
        case .longBatch(let most): "A batch has at most \(Self.digits(most)) requests."
        case .badID: "An id is a string, a number or null."
        case .longID(let most): "An id has at most \(Self.digits(most)) bytes."
        case .notRequest: #"A request looks like {"jsonrpc":"2.0","id":1,"method":"status"}."#
        case .manyClients(let most): "There are \(Self.digits(most)) clients already. Close some of them."
        case .noMethod(let name): "There is no method \(name)."
        case .notAnswered(let method): "This node does not answer \(method)."
        case .notNamed: "params is an object of named parameters."
        case .missing(let name): "The parameter \(name) is missing."
        case .wrong(let name?, let kind): "The parameter \(name) is \(kind)."
        case .wrong(nil, let kind): "That is not \(kind)."
        case .unreadable: "That cannot be read."
        case .notList: "That is no list."
        case .otherAnswer: "The node answered with something else."
        }
    }

    static func english(_ refusal: Refusal.Word) -> String {
        switch refusal {
        case .noName: "The name is empty: say who is meant."
        case .noRoomName: "The name is empty: say which room is meant."
        case .severalPeople(let word): "\(word) may be several people. Use the id, or more of it."
        case .severalRooms(let room, let id):
            "\(room) may be several rooms. Use the id, or more of it\(id.map { ", such as #\($0)" } ?? "")."
        case .shortName(let word): "\(word) is too short for a name. Type more of it."
        case .noID(let subject, let least):
            "The id is empty: type at least \(least) characters of it. \(Self.hint(subject))"
        case .shortID(let id, let subject, let least):
            "\(id) is too short for an id: type at least \(least) characters of it. \(Self.hint(subject))"
        case .unknownID(let id, let subject): "There is no \(subject.rawValue) \(id). \(Self.hint(subject))"
        case .severalIDs(let id, let subject): "Several \(subject.rawValue)s begin with \(id). Type more of the id."
        }
    }

    private static func hint(_ subject: Refusal.IDSubject) -> String {
        switch subject {
        case .message: "`earshot history WHO` shows their ids."
        case .transfer: "`earshot transfers` lists them."
        }
    }

    static func english(_ refusal: Refusal.Path) -> String {
        switch refusal {
        case .empty: "The path is empty."
        case .hasNUL: "A path cannot contain a NUL character."
        case .notAbsolute(let text): "Paths are absolute; this one is not: \(text)"
        case .tooLong(let most): "That path is longer than \(Self.digits(most)) bytes."
        case .noHere(let typed): "The current folder is gone, so \(typed) means nothing. Give the whole path."
        case .noHome(let typed):
            "There is no home folder, so \(typed) means nothing. Set HOME, or give the whole path."
        case .noUser(let name, let typed):
            "There is no user \(name) here. For something that is really called ~\(name), write ./\(typed)"
        case .unreadable(let path, let detail): "\(path) cannot be read: \(detail)."
        case .unwritable(let path, let detail): "\(path) cannot be written: \(detail)."
        case .lockedState(let folder, let policy): "The folder is \(folder), and \(policy) locks that."
        case .faultySettings(let fault): "\(fault) `earshot config check` says all that is wrong."
        case .longState:
            """
            The path of the state folder is too long for a socket: at most 90 characters. Choose another with \
            --state DIR.
            """
        }
    }

    static func english(_ refusal: Refusal.Input) -> String {
        switch refusal {
        case .notUTF8(let source, let byte, let at, let line):
            let hex = String(byte, radix: 16, uppercase: true)
            return """
                \(Self.name(source)) is not UTF-8: byte \(at) (on line \(line)) is \
                0x\(hex.count < 2 ? "0" : "")\(hex), where no character begins. Nothing of it was sent.
                """
        case .tooLong(let source, let most):
            return """
                \(Self.name(source)) is longer than \(most / 1_000_000) MB, the most that one message can be. Send it \
                as a file: earshot send WHO -f PATH
                """
        case .unreadable(let detail): return "Standard input cannot be read: \(detail)."
        case .unwritableOutput(let detail): return "The output cannot be written: \(detail)."
        }
    }

    static func english(_ refusal: Refusal.Passphrase) -> String {
        switch refusal {
        case .nobodyToAsk:
            """
            A passphrase is needed, and there is no terminal to ask on. Use --passphrase-file or EARSHOT_PASSPHRASE.
            """
        case .differ: "The two are not the same. Nothing was done."
        case .empty: "The passphrase is empty."
        case .notText: "The passphrase is no text."
        case .noTerminal(let detail): "The terminal cannot be used: \(detail)."
        }
    }

    private static func name(_ source: Refusal.Input.Source) -> String {
        switch source {
        case .standard: "Standard input"
        case .text: "That text"
        case .argument(let number): "Argument \(number)"
        case .line: "That line"
        case .it: "It"
        }
    }

    static func english(_ refusal: Refusal.Connection) -> String {
        switch refusal {
        case .longPath(let path): "The path \(path) is too long for a socket."
        case .notOurs(let path): "The socket \(path) belongs to someone else."
        case .notRunning(let path):
            "No earshotd answers on \(path). Start one with `earshotd`, or leave out --no-start."
        case .stopped: "earshotd has stopped."
        case .stopping: "The node is stopping."
        case .noNode: "The node is not running."
        case .notReading(let peer, let seconds): "earshotd\(Self.process(peer)) has read nothing for \(seconds) s."
        case .notAnswering(let peer, let seconds): "earshotd\(Self.process(peer)) has not answered for \(seconds) s."
        case .unknownAnswer(let detail): "earshotd answered in a way that this version does not know: \(detail)"
        case .answersAlready(let path): "Another earshotd answers on \(path)."
        case .noPort(nil, let detail): "No port can be opened: \(detail ?? "none is free")."
        case .noPort(let port?, let detail):
            """
            Port \(port) \(detail.map { "cannot be opened: \($0)" } ?? "is in use"). Choose another with --port, or \
            leave --port out.
            """
        case .activationNotNumbers: "LISTEN_PID and LISTEN_FDS are numbers."
        case .severalSockets(let count): "LISTEN_FDS hands over \(count) sockets; earshotd listens on one."
        }
    }

    private static func process(_ id: UInt32?) -> String { id.map { " (process \($0))" } ?? "" }
}
