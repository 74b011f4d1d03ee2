import EarshotControl
import EarshotModel
import EarshotRules
import EarshotWire

/// How one method is answered. Each family has a file of them; a method that is added adds a handler there and nothing
/// elsewhere.
struct Handler<One: Method>: AnyHandler {
    typealias Run = @Sendable (Node, One, Question<One.Answer>, inout RunState, inout [Answer]) throws -> [Effect]
    /// Somebody to whom the answer goes when it is on disk.
    struct Asker {
        let caller: CallerID
        let now: Moment
    }

    let run: Run
    let folder: @Sendable (Node, One, Engine) -> String?

    var method: ObjectIdentifier { ObjectIdentifier(One.self) }

    /// One that is answered when it can be, by itself.
    init(later method: One.Type, _ run: @escaping Run) {
        self.run = run
        self.folder = { _, _, _ in nil }
    }

    /// One that changes something: answered once that is on disk.
    init(
        _ method: One.Type, folder: @escaping @Sendable (Node, One, Engine) -> String? = { _, _, _ in nil },
        _ body: @escaping @Sendable (Node, One, inout RunState, Asker) throws -> (One.Answer, [Effect])
    ) {
        self.folder = folder
        self.run = { node, method, question, state, answers in
            let (answer, effects) = try body(node, method, &state, Asker(caller: question.caller, now: question.now))
            answers.append(Answer(.success(answer), question.reply))
            return effects
        }
    }

    /// One that only looks.
    init(looking method: One.Type, _ body: @escaping @Sendable (Node, One, RunState) throws -> One.Answer) {
        self.init(method) { node, method, state, _ in (try body(node, method, state), []) }
    }
}

/// How one method with a long list is answered.
struct ListHandler<One: ListMethod>: AnyHandler {
    let run: @Sendable (Node, One, Engine) throws -> AnswerList<One.Element>

    var method: ObjectIdentifier { ObjectIdentifier(One.self) }

    init(_ method: One.Type, _ run: @escaping @Sendable (Node, One, Engine) throws -> AnswerList<One.Element>) {
        self.run = run
    }
}

/// A handler of whichever method.
protocol AnyHandler: Sendable {
    var method: ObjectIdentifier { get }
}

extension Node {
    /// By method; a test asks that there is one for each.
    static let handlers: [ObjectIdentifier: any AnyHandler] = Dictionary(
        (Node.nodeHandlers + Node.settingHandlers + Node.peopleHandlers + Node.trustHandlers
            + Node.acquaintanceHandlers + Node.messageHandlers + Node.talkHandlers + Node.inboxHandlers
            + Node.roomHandlers + Node.fileHandlers + Node.ruleHandlers + Node.eventHandlers + Node.backupHandlers
            + Node.watchHandlers + Node.mailHandlers)
            .map { ($0.method, $0) }, uniquingKeysWith: { $1 })

    /// Does what was asked. What changes something answers once it is on disk; the rest at once.
    func take(
        _ asked: Asked, _ state: inout RunState, _ answers: inout [Answer], _ now: Moment, isChecked: Bool = false
    ) -> [Effect] {
        if !isChecked, self.waits(asked, &state) { return [] }
        do { return try asked.run(self, &state, &answers, now) } catch {
            self.note(error, &state)
            answers.append(asked.refuse(Self.explain(error)))
            return []
        }
    }
}
