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
    /// Where it stands: `/etc/earshot/people.toml:12`.
    package let place: String

    package init(name: String, key: Key, isVerified: Bool = true, files: Files? = nil, place: String) {
        self.name = name
        self.key = key
        self.isVerified = isVerified
        self.files = files
        self.place = place
    }
}
