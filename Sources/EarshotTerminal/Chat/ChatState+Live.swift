/// Text that is shown while it is typed.
extension ChatState {
    /// - Parameters:
    ///   - on: whether they have it on.
    ///   - text: what they are writing.
    mutating func hear(live on: Bool, _ text: String) {
        if on != self.live.theirs {
            self.prompt.notice =
                switch (self.live.ours, on) {
                case (false, true): "\(self.with.peer.name) shows what they type while they type: /live does the same."
                case (true, true): "You see what the other types now, both of you. /live off ends it."
                case (true, false):
                    "\(self.with.peer.name) has switched it off: what you type is seen when you send it."
                case (false, false): nil
                }
        }
        self.writing.hear(live: on, text)
    }
}
