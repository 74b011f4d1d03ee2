/// Watching what a node does.
extension Methods {
    package static let watching: [any Method.Type] = [ListHooks.self, ReadMetrics.self]

    /// What the node does by itself.
    package struct ListHooks: Method {
        package typealias Answer = [HookView]
        package static let name = "hooks"
        package static let summary = "Hooks, ways in for programs and announcements, and how each goes."

        package init() {}
    }

    /// How the node is, in numbers.
    package struct ReadMetrics: Method {
        package typealias Answer = [MetricView]
        package static let name = "metrics"
        package static let summary = "How the node is, in numbers; nobody is named."

        package init() {}
    }
}
