/// Messages.
extension Methods {
    package static let messages: [any Method.Type] = [
        Send.self, ReadMessage.self, Edit.self, Delete.self, React.self, MarkRead.self, History.self,
        Search.self, Typing.self,
    ]

    /// Sends a text; answers for each person.
    package struct Send: Method {
        package typealias Answer = [SentView]
        package static let name = "send"
        package static let summary = "Sends a text; answers for each person."

        package let to: Words
        package let text: String
        /// The id of a message, or its beginning.
        package let replyTo: String?
        /// Until when the answer waits; `queued` unless given.
        package let wait: TextWait?
        /// Ms; 30,000 unless given.
        package let timeout: Int64?
        /// Readers are asked to acknowledge it.
        package let ask: Bool?
        package var people: [String] { self.to.all }

        package init(
            to: Words, text: String, replyTo: String? = nil, wait: TextWait? = nil, timeout: Int64? = nil,
            ask: Bool? = nil
        ) {
            self.ask = ask
            self.to = to
            self.text = text
            self.replyTo = replyTo
            self.wait = wait
            self.timeout = timeout
        }
    }

    /// One message.
    package struct ReadMessage: Method {
        package typealias Answer = MessageView
        package static let name = "message"
        package static let summary = "One message."
        package static let mayAnswerMuch = true

        package let id: String

        package init(_ id: String) {
            self.id = id
        }
    }

    /// Edits one of one's own messages.
    package struct Edit: Method {
        package typealias Answer = MessageReference
        package static let name = "edit"
        package static let summary = "Edits one of one's own messages."

        package let id: String
        package let text: String

        package init(id: String, text: String) {
            self.id = id
            self.text = text
        }
    }

    /// Deletes one of one's own messages; answers with how it began.
    package struct Delete: Method {
        package typealias Answer = DeletedView
        package static let name = "delete"
        package static let summary = "Deletes one of one's own messages; answers with how it began."

        package let id: String

        package init(_ id: String) {
            self.id = id
        }
    }

    /// Reacts to a message, or takes a reaction back.
    package struct React: Method {
        package typealias Answer = MessageReference
        package static let name = "react"
        package static let summary = "Reacts to a message, or takes a reaction back."

        package let id: String
        package let emoji: String
        /// True unless given.
        package let on: Bool?

        package init(id: String, emoji: String, on: Bool? = nil) {
            self.id = id
            self.emoji = emoji
            self.on = on
        }
    }

    /// Says that everything of somebody, or in a room, was read.
    package struct MarkRead: Method {
        package typealias Answer = RecipientView
        package static let name = "read"
        package static let summary = "Says that everything of somebody, or in a room, was read."

        /// Whom, by a name or an id.
        package let who: String
        package var people: [String] { [self.who] }

        package init(_ who: String) {
            self.who = who
        }
    }

    /// The messages with somebody, in causal order.
    package struct History: ListMethod {
        package typealias Element = MessageView
        package typealias Answer = [MessageView]
        package static let name = "history"
        package static let summary = "The messages with somebody, in causal order."

        /// Whom, by a name or an id.
        package let who: String
        /// Ms since 1970.
        package let since: Int64?
        /// The id of a message: only what stands before it.
        package let before: String?
        /// The id of a message: what stands behind it, from there on.
        package let after: String?
        /// The id of a message: with as much before as behind it.
        package let around: String?
        /// Ms since 1970: around what was said then.
        package let at: Int64?
        /// 50 unless given.
        package let limit: Count?
        package var people: [String] { [self.who] }

        package init(
            who: String, since: Int64? = nil, before: String? = nil, after: String? = nil, around: String? = nil,
            at: Int64? = nil, limit: Count? = nil
        ) {
            self.who = who
            self.since = since
            self.before = before
            self.after = after
            self.around = around
            self.at = at
            self.limit = limit
        }
    }

    /// Messages that have every word of the query.
    package struct Search: ListMethod {
        package typealias Element = MessageView
        package typealias Answer = [MessageView]
        package static let name = "search"
        package static let summary = "Messages that have every word of the query."

        package let query: String
        package let who: String?
        /// The id of a message that was found: only what stands behind it.
        package let before: String?
        /// 50 unless given.
        package let limit: Count?
        package var people: [String] { self.who.map { [$0] } ?? [] }

        package init(query: String, who: String? = nil, before: String? = nil, limit: Count? = nil) {
            self.query = query
            self.who = who
            self.before = before
            self.limit = limit
        }
    }

    /// Tells somebody that one is typing, or not any more.
    package struct Typing: Method {
        package typealias Answer = Done
        package static let name = "typing"
        package static let summary = "Tells somebody that one is typing, or not any more."

        /// Whom, by a name or an id.
        package let who: String
        /// True unless given.
        package let on: Bool?
        package var people: [String] { [self.who] }

        package init(who: String, on: Bool? = nil) {
            self.who = who
            self.on = on
        }
    }
}

/// Until when the answer to an offer of files waits.
package enum Wait: String, Keyword {
    case queued, delivered, read
}
