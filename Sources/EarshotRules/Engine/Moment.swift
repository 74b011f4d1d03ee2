import EarshotModel

/// What time it is, twice: by the wall, which may jump, and since the machine started, which never goes back.
package struct Moment: Hashable, Sendable {
    package let wall: Timestamp
    /// Milliseconds, sleeping included.
    package let uptime: UInt64

    package init(wall: Timestamp, uptime: UInt64) {
        self.wall = wall
        self.uptime = uptime
    }
}
