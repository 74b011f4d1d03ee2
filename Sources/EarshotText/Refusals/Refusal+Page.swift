extension Refusal {
    /// About what a browser asks, before or beside the door.
    package enum Page: Hashable, Sendable {
        case nothingHere, noName, noFile, noFileAnyMore, notFile, noPicture, noStream, noUpload, noUploadAnyMore
        case notHTTP, noToken, wrongOrder, badPlace, nothingExpected
        case wrongHost(port: UInt16)
        case wrongOrigin
        case notEntered, expiredLink, wrongKey
        /// - Parameter method: that of HTTP by which it is asked for.
        case wrongMethod(String)
        case wrongType(String)
        case tooLong, noLength, badLength
        case notPath, badName
        case cannotBeCalled(String)
        case isThere(String), isFileThere(String)
        /// - Parameter size: bytes.
        case badRange(size: UInt64)
        case diskFull
        /// - Parameter detail: what the system says; `what` is a file, or `nil` for the one that comes.
        case unwritable(String?, detail: String)
        case full(String, detail: String)
        case manyFiles, manyPosts
        /// - Parameter most: bytes that may wait to be offered.
        case manyUploads(most: UInt64)
        case noMetrics, notSigned
        case closing
    }
}
