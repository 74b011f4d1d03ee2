import EarshotControl
import EarshotRules
import EarshotWire

/// Everything as it happens.
extension Node {
    static let eventHandlers: [any AnyHandler] = [
        Handler(later: Methods.Subscribe.self) { _, asked, question, state, _ in
            // Nobody has seen what is yet to come. Events begin after the answer.
            let from = min(asked.since.map { UInt64(clamping: $0) } ?? state.cursor, state.cursor)
            question.reply(.success(CursorView(cursor: from)))
            state.subscribers.subscribe(question.caller, heard: from)
            return []
        },
        Handler(Methods.Unsubscribe.self) { _, _, state, asker in
            state.subscribers.unsubscribe(asker.caller)
            return (Done(), [])
        },
        Handler(looking: Methods.Discover.self) { _, _, _ in OpenRPC.document },
    ]
}
