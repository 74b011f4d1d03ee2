/// How far comparing keys with somebody is.
package enum VerificationState: String, Sendable, Hashable, CaseIterable {
    /// They would like to, and we have not begun.
    case asked
    /// We would like to, and they have not begun.
    case waiting
    /// Both would, and the nodes draw what is shown.
    case exchanging
    /// Both screens show the same, or somebody is in the middle.
    case comparing
    /// Both said that it is the same.
    case verified
    /// One of the two said that it is not.
    case noMatch
    case withdrawn
    case stopped
    case sessionEnded
    case tooLate
    case broken

    /// Nothing more comes of it.
    package var isOver: Bool {
        switch self {
        case .asked, .waiting, .exchanging, .comparing: false
        case .verified, .noMatch, .withdrawn, .stopped, .sessionEnded, .tooLate, .broken: true
        }
    }
}
