import EarshotModel

/// Whose files are taken without asking, and which. A stranger's never are.
package struct AcceptanceRule: Hashable, Sendable, Codable {
    /// A person's id as text; nothing means everybody one talks to.
    package var from: String?
    /// Only persons whose key was compared.
    package var verified: Bool
    /// Bytes of one offer.
    package var most: UInt64?
    /// Endings as `pdf`, or types as `image/png` and `image/*`; empty is everything but programs.
    package var types: [String]
    /// Where it goes, absolute; nothing is the usual folder.
    package var folder: String?
    /// Bytes in 24 hours, of everything that was taken.
    package var quota: UInt64?

    package init(from: String? = nil, verified: Bool = false, most: UInt64? = nil, types: [String] = [], folder: String? = nil, quota: UInt64? = nil) {
        self.from = from
        self.verified = verified
        self.most = most
        self.types = types
        self.folder = folder
        self.quota = quota
    }

    /// Whether it says yes.
    /// - Parameter received: bytes that were taken in the last 24 hours.
    package func takes(_ offer: FileOffer, from contact: Contact, received: UInt64) -> Bool {
        guard contact.trust == .accepted || contact.trust == .verified, self.from.map({ $0 == contact.person.description }) ?? true, !self.verified || contact.trust == .verified else { return false }
        if offer.isOpen, self.most != nil || self.quota != nil { return false }
        if let most = self.most, offer.size > most { return false }
        if let quota = self.quota, received.addingReportingOverflow(offer.size).overflow || received + offer.size > quota { return false }
        let name = SafeName(offer.name)
        guard !self.types.isEmpty else { return name.suspicion == nil }
        // What is in a folder nobody has said yet.
        guard !offer.isFolder, offer.tops == 1 else { return false }
        let ending = name.text.lastIndex(of: ".").map { name.text[name.text.index(after: $0)...].lowercased() } ?? ""
        // The ending decides what opens it, not what its sender says it is.
        let type = MediaType.of(name.text)
        let isNamed = self.types.contains { $0.lowercased() == ending }
        return isNamed || name.suspicion == nil && self.types.contains { Self.covers($0.lowercased(), type) }
    }

    private static func covers(_ wanted: String, _ type: String) -> Bool {
        wanted.hasSuffix("/*") ? !type.isEmpty && type.hasPrefix(wanted.dropLast()) : wanted == type
    }
}
