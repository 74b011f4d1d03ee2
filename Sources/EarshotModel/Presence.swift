/// How present somebody is; the most present first.
package enum Presence: String, Sendable, Hashable, CaseIterable, Comparable {
    case online
    /// Here, and not to be disturbed.
    case busy
    /// Their machine is, and they are not, or say so.
    case away
    /// Wants to be taken for somebody who is not here.
    case invisible

    package static func < (left: Presence, right: Presence) -> Bool { left.rank < right.rank }

    /// 0 is the most present.
    private var rank: Int {
        switch self {
        case .online: 0
        case .busy: 1
        case .away: 2
        case .invisible: 3
        }
    }
}

/// Who is told when one was here, and since when one has done nothing.
package enum SeenPolicy: String, Sendable, CaseIterable {
    case contacts, verified, nobody
}
