/// Watching what a node does.
extension Methods {
    package static let watching: [any Method.Type] = [ListHooks.self]

    /// What the node does by itself.
    package struct ListHooks: Method {
        package typealias Answer = [HookView]
        package static let name = "hooks"
        package static let summary = "Hooks, ways in for programs and announcements, and how each goes."

        package init() {}
    }
}
