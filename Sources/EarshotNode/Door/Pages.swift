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
        case search(String, in: ConversationID?, limit: Int)
    }

    /// Bytes of text after which a page ends.
    private static let pageText = 48 << 10
    /// What a message costs beside its text.
    private static let overhead = 600
    /// Messages whose ids are looked up at a time.
    private static let idsAtOnce = 256

    private let source: Source
    /// The ids that are left, the next one last; `nil` before the first page.
    private let left = NIOLockedValueBox<[EnvelopeID]?>(nil)

    init(_ source: Source) { self.source = source }

    /// The next messages; none once there are no more.
    func next(from store: Store) throws -> [Message] {
        var ids = try self.left.withLockedValue { $0 } ?? self.ids(from: store)
        var page: [Message] = []
        var bytes = 0
        while bytes < Self.pageText, let id = ids.popLast() {
            // One that has gone meanwhile is in nobody's history any more.
            guard let message = try store.message(id) else { continue }
            bytes += message.text.utf8.count + Self.overhead
            page.append(message)
        }
        self.left.withLockedValue { $0 = ids }
        return page
    }

    /// All ids, the first to be shown last.
    private func ids(from store: Store) throws -> [EnvelopeID] {
        switch self.source {
        case .search(let query, let conversation, let limit):
            return try store.search(query, in: conversation, limit: limit).reversed().map(\.id)
        case .history(let conversation, let since, var before, let limit):
            var ids: [EnvelopeID] = []
            while ids.count < limit {
                let count = min(Self.idsAtOnce, limit - ids.count)  // lint: there are fewer
                // Oldest first.
                let found = try store.history(conversation, since: since, before: before, limit: count).map(\.id)
                ids += found.reversed()
                before = found.first
                if found.count < count { break }
            }
            return ids
        }
    }
}

extension Node {
    /// What is answered message by message, as fast as whoever asked takes it.
    func list(_ source: Pages.Source) -> AnswerList<MessageView> {
        let pages = Pages(source)
        let mailbox = self.mailbox
        return AnswerList { tell in mailbox.post(.page(pages, tell)) }
    }

    /// The next page of a list; what cannot be read is seen to when the round is over.
    func turn(_ pages: Pages, _ state: inout RunState) -> Result<[MessageView], DoorError> {
        do { return .success(try pages.next(from: self.store).map { self.view($0, state.engine) }) } catch {
            self.note(error, &state)
            self.log.error("\(error)")
            return .failure(Self.explain(error))
        }
    }
}
