import EarshotStore

/// How the node itself is: since when it runs, what it has done, and whether it goes on.
struct Life {
    /// Uptime in ms.
    let startedAt: UInt64
    var counts = Counts()
    var isStopping = false
    /// Why the node cannot go on.
    var failure: (any Error)?
    /// Something that was read was not what had been written.
    var damage: StoreError?
    /// How often the database was made anew since the start.
    var repairs = 0

    init(startedAt: UInt64) { self.startedAt = startedAt }
}
