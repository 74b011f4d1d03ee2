import EarshotControl
import EarshotModel

/// What a node does by itself, for people.
package enum HookLines {
    package static func lines(_ hook: HookView, _ style: Style) -> [String] {
        let on = hook.on.map { "on \($0.joined(separator: ", ")): " } ?? ""
        var numbers = [hook.runs == 1 ? "once" : "\(hook.runs) times"]
        if hook.failures > 0 { numbers.append(hook.failures == 1 ? "1 failure" : "\(hook.failures) failures") }
        for (count, what) in [
            (hook.running, "running"), (hook.waiting, "waiting"), (hook.dropped, "dropped"),
            (hook.replies, "answers"), (hook.unsaid, "answers not sent"),
        ] {
            if let count, count > 0 { numbers.append("\(count) \(what)") }
        }
        if let last = hook.last { numbers.append("last: \(last)") }
        if let next = hook.next { numbers.append("next: \(next.rfc3339)") }
        let state = numbers.joined(separator: ", ")
        return [
            "\(style.bold(hook.name))  \(hook.sort.rawValue) \(on)\(SafeText.line(hook.does))",
            "    \(hook.failing > 0 ? style.red(state) : style.dim(state))",
        ]
    }
}
