/// Why a message of ours still waits; the `reason` beside it says the same in words.
package enum WaitReason: String, Keyword {
    /// They are being looked for on the network.
    case looking
    /// They are not here.
    case presence
    /// They have not agreed to talk to us.
    case acceptance
    /// It is on its way: they have only not said yet that it came.
    case acknowledgement
}

extension SentView {
    /// Why it waits, in words, where that takes more than a moment.
    package var holdUp: String? { self.waitsFor == .acknowledgement ? nil : self.reason }
}

extension MessageView {
    /// Why it waits, in words, where that takes more than a moment.
    package var holdUp: String? { self.waitsFor == .acknowledgement ? nil : self.reason }
}
