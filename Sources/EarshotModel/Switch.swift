/// Whether something is on, as a setting says it.
package enum Switch: String, CaseIterable, Sendable {
    case off, on
}
