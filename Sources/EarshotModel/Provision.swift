/// Somebody whom a file of this machine names, so that nobody has to accept them by hand.
package struct Provision: Hashable, Sendable {
    /// How the file says whose key it is.
    package enum Key: Hashable, Sendable {
        case id(PersonID)
        case fingerprint(Fingerprint)
    }

    /// Which files of theirs are taken without asking.
    package struct Files: Hashable, Sendable {
        /// Bytes of one offer; `nil` is any size.
        package let most: UInt64?
        /// Absolute; `nil` is the usual folder.
        package let folder: String?

        package init(most: UInt64? = nil, folder: String? = nil) {
            self.most = most
            self.folder = folder
        }
    }

    /// What we call them.
    package let name: String
    package let key: Key
    /// The file has their key from themselves, so it counts as compared.
    package let isVerified: Bool
    package let files: Files?
    /// The names of rooms to which they are invited, without `#`.
    package let rooms: [String]
    /// Into whatever room they invite us we go without asking.
    package let mayInvite: Bool
    /// Where it stands: `/etc/earshot/people.toml:12`.
    package let place: String

    package init(
        name: String, key: Key, isVerified: Bool = true, files: Files? = nil, rooms: [String] = [],
        mayInvite: Bool = false, place: String
    ) {
        self.name = name
        self.key = key
        self.isVerified = isVerified
        self.files = files
        self.rooms = rooms
        self.mayInvite = mayInvite
        self.place = place
    }
}

/// A room that a file of this machine wants to be there: it is made where we are in none of that name.
package struct ProvisionedRoom: Hashable, Sendable {
    /// Without `#`.
    package let name: String
    package let isOpen: Bool
    package let isAnnouncement: Bool
    package let startsAtJoin: Bool
    package let ownerInvites: Bool
    /// Where it stands: `/etc/earshot/people.toml:12`.
    package let place: String

    package init(
        name: String, isOpen: Bool = false, isAnnouncement: Bool = false, startsAtJoin: Bool = false,
        ownerInvites: Bool = false, place: String
    ) {
        self.name = name
        self.isOpen = isOpen
        self.isAnnouncement = isAnnouncement
        self.startsAtJoin = startsAtJoin
        self.ownerInvites = ownerInvites
        self.place = place
    }
}
