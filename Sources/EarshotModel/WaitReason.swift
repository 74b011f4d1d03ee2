/// Why a message of ours still waits.
package enum WaitReason: String, Sendable, Hashable, CaseIterable {
    /// They are being looked for on the network.
    case looking
    /// They are not here.
    case presence
    /// They have not agreed to talk to us.
    case acceptance
    /// It is on its way: they have only not said yet that it came.
    case acknowledgement
}
