import EarshotControl
import EarshotModel

/// How present people are, in words, and what they tell of themselves.
package struct PresenceLines: Sendable {
    private let style: Style
    private let zone: Zone

    package init(style: Style, zone: Zone) {
        self.style = style
        self.zone = zone
    }

    /// `here`, `busy`, `away since 10:31`, `not here` or `last here Tue 10:31`, with what they tell behind it.
    package func words(_ peer: PersonView) -> String { self.state(peer) + self.told(peer) }

    /// The same where it says more than whether they are here; empty else.
    package func note(_ peer: PersonView) -> String {
        switch peer.presence {
        case .busy, .away: self.words(peer)
        case .offline where peer.lastSeen != nil: self.words(peer)
        case .online, .offline, nil: peer.status.map { self.style.quoted($0) } ?? ""
        }
    }

    private func state(_ peer: PersonView) -> String {
        switch peer.presence ?? (peer.online ? .online : .offline) {
        case .online: "here"
        case .busy: "busy"
        case .away: "away" + (peer.idleSince.map { " since \(self.time($0))" } ?? "")
        case .offline: peer.lastSeen.map { "last here \(self.time($0))" } ?? "not here"
        }
    }

    private func told(_ peer: PersonView) -> String { peer.status.map { " \(self.style.quoted($0))" } ?? "" }

    private func time(_ time: Timestamp) -> String { self.zone.local(time).brief(today: self.zone.now.date) }

    /// A profile, a field a line.
    package func lines(_ profile: ProfileView) -> [String] {
        let fields: [(String, String?, Profile.Audience?)] = [
            ("full name", profile.fullName, profile.see?.fullName), ("role", profile.role, profile.see?.role),
            ("desk", profile.desk, profile.see?.desk), ("phone", profile.phone, profile.see?.phone),
            (
                "picture",
                profile.picture.map { $0.prefix(8) + (profile.pictureHere == true ? "" : " (not here yet)") },
                profile.see?.picture
            ),
        ]
        let alarm = self.style.alarmText(profile)
        let head = "\(profile.name ?? "?")  \(profile.person?.brief ?? "")\(alarm.isEmpty ? "" : "  \(alarm)")"
        return [head]
            + fields.compactMap { name, value, audience in
                guard value != nil || audience != nil else { return nil }
                let seen = audience.map { self.style.dim("  (\($0.rawValue))") } ?? ""
                return name + String(repeating: " ", count: 11 - name.count) + (value ?? "-") + seen
            }
    }
}
