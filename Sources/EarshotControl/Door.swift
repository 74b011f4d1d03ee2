import NIOCore

/// The one way in: what the node offers to every face of it.
package protocol Door: Sendable {
    /// Asks for something. Requests of one caller are done in the order they were asked; `reply` is called once, on
    /// any thread.
    func ask(
        _ request: Request, from caller: CallerID, reply: @escaping @Sendable (Result<DoorAnswer, DoorError>) -> Void)
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

/// What a request is answered with.
package enum DoorAnswer: Sendable {
    case whole(JSON)
    /// A list that may be long: read piece by piece, as fast as whoever asked takes it.
    case list(AnswerList)
}

/// A long list, read from its source only as it is taken.
package final class AnswerList: Sendable {
    private let read: @Sendable (@escaping @Sendable (Result<[JSON], DoorError>) -> Void) -> Void

    /// - Parameter read: tells the next elements, on any thread; none once there are no more, or why they cannot be
    ///   read.
    package init(read: @escaping @Sendable (@escaping @Sendable (Result<[JSON], DoorError>) -> Void) -> Void) {
        self.read = read
    }

    /// The next elements. Not to be called again before it has told.
    package func next(_ tell: @escaping @Sendable (Result<[JSON], DoorError>) -> Void) { self.read(tell) }
}

extension Door {
    /// Asks and has a list read to its end before the answer.
    package func askWhole(
        _ request: Request, from caller: CallerID, reply: @escaping @Sendable (Result<JSON, DoorError>) -> Void
    ) {
        self.ask(request, from: caller) { result in
            switch result {
            case .failure(let error): reply(.failure(error))
            case .success(.whole(let json)): reply(.success(json))
            case .success(.list(let list)): Self.collect(list, [], reply)
            }
        }
    }

    private static func collect(
        _ list: AnswerList, _ before: [JSON], _ reply: @escaping @Sendable (Result<JSON, DoorError>) -> Void
    ) {
        list.next { result in
            switch result {
            case .failure(let error): reply(.failure(error))
            case .success([]): reply(.success(.array(before)))
            case .success(let values): Self.collect(list, before + values, reply)
            }
        }
    }
}

/// An event, written once for all who listen.
package struct DoorEvent: Sendable {
    /// With its line end.
    package let line: ByteBuffer

    package init(_ params: JSON) {
        self.line = ByteBuffer(bytes: ControlLine.event(params).bytes + [UInt8(ascii: "\n")])
    }

    /// What it tells.
    package var params: JSON { JSON(text: self.line.readableBytesView)?["params"] ?? .null }
}
