#if DEBUG
    extension Engine {
        /// How many links, conversations and nodes were looked at.
        var looks: Int { self.links.looks + self.conversations.looks + self.whereabouts.dialer.looks }
    }
#endif
