import EarshotText
import NIOCore

/// The one way in: what the node offers to every face of it, one method a question (`Method`).
package protocol Door: Sendable {
    /// Asks for something. Questions of one caller are done in the order they were asked; `reply` is called once, on
    /// any
    /// thread. For a `ListMethod` use `list`, or `ask`.
    func answer<One: Method>(
        _ method: One, from caller: CallerID, reply: @escaping @Sendable (Result<One.Answer, DoorError>) -> Void)
    /// Asks for a list that may be long.
    func list<One: ListMethod>(
        _ method: One, from caller: CallerID,
        reply: @escaping @Sendable (Result<AnswerList<One.Element>, DoorError>) -> Void)
    /// A caller who may subscribe. `news` is told events; `false` says that it could not take one. Then it is told
    /// nothing until `resume` is called, and after that everything that is kept, and of what passes the latest.
    func enter(news: @escaping @Sendable (DoorEvent) -> Bool) -> CallerID
    func resume(_ caller: CallerID)
    func leave(_ caller: CallerID)
}

/// Someone at the door.
package struct CallerID: Hashable, Sendable {
    package let raw: UInt64
    package init(raw: UInt64) { self.raw = raw }
}

/// A long list, read from its source only as it is taken.
package final class AnswerList<Element: Codable & Sendable>: Sendable {
    package typealias Tell = @Sendable (Result<[Element], DoorError>) -> Void

    private let read: @Sendable (@escaping Tell) -> Void

    /// - Parameter read: tells the next elements, on any thread; none once there are no more, or why they cannot be
    ///   read.
    package init(read: @escaping @Sendable (@escaping Tell) -> Void) { self.read = read }

    /// The next elements. Not to be called again before it has told.
    package func next(_ tell: @escaping Tell) { self.read(tell) }

    /// All that are left.
    package func collect(_ before: [Element] = [], _ tell: @escaping Tell) {
        self.next { result in
            switch result {
            case .failure(let error): tell(.failure(error))
            case .success(let values) where values.isEmpty: tell(.success(before))
            case .success(let values): self.collect(before + values, tell)
            }
        }
    }
}

extension Door {
    /// Asks for anything; a list is read to its end before the answer.
    package func ask<One: Method>(
        _ method: One, from caller: CallerID, reply: @escaping @Sendable (Result<One.Answer, DoorError>) -> Void
    ) {
        guard let list = method as? any ListMethod else { return self.answer(method, from: caller, reply: reply) }
        self.whole(list, from: caller) { result in
            switch result {
            case .success(let values as One.Answer): reply(.success(values))
            case .success: reply(.failure(DoorError(.line(.notList))))
            case .failure(let error): reply(.failure(error))
            }
        }
    }

    private func whole<One: ListMethod>(
        _ method: One, from caller: CallerID, reply: @escaping @Sendable (Result<any Sendable, DoorError>) -> Void
    ) {
        self.list(method, from: caller) { result in
            switch result {
            case .failure(let error): reply(.failure(error))
            case .success(let list): list.collect { reply($0.map { $0 as any Sendable }) }
            }
        }
    }
}

/// An event, written once for all who listen.
package struct DoorEvent: Sendable {
    /// What it tells.
    package let view: EventView
    /// As a line of JSON-RPC, with its end.
    package let line: ByteBuffer

    package init(_ view: EventView) {
        self.view = view
        self.line = ByteBuffer(bytes: ControlLine.event(view) + [UInt8(ascii: "\n")])
    }
}
