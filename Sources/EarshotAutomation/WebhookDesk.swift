import EarshotConfig
import EarshotControl
import EarshotModel
import Logging
import NIOConcurrencyHelpers

/// Takes what programs post, and has it said.
final class WebhookDesk: Sendable {
    private struct State {
        var webhooks: [Webhook] = []
        var gate: WebhookGate
        var tallies: [String: Tally] = [:]
        /// Of whom the log says already that they sign wrongly.
        var warned: Set<String> = []
    }

    private let door: any Door
    private let caller: CallerID
    private let log: Logger
    private let state: NIOLockedValueBox<State>

    init(door: any Door, caller: CallerID, log: Logger) {
        self.door = door
        self.caller = caller
        self.log = log
        self.state = NIOLockedValueBox(State(gate: WebhookGate(startedAt: HookClock.wall / 1_000)))
    }

    func use(_ webhooks: [Webhook]) { self.state.withLockedValue { $0.webhooks = webhooks } }

    var views: [HookView] {
        self.state.withLockedValue { state in
            state.webhooks.map { webhook in
                let tally = state.tallies[webhook.name] ?? Tally()
                return HookView(webhook.name, .webhook, does: "/hook/\(webhook.name) to \(webhook.to)", tally)
            }
        }
    }

    func take(_ post: HookPost, _ reply: @escaping @Sendable (Result<[SentView], HookRefusal>) -> Void) {
        let now = HookClock.wall
        let (webhook, verdict) = self.state.withLockedValue { state -> (Webhook?, WebhookGate.Verdict) in
            // A name that nobody has is judged as well, and answered no sooner.
            let webhook = state.webhooks.first { $0.name == post.name }
            let secret = webhook?.secret ?? WebTarget.Secret("")
            let verdict = state.gate.judge(post, secret: secret, now: now / 1_000)
            guard webhook != nil else { return (nil, .refused(.signature)) }
            if case .refused(let reason) = verdict {
                state.tallies[post.name, default: Tally()].bad(reason.text, at: now, isOurs: false)
            }
            return (webhook, verdict)
        }
        guard let webhook else { return reply(.failure(.notSigned)) }
        if case .refused(let reason) = verdict {
            let isNews = self.state.withLockedValue { $0.warned.insert(webhook.name).inserted }
            if isNews { self.log.warning("webhook \(webhook.name): a post was refused: \(reason.text)") }
            return reply(.failure(reason == .tooMany ? .tooMany : .notSigned))
        }
        self.state.withLockedValue { _ = $0.warned.remove(webhook.name) }
        guard let text = JSON(text: post.body)?["text"]?.string, !text.isEmpty else {
            self.state.withLockedValue {
                $0.tallies[webhook.name, default: Tally()].bad("no text in it", at: now, isOurs: false)
            }
            return reply(.failure(.badBody(#"The body is JSON: {"text": "…"}."#)))
        }
        self.say(text, webhook, reply)
    }

    private func say(
        _ text: String, _ webhook: Webhook, _ reply: @escaping @Sendable (Result<[SentView], HookRefusal>) -> Void
    ) {
        self.door.ask(Methods.Send(to: [webhook.to], text: text), from: self.caller) { result in
            let now = HookClock.wall
            self.state.withLockedValue { state in
                switch result {
                case .success: state.tallies[webhook.name, default: Tally()].good(at: now)
                case .failure(let error): state.tallies[webhook.name, default: Tally()].bad(error.message, at: now)
                }
            }
            if case .failure(let error) = result {
                self.log.warning("webhook \(webhook.name): it was not said: \(error.message)")
            }
            reply(result.mapError { .refused($0) })
        }
    }
}

extension HookView {
    init(_ name: String, _ sort: Sort, does: String, _ tally: Tally) {
        self.init(name, sort, does: does, runs: tally.runs, failures: tally.failures, failing: tally.failing)
        self.last = tally.last
        self.lastAt = tally.lastAt.map { Timestamp(milliseconds: $0) }
    }
}
