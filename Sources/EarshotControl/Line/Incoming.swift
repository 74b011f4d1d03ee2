import EarshotText

/// What comes from a node: an event, or the answer to a question.
package enum Incoming: Sendable {
    case event(EventView)
    case answer(Answer)

    /// The answer to the question of a number.
    package struct Answer: Sendable {
        package let id: Int64
        private let json: JSON

        fileprivate init(id: Int64, json: JSON) {
            self.id = id
            self.json = json
        }

        /// Why it was not done; `nil` if it was.
        package var error: DoorError? { self.json["error"].map { DoorError($0) } }

        /// What it says, as it came.
        /// - Throws: the error it is.
        package func result() throws(DoorError) -> JSON {
            if let error { throw error }
            return self.json.object?["result"] ?? .null
        }

        /// What it says, as the method that was asked declares it.
        /// - Throws: the error it is, or `failed` for what cannot be read.
        package func to<One: Method>(_ method: One.Type) throws(DoorError) -> One.Answer {
            let result = try self.result()
            do throws(DoorError) { return try JSONMapping.value(One.Answer.self, from: result) } catch {
                throw DoorError(.connection(.unknownAnswer(detail: error.message)))
            }
        }
    }

    /// A line as it came; `nil` for what is no JSON, and as below.
    package init?(line: some Sequence<UInt8>) {
        guard let json = JSON(text: line) else { return nil }
        self.init(json)
    }

    /// `nil` for what is neither, or is of a kind that is not known.
    package init?(_ json: JSON) {
        if json["method"] != nil {
            guard let params = json["params"],
                let event = try? JSONMapping.value(EventView.self, from: params)
            else { return nil }
            self = .event(event)
        } else if let id = json["id"]?.integer {
            self = .answer(Answer(id: id, json: json))
        } else {
            return nil
        }
    }
}
