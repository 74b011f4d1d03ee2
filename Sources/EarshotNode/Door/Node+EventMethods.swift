import EarshotControl
import EarshotRules
import EarshotWire

/// Everything as it happens.
extension Node {
    static let eventHandlers: [any AnyHandler] = [
        Handler(later: Methods.Subscribe.self) { _, asked, question, state, _ in
            // Nobody has seen what is yet to come. Events begin after the answer.
            let since = asked.place ?? asked.since.map { EventPlace(UInt64(clamping: $0)) }
            let from =
                since.flatMap { $0.commit <= state.subscribers.cursor ? $0 : nil }
                ?? EventPlace(state.subscribers.cursor)
            question.reply(.success(CursorView(cursor: from.commit)))
            state.subscribers.subscribe(question.caller, at: from)
            return []
        },
        Handler(Methods.Unsubscribe.self) { _, _, state, asker in
            state.subscribers.unsubscribe(asker.caller)
            return (Done(), [])
        },
        Handler(looking: Methods.Discover.self) { _, _, _ in OpenRPC.document },
    ]
}
