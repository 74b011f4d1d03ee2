/// A picture, by the hash of its bytes (Protocol.md 10, Profile).
package struct PictureID: Identifier {
    package let hash: Hash32
    package init(hash: Hash32) { self.hash = hash }
}

/// What a person tells of themselves besides their name. Nobody vouches for any of it.
package struct Profile: Sendable, Hashable {
    /// Bytes of a picture.
    package static let pictureBytes = 65_536

    package enum Field: String, Sendable, Hashable, CaseIterable {
        case fullName, role, desk, phone, picture
    }

    /// Who may see a field.
    package enum Audience: String, Sendable, Hashable, CaseIterable {
        case everyone, contacts, nobody
    }

    package struct Picture: Sendable, Hashable {
        package let id: PictureID
        /// Bytes, 1 to `pictureBytes`.
        package let size: Int

        package init(_ id: PictureID, size: Int) {
            self.id = id
            self.size = size
        }
    }

    package var fullName = ""
    package var role = ""
    package var desk = ""
    package var phone = ""
    package var picture: Picture?

    package init() {}

    package var isEmpty: Bool { self == Profile() }

    /// Fit for a screen.
    package var cleaned: Profile {
        var clean = self
        clean.fullName = SafeText.name(self.fullName)
        clean.role = SafeText.name(self.role)
        clean.desk = SafeText.name(self.desk)
        clean.phone = SafeText.name(self.phone)
        return clean
    }

    /// What somebody may see of it.
    package func seen(asContact isContact: Bool, _ audiences: [Field: Audience]) -> Profile {
        var seen = self
        for field in Field.allCases {
            switch audiences[field] ?? .contacts {
            case .everyone: continue
            case .contacts where isContact: continue
            case .contacts, .nobody: seen.clear(field)
            }
        }
        return seen
    }

    private mutating func clear(_ field: Field) {
        switch field {
        case .fullName: self.fullName = ""
        case .role: self.role = ""
        case .desk: self.desk = ""
        case .phone: self.phone = ""
        case .picture: self.picture = nil
        }
    }

    /// What sort of picture these bytes begin like; `nil` for what is no picture that is taken.
    package static func pictureType(_ bytes: some Collection<UInt8>) -> String? {
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return "image/png" }
        return bytes.starts(with: [0xFF, 0xD8, 0xFF]) ? "image/jpeg" : nil
    }
}
