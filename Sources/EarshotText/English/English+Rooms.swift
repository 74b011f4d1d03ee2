extension Language {
    static func english(_ refusal: Refusal.Room) -> String {
        func of(_ owner: String?) -> String { owner.map { ", \($0)," } ?? "" }
        switch refusal {
        case .unknownID: return "There is no room of that id here."
        case .unknown(let room): return "There is no room \(room) here."
        case .invitesPeople(let room): return "Invitations go to people, and \(room) is a room. Say who of it is meant."
        case .invited(let room): return "You are invited to \(room), and not in it yet: `earshot room join '\(room)'`."
        case .removed(let room): return "You were taken out of \(room)."
        case .left(let room, isOpen: true):
            return "You are not in \(room), which is open: `earshot room join '\(room)'`."
        case .left(let room, isOpen: false): return "You are not in \(room) any more."
        case .notOwner(let room, let owner): return "Only the owner of \(room)\(of(owner)) may do that."
        case .ownerInvites(let room, let owner): return "Only the owner of \(room)\(of(owner)) adds people to it."
        case .full(let room): return "\(room) would be too full: a room has at most 128 members."
        case .youAreIn(let room): return "You are already in \(room)."
        case .isIn(let room, let name, let isInvited):
            return "\(name) is already \(isInvited ? "invited to" : "in") \(room)."
        case .isYours(let room): return "\(room) is yours already."
        case .isNotIn(let room, let name, isInvited: true): return "\(name) has not joined \(room) yet."
        case .isNotIn(let room, let name, isInvited: false): return "\(name) is not in \(room)."
        case .wasTaken(let room, let owner, let name):
            return "The owner of \(room)\(of(owner)) took \(name ?? "you") out of it, and only they can undo that."
        case .ownerLeaves(let room):
            return """
                \(room) is yours. While others are in it, give it to one of them first: \
                `earshot room transfer '\(room)' WHO`.
                """
        case .notWriter(let room): return "In \(room) only the owner and the writers they name may write."
        case .notTold(let room):
            return """
                What is in \(room) has not come from the others yet. Write again in a moment; if none of them is here, \
                when one of them is.
                """
        case .allWrite(let room): return "Everybody in \(room) may write."
        case .spent(let room, let owner):
            return """
                You have changed \(room) as often as one person may, or it is full of changes: others would not take \
                this. Its owner\(of(owner)) still may.
                """
        case .blankName: return "A room needs a name with visible characters."
        case .longName: return "A room's name has at most 128 bytes."
        case .longNameOrTopic: return "A room's name has at most 128 bytes, and a topic at most 1,024."
        case .manyCharacters: return "A room's name has at most 64 characters."
        case .nameInUse(let room, let id): return "You are in a room \(room) already (\(id)). Choose another name."
        case .noInvitation(let room): return "There is no invitation to \(room) to decline."
        case .lifetimeBelowZero: return "A lifetime is not below zero."
        case .lifetimeTooLong(let days): return "A lifetime is at most \(days) days."
        case .openFromJoin:
            return """
                An open room hides nothing: whoever wants to read comes in. Make it open, or let its history begin \
                where somebody joins.
                """
        case .pinElsewhere(let room): return "That message is not one of \(room)."
        case .isPinned: return "That message is pinned already."
        case .isNotPinned: return "That message is not pinned."
        }
    }
}
