/// Why the page is not served as it was to be.
package enum PageProblem: Hashable, Sendable {
    case notStarted, isOff, isEnding
    /// It has another port until the next start.
    case portTaken(UInt16)
    /// - Parameter detail: what the system says.
    case noPort(detail: String)
}
