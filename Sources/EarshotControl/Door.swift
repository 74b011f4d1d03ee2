/// The one way in: what the node offers to every face of it.
package protocol Door: Sendable {
    /// Asks for something. Requests of one caller are done in the order they were asked; `reply` is called once, on any thread.
    func ask(_ request: Request, from caller: CallerID, reply: @escaping @Sendable (Result<JSON, DoorError>) -> Void)
    /// A caller who may subscribe. `news` is told events, on any thread; false says that it could not take one, and it will be
    /// told everything again from there once `resume` is called.
    func enter(news: @escaping @Sendable (JSON) -> Bool) -> CallerID
    func resume(_ caller: CallerID)
    func leave(_ caller: CallerID)
}

/// Someone at the door.
package struct CallerID: Hashable, Sendable {
    package let raw: UInt64
    package init(raw: UInt64) { self.raw = raw }
}
