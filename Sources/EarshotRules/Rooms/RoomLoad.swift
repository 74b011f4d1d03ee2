import EarshotModel
import EarshotWire

/// How many operations of a room were taken and how many bytes their payloads have, in all and of each person: whoever
/// floods a room fills no memory, and does not fill it for the others (Protocol.md 17).
struct RoomLoad: Sendable {
    /// How many more are taken of somebody, and of how many bytes: one at least where there are any.
    struct Space: Sendable {
        fileprivate(set) var count: Int
        fileprivate(set) var bytes: Int

        /// Takes up room for one more, if there is any.
        mutating func take(_ bytes: Int) -> Bool {
            guard self.count > 0, self.bytes > 0 else { return false }
            (self.count, self.bytes) = (self.count - 1, self.bytes - bytes)
            return true
        }
    }

    private var all = Space(count: Limits.roomOperations, bytes: Limits.roomBytes)
    private var each: [PersonID: Space] = [:]

    mutating func add(bytes: Int, by author: PersonID) {
        self.all.count -= 1
        self.all.bytes -= bytes
        var own = self.own(author)
        own.count -= 1
        own.bytes -= bytes
        self.each[author] = own
    }

    /// - Parameter author: nobody where it is not known who wrote.
    func space(for author: PersonID?) -> Space {
        guard let own = author.map({ self.own($0) }) else { return self.all }
        return Space(count: min(self.all.count, own.count), bytes: min(self.all.bytes, own.bytes))
    }

    private func own(_ author: PersonID) -> Space {
        self.each[author] ?? Space(count: Limits.roomOperationsEach, bytes: Limits.roomBytesEach)
    }
}
