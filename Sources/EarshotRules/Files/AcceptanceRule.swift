import EarshotModel
import EarshotWire

/// Whose files are taken without asking, and which. A stranger's never are. A rule judges everything that would come,
/// not the first of it.
package struct AcceptanceRule: Hashable, Sendable, Codable {
    /// A person's id as text; `nil` means everybody one talks to.
    package var from: String?
    /// A room's id as text: only what is offered there.
    package var room: String?
    /// Only persons whose key was compared.
    package var verified: Bool
    /// Bytes of one offer.
    package var most: UInt64?
    /// Endings as `pdf`, or types as `image/png` and `image/*`; empty is everything but programs.
    package var types: [String]
    /// Where it goes, absolute; `nil` is the usual folder.
    package var folder: String?
    /// Bytes in 24 hours, of everything that was agreed to, whether it has come or is still to come.
    package var quota: UInt64?

    package init(
        from: String? = nil, room: String? = nil, verified: Bool = false, most: UInt64? = nil, types: [String] = [],
        folder: String? = nil, quota: UInt64? = nil
    ) {
        self.from = from
        self.room = room
        self.verified = verified
        self.most = most
        self.types = types
        self.folder = folder
        self.quota = quota
    }

    /// Whether it says yes.
    /// - Parameter contents: what the listing holds; without it a rule says yes to single files alone.
    /// - Parameter conversation: where it was offered.
    /// - Parameter agreed: bytes that were agreed to in the last 24 hours.
    package func takes(
        _ offer: FileOffer, _ contents: Contents?, from contact: Contact, in conversation: ConversationID,
        agreed: UInt64
    ) -> Bool {
        // Not where two device lists claim to be theirs.
        guard contact.trust == .accepted || contact.trust == .verified,
            self.from.map({ $0 == contact.person.description }) ?? true, !self.verified || contact.trust == .verified
        else { return false }
        if let room = self.room { guard RoomID(text: room).map(Derive.talk) == conversation else { return false } }
        // Nobody knows where it ends.
        if offer.isOpen, self.most != nil || self.quota != nil { return false }
        if let most = self.most, offer.size > most { return false }
        if let quota = self.quota {
            let (sum, isOver) = agreed.addingReportingOverflow(offer.size)
            guard !isOver, sum <= quota else { return false }
        }
        guard let contents else {
            guard offer.saysAll else { return false }
            let name = SafeName(offer.name)
            return self.types.isEmpty
                ? name.suspicion == nil : self.covers(name.ending, isProgram: name.suspicion != nil)
        }
        guard !self.types.isEmpty else { return contents.suspicion == nil }
        // The ending decides what opens a file, not what its sender says it is.
        return contents.endings?.allSatisfy { self.covers($0, isProgram: SafeName("x." + $0).suspicion != nil) }
            ?? false
    }

    /// Whether files of this ending are among the types; a program only where its ending is named.
    private func covers(_ ending: String, isProgram: Bool) -> Bool {
        let types = self.types.map { $0.lowercased() }
        if types.contains(where: { ($0.hasPrefix(".") ? String($0.dropFirst()) : $0) == ending && !ending.isEmpty }) {
            return true
        }
        let type = MediaType.of("x." + ending)
        return !isProgram && !type.isEmpty
            && types.contains { $0.hasSuffix("/*") ? type.hasPrefix($0.dropLast()) : $0 == type }
    }
}
