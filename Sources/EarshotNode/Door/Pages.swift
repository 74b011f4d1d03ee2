import EarshotControl
import EarshotModel
import EarshotRules
import EarshotStore
import EarshotWire
import Logging
import NIOConcurrencyHelpers

/// A long list of messages that is being read at the door: which they are, and how far it has come. Only their ids
/// are kept; each message is read from disk when it is its turn.
final class Pages: Sendable {
    enum Source: Sendable {
        case history(ConversationID, since: Timestamp?, before: EnvelopeID?, limit: Int)
        /// What stands behind a message.
        case behind(EnvelopeID, ConversationID, limit: Int)
        /// A message with as much before as behind it.
        case around(EnvelopeID, ConversationID, limit: Int)
        case search(String, in: ConversationID?, before: EnvelopeID?, limit: Int)
    }

    /// What such a list consists of.
    enum Entry: Sendable {
        case message(Message)
        /// The first words of somebody who asks to talk: no message yet, and in no log.
        case request(Contact)
    }

    private struct Left {
        /// The next one last; `nil` before the first page.
        var ids: [EnvelopeID]?
        var requests: [Contact]
        var room: Int
    }

    /// Bytes of text after which a page ends.
    private static let pageText = 48 << 10
    /// What a message costs beside its text.
    private static let overhead = 600
    /// Messages whose ids are looked up at a time.
    private static let idsAtOnce = 256

    private let source: Source
    private let left: NIOLockedValueBox<Left>

    /// - Parameter requests: of those who wait for an answer, that belong in this list.
    init(_ source: Source, requests: [Contact] = []) {
        self.source = source
        let oldestFirst = requests.sorted {
            ($0.requestedAt ?? .init(milliseconds: 0)) < ($1.requestedAt ?? .init(milliseconds: 0))
        }
        switch source {
        // The newest, the oldest of them first.
        case .history(_, _, _, let limit):
            self.left = NIOLockedValueBox(Left(requests: oldestFirst.suffix(max(0, limit)).reversed(), room: limit))
        case .search(_, _, _, let limit): self.left = NIOLockedValueBox(Left(requests: oldestFirst, room: limit))
        case .behind(_, _, let limit), .around(_, _, let limit):
            self.left = NIOLockedValueBox(Left(requests: [], room: limit))
        }
    }

    /// What comes next; nothing once there is no more.
    func next(from store: Store) throws -> [Entry] {
        var left = self.left.withLockedValue { $0 }
        var ids = try left.ids ?? self.ids(from: store, beside: left.requests.count)
        var page: [Entry] = []
        var bytes = 0
        while bytes < Self.pageText, let id = ids.popLast() {
            // One that has gone meanwhile is in nobody's history any more.
            guard let message = try store.message(id) else { continue }
            while let request = left.requests.last, self.stands(request, before: message) {
                left.requests.removeLast()
                page.append(.request(request))
            }
            bytes += message.text.utf8.count + Self.overhead
            page.append(.message(message))
        }
        if ids.isEmpty {
            page += left.requests.reversed().map { .request($0) }
            left.requests = []
        }
        page = Array(page.prefix(left.room))
        left.room -= page.count
        left.ids = left.room > 0 ? ids : []
        self.left.withLockedValue { $0 = left }
        return page
    }

    private func stands(_ request: Contact, before message: Message) -> Bool {
        guard let at = request.requestedAt else { return false }
        return switch self.source {
        case .history, .behind, .around: at <= message.at
        case .search: at >= message.at
        }
    }

    /// All ids, the first to be shown last.
    private func ids(from store: Store, beside requests: Int) throws -> [EnvelopeID] {
        switch self.source {
        case .search(let query, let conversation, let before, let limit):
            return try store.search(query, in: conversation, before: before, limit: limit).reversed().map(\.id)
        case .history(let conversation, let since, let before, let limit):
            let room = limit - requests  // lint: there are fewer
            return try self.ids(from: store, before: before, in: conversation, since: since, room)
        case .behind(let message, let conversation, let limit):
            return try self.ids(from: store, behind: message, in: conversation, limit).reversed()
        case .around(let message, let conversation, let limit):
            let before = try self.ids(from: store, before: message, in: conversation, since: nil, limit / 2)
            let room = limit - 1 - before.count  // lint: half of it at most came before
            let behind = try self.ids(from: store, behind: message, in: conversation, room)
            return behind.reversed() + [message] + before
        }
    }

    /// The newest first.
    private func ids(
        from store: Store, before start: EnvelopeID?, in conversation: ConversationID, since: Timestamp?, _ room: Int
    ) throws -> [EnvelopeID] {
        var (ids, before): ([EnvelopeID], EnvelopeID?) = ([], start)
        while ids.count < room {
            let count = min(Self.idsAtOnce, room - ids.count)
            // Oldest first.
            let found = try store.history(conversation, since: since, before: before, limit: count).map(\.id)
            ids += found.reversed()
            before = found.first
            if found.count < count { break }
        }
        return ids
    }

    /// The oldest first.
    private func ids(
        from store: Store, behind start: EnvelopeID, in conversation: ConversationID, _ room: Int
    ) throws -> [EnvelopeID] {
        var (ids, behind): ([EnvelopeID], EnvelopeID) = ([], start)
        while ids.count < room {
            let count = min(Self.idsAtOnce, room - ids.count)
            let found = try store.history(conversation, after: behind, limit: count).map(\.id)
            ids += found
            behind = found.last ?? behind
            if found.count < count { break }
        }
        return ids
    }
}

extension Node {
    /// What is answered message by message, as fast as whoever asked takes it.
    /// - Parameter requests: of those who wait for an answer, that belong in this list.
    func list(_ source: Pages.Source, requests: [Contact]) -> AnswerList<MessageView> {
        let asking = requests.filter { $0.trust == .requested && !($0.request ?? "").isEmpty }
        let pages = Pages(source, requests: asking)
        let mailbox = self.mailbox
        return AnswerList { tell in mailbox.post(.page(pages, tell)) }
    }

    /// The next page of a list; what cannot be read is seen to when the round is over.
    func turn(_ pages: Pages, _ state: inout RunState) -> Result<[MessageView], DoorError> {
        do {
            return .success(
                try pages.next(from: self.store).map { entry in
                    switch entry {
                    case .message(let message): self.view(message, state.engine)
                    case .request(let contact): self.view(asking: contact, state.engine)
                    }
                })
        } catch {
            self.note(error, &state)
            self.log.error("\(Self.words(for: error))")
            return .failure(Self.explain(error))
        }
    }
}
