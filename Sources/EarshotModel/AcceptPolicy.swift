/// Whether strangers on this network are accepted without asking.
package enum AcceptPolicy: String, Sendable, CaseIterable {
    case ask
    case lan
}
