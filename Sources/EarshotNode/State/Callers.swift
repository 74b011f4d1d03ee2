import EarshotControl
import EarshotModel

/// What callers at the door have begun and what has not ended: when they go, it ends with them.
struct Callers {
    /// Somebody who waits for having joined somebody.
    struct Joining {
        let caller: CallerID
        let from: PersonID?
        let reply: Reply<PersonView>
    }

    var early: EarlyRequests
    var waiting = Waiters()
    /// A backup that is being made.
    var backup: BackupJob?
    private var joining: Joining?
    /// Who compares keys with whom, for as long as they are connected.
    private var comparing: [PersonID: CallerID] = [:]
    /// Who shows whom what they write while they write it.
    private var live: [PersonID: Set<CallerID>] = [:]

    init(early: EarlyRequests) { self.early = early }

    // MARK: keys

    mutating func compares(with person: PersonID, _ caller: CallerID) { self.comparing[person] = caller }
    mutating func comparingEnded(with person: PersonID) { self.comparing[person] = nil }
    mutating func comparingEnded() { self.comparing = [:] }

    mutating func joins(_ joining: Joining) { self.joining = joining }
    mutating func joined() -> Joining? {
        defer { self.joining = nil }
        return self.joining
    }

    /// - Returns: whether they were joining somebody, and with whom they compared keys.
    mutating func leaveKeys(_ caller: CallerID) -> (isJoining: Bool, persons: [PersonID]) {
        let isJoining = self.joining?.caller == caller
        if isJoining { self.joining = nil }
        let persons = self.comparing.filter { $0.value == caller }.keys.sorted()
        for person in persons { self.comparing[person] = nil }
        return (isJoining, persons)
    }

    // MARK: live text

    mutating func shows(_ person: PersonID, _ caller: CallerID) { self.live[person, default: []].insert(caller) }
    mutating func hides(_ person: PersonID) { self.live[person] = nil }

    /// - Returns: those to whom nobody shows any more what they write.
    mutating func leaveLive(_ caller: CallerID) -> [PersonID] {
        var left: [PersonID] = []
        for (person, callers) in self.live where callers.contains(caller) {
            let rest = callers.subtracting([caller])
            self.live[person] = rest.isEmpty ? nil : rest
            if rest.isEmpty { left.append(person) }
        }
        return left.sorted()
    }
}
