import EarshotControl
import EarshotRules
import EarshotText
import EarshotWire

/// Tells whoever asked; once, on the loop.
typealias Reply<Value> = @Sendable (Result<Value, DoorError>) -> Void

/// A question at the door, until it is answered. What kind it is only its handler knows (`Handler`).
struct Asked: Sendable {
    let method: any Method
    let caller: CallerID
    /// The folder it names, or would use; `nil` where it is about none.
    let folder: @Sendable (Node, Engine) -> String?
    /// Does it, or begins to.
    let run: @Sendable (Node, inout RunState, inout [Answer], Moment) throws -> [Effect]
    /// An answer that says why not.
    let refuse: @Sendable (DoorError) -> Answer

    init<One: Method>(_ method: One, _ caller: CallerID, _ reply: @escaping Reply<One.Answer>) {
        let handler = Node.handlers[ObjectIdentifier(One.self)] as? Handler<One>
        self.method = method
        self.caller = caller
        self.folder = { node, engine in handler?.folder(node, method, engine) }
        self.refuse = { Answer(.failure($0), reply) }
        self.run = { node, state, answers, now in
            guard let handler else { throw DoorError(.line(.notAnswered(method: One.name))) }
            return try handler.run(node, method, Question(caller: caller, now: now, reply: reply), &state, &answers)
        }
    }

    init<One: ListMethod>(list method: One, _ caller: CallerID, _ reply: @escaping Reply<AnswerList<One.Element>>) {
        let handler = Node.handlers[ObjectIdentifier(One.self)] as? ListHandler<One>
        self.method = method
        self.caller = caller
        self.folder = { _, _ in nil }
        self.refuse = { Answer(.failure($0), reply) }
        self.run = { node, state, _, _ in
            guard let handler else { throw DoorError(.line(.notAnswered(method: One.name))) }
            reply(.success(try handler.run(node, method, state.engine)))
            return []
        }
    }
}

/// Who asked, when, and how they are told.
struct Question<Value: Sendable>: Sendable {
    let caller: CallerID
    let now: Moment
    let reply: Reply<Value>
}

/// An answer that may be given once the commit is on disk.
struct Answer {
    /// What of the round's effects it stands for.
    var effects = 0..<0
    private let give: @Sendable (DoorError?) -> Void

    init<Value: Sendable>(_ result: Result<Value, DoorError>, _ reply: @escaping Reply<Value>) {
        self.give = { failure in
            if let failure, case .success = result { reply(.failure(failure)) } else { reply(result) }
        }
    }

    /// - Parameter failure: why what it stands for is not on disk; what was refused anyway is refused as it was.
    func tell(unless failure: DoorError? = nil) { self.give(failure) }
}
