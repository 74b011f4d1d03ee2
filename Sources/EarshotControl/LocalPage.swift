import NIOCore

/// The page that a node serves to browsers of its own machine. The node starts and ends it and knows no more of it.
package protocol LocalPage: Sendable {
    /// Serves from now on. Where that is not possible `place` says why, and the node goes on without.
    /// - Parameters:
    ///   - state: the folder of the node.
    ///   - loop: where the door tells its events.
    ///   - drop: removes a folder of what browsers brought, unless something that is offered needs it.
    func start(
        door: any Door, state: String, loop: any EventLoop, drop: @escaping @Sendable (String) -> Void
    ) async
    func stop() async
    /// What lies at a path is offered now. What browsers brought is the node's to remove from then on.
    func offered(_ path: String)
    /// A new link that opens the page, once.
    func link() -> Result<PageLinkView, DoorError>
    var place: PageView { get }
}
