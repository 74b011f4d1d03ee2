import EarshotModel
import NIOCore

/// What a node does by itself: hooks, ways in for programs, announcements. The node starts and ends it and knows no
/// more of it.
package protocol LocalHooks: Sendable {
    /// Hears what happens from now on.
    /// - Parameters:
    ///   - state: the folder of the node.
    ///   - loop: where the door tells its events.
    func start(door: any Door, state: String, loop: any EventLoop) async
    /// Ends whatever runs.
    func stop() async
    /// How each of them is.
    var hooks: [HookView] { get }
    /// Something that a program posts to be said.
    /// - Parameter reply: told once, on any thread.
    func take(_ post: HookPost, reply: @escaping @Sendable (Result<[SentView], HookRefusal>) -> Void)
}

/// What came to `/hook/NAME`.
package struct HookPost: Sendable {
    package let name: String
    /// The headers `X-Earshot-Timestamp` and `X-Earshot-Signature`.
    package let timestamp: String
    package let signature: String
    package let body: [UInt8]

    package init(name: String, timestamp: String, signature: String, body: [UInt8]) {
        self.name = name
        self.timestamp = timestamp
        self.signature = signature
        self.body = body
    }
}

/// Why a post was not said.
package enum HookRefusal: Error, Sendable, Hashable {
    /// No such name, or not signed as it must be: whoever may not know is not told which.
    case notSigned
    case badBody(String)
    /// Too many at once.
    case tooMany
    case refused(DoorError)
}
