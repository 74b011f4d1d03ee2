/// What an envelope of kind 5 says: files that may be had (Protocol.md 13). All of it is a claim.
package struct FileOffer: Hashable, Sendable, Codable {
    /// 32 random bytes, the same in every offer of the same files.
    package let key: [UInt8]
    /// Of several things the first; as its author calls it.
    package let name: String
    package let isFolder: Bool
    /// How many things lie at the top.
    package let tops: UInt32
    package let files: UInt64
    /// Bytes of all files.
    package let size: UInt64
    /// Nobody knows yet how much it will be.
    package let isOpen: Bool
    /// `image/png`, or empty.
    package let type: String
    /// A small picture, JPEG or PNG, or empty.
    package let picture: [UInt8]
    /// Of sound, ms; 0 for what has none.
    package let duration: UInt64

    package init(
        key: [UInt8], name: String, isFolder: Bool = false, tops: UInt32 = 1, files: UInt64, size: UInt64,
        isOpen: Bool = false, type: String = "",
        picture: [UInt8] = [], duration: UInt64 = 0
    ) {
        self.key = key
        self.name = name
        self.isFolder = isFolder
        self.tops = tops
        self.files = files
        self.size = size
        self.isOpen = isOpen
        self.type = type
        self.picture = picture
        self.duration = duration
    }
}
