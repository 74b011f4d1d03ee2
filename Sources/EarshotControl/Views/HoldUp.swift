import EarshotModel

extension SentView {
    /// Why it waits, in words, where that takes more than a moment.
    package var holdUp: String? { self.waitsFor == .acknowledgement ? nil : self.reason }
}

extension MessageView {
    /// Why it waits, in words, where that takes more than a moment.
    package var holdUp: String? { self.waitsFor == .acknowledgement ? nil : self.reason }
}
