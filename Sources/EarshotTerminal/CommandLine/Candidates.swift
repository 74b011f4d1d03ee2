import EarshotControl
import EarshotModel

/// Answers of the door as words to complete.
package enum Candidates {
    /// Both lists as one, each person once.
    package static func each(_ peers: [PersonView], _ contacts: [PersonView]) -> [PersonView] {
        var seen: Set<PersonID> = []
        return (peers + contacts).filter { seen.insert($0.person).inserted }
    }

    /// Names where they mean one person; ids where they do not, and where an id is being typed.
    package static func people(
        _ peers: [PersonView], _ contacts: [PersonView], _ which: Completion.People, _ typed: String
    ) -> [Completion.Candidate] {
        let all = self.each(peers, contacts)
        let asking = all.filter { $0.trust == .requested }
        let chosen =
            switch which {
            case .all: all
            case .asking: asking.isEmpty ? all.filter { $0.trust != .accepted && $0.trust != .verified } : asking
            case .blocked: all.filter { $0.trust == .blocked }
            }
        let names = Dictionary(grouping: all) { $0.name.lowercased() }
        return chosen.flatMap { one -> [Completion.Candidate] in
            let (name, id) = (one.name, one.person.brief)
            let isClear =
                !name.isEmpty && !name.hasPrefix("-") && names[name.lowercased()]?.count == 1 && one.looksLike == nil
            if !isClear { return [Completion.Candidate(id, name)] }
            let byName = Completion.Candidate(name, "\(id), \(one.online ? "here" : "not here")")
            return typed.count >= 4 ? [byName, self.longEnough(one.person, typed, name)] : [byName]
        }
    }

    /// Names where they mean one room, else ids; with the sign where people may stand too.
    package static func rooms(_ rooms: [RoomView], isToJoin: Bool, hasSign: Bool, _ typed: String)
        -> [Completion.Candidate]
    {
        let chosen = rooms.filter { room in
            isToJoin ? room.standing == .invited || room.standing == .open : room.standing != .open
        }
        let names = Dictionary(grouping: rooms) { $0.name.lowercased() }
        let sign = !hasSign ? "" : typed.lowercased().hasPrefix("room:") ? "room:" : "#"
        return chosen.map { room in
            let isClear = names[room.name.lowercased()]?.count == 1
            let count = "\(room.memberCount) \(room.memberCount == 1 ? "member" : "members")"
            return .init(sign + (isClear ? room.name : room.id.brief), isClear ? count : "\(room.name), \(count)")
        }
    }

    package static func messages(
        _ messages: [MessageView], isOurs: Bool, _ typed: String
    ) -> [Completion.Candidate] {
        messages.filter { $0.deleted != true && $0.state != .requested && (!isOurs || $0.mine) }.sorted {
            $0.at > $1.at
        }.map { message in
            let words = message.file?.name ?? message.text
            let note = "\(message.otherName): \(SafeText.name(String(words.prefix(60))))"
            return self.longEnough(message.id, typed, note)
        }
    }

    package static func transfers(
        _ transfers: [TransferView], areOffers: Bool, _ typed: String
    ) -> [Completion.Candidate] {
        transfers.filter { !areOffers || $0.isOfferToUs }.map { one in
            self.longEnough(one.id, typed, "\(one.peer): \(one.name), \(one.state.rawValue)")
        }
    }

    /// Eight letters of an id, or all of them for somebody who types more.
    private static func longEnough(_ id: some Identifier, _ typed: String, _ note: String) -> Completion.Candidate {
        .init(typed.count > 8 ? id.description : id.brief, note)
    }
}
