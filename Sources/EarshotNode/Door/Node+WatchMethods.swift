import EarshotControl
import EarshotRules
import EarshotText
import EarshotWire

/// Watching what the node does.
extension Node {
    static let watchHandlers: [any AnyHandler] = [
        Handler(looking: Methods.ListHooks.self) { node, _, _ in node.configuration.hooks?.hooks ?? [] },
        Handler(looking: Methods.ReadMetrics.self) { node, _, state in try node.metrics(state) },
    ]

    /// What hooks did not do that they should have.
    func checkHooks() -> [CheckView] {
        (self.configuration.hooks?.hooks ?? []).map { hook in
            CheckView(
                "\(hook.sort.rawValue) \(hook.name)", ok: hook.failing == 0,
                .hook(runs: hook.runs, failing: hook.failing, last: hook.last))
        }
    }
}
