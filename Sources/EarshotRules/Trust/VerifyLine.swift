import EarshotModel
import EarshotWire

/// A link over which keys are compared, as the machines that do it see it.
struct VerifyLine: Sendable {
    let link: LinkID
    let person: PersonID
    let ends: SessionEnds
    /// Whether we called.
    let isInitiator: Bool
    /// Whether we have accepted the person.
    let isContact: Bool
}
