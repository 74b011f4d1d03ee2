import EarshotControl
import EarshotModel

/// Answers of the door as words to complete.
package enum Candidates {
    /// Both lists as one, each person once.
    package static func each(_ peers: [JSON], _ contacts: [JSON]) -> [JSON] {
        var seen: Set<String> = []
        return (peers + contacts).filter { seen.insert($0["person"]?.string ?? "").inserted }
    }

    /// Names where they mean one person; ids where they do not, and where an id is being typed.
    package static func people(
        _ peers: [JSON], _ contacts: [JSON], _ which: Completion.People, _ typed: String
    ) -> [Completion.Candidate] {
        let all = self.each(peers, contacts)
        let asking = all.filter { $0["trust"]?.string == "requested" }
        let chosen =
            switch which {
            case .all: all
            case .asking:
                asking.isEmpty ? all.filter { !["accepted", "verified"].contains($0["trust"]?.string) } : asking
            case .blocked: all.filter { $0["trust"]?.string == "blocked" }
            }
        let names = Dictionary(grouping: all) { ($0["name"]?.string ?? "").lowercased() }
        return chosen.flatMap { person -> [Completion.Candidate] in
            let (name, id) = (person["name"]?.string ?? "", String((person["person"]?.string ?? "").prefix(8)))
            let state = person["online"]?.bool ?? false ? "here" : "not here"
            let isClear =
                !name.isEmpty && !name.hasPrefix("-") && names[name.lowercased()]?.count == 1
                && person["looksLike"] == nil
            let byID = Completion.Candidate(id, name)
            if !isClear { return [byID] }
            let byName = Completion.Candidate(name, "\(id), \(state)")
            return typed.count >= 4 ? [byName, self.longEnough(person["person"]?.string ?? "", typed, name)] : [byName]
        }
    }

    package static func messages(_ messages: [JSON], isOurs: Bool, _ typed: String) -> [Completion.Candidate] {
        messages.filter { !($0["deleted"]?.bool ?? false) && (!isOurs || $0["mine"]?.bool ?? false) }
            .sorted { ($0["at"]?.string ?? "") > ($1["at"]?.string ?? "") }
            .map { message in
                let name = message[message["mine"]?.bool ?? false ? "toName" : "fromName"]?.string ?? "?"
                let words = message["file"]?["name"]?.string ?? message["text"]?.string ?? ""
                return self.longEnough(
                    message["id"]?.string ?? "", typed, "\(name): \(SafeText.name(String(words.prefix(60))))")
            }
    }

    package static func transfers(_ transfers: [JSON], areOffers: Bool, _ typed: String) -> [Completion.Candidate] {
        transfers.filter { !areOffers || ($0["direction"]?.string == "in" && $0["state"]?.string == "offered") }
            .map { transfer in
                let note =
                    "\(transfer["peer"]?.string ?? "?"): \(transfer["name"]?.string ?? ""), \(transfer["state"]?.string ?? "")"
                return self.longEnough(transfer["id"]?.string ?? "", typed, note)
            }
    }

    /// Eight letters of an id, or all of them for somebody who types more.
    private static func longEnough(_ id: String, _ typed: String, _ note: String) -> Completion.Candidate {
        .init(typed.count > 8 ? id : String(id.prefix(8)), note)
    }
}
