import EarshotControl
import EarshotRules
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
            let failures = hook.failing == 1 ? "1 failure" : "\(hook.failing) failures in a row"
            let fine = hook.runs == 0 ? "nothing to do yet" : "\(hook.runs) times, last: \(hook.last ?? "done")"
            return CheckView(
                check: "\(hook.sort.rawValue) \(hook.name)", ok: hook.failing == 0,
                detail: hook.failing == 0 ? fine : "\(failures); last: \(hook.last ?? "unknown")",
                remedy: "The log of earshotd has what it wrote. `earshot hooks` shows all of them.")
        }
    }
}
