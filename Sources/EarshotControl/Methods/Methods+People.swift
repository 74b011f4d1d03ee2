/// Who there is, and whom one talks to.
extension Methods {
    package static let people: [any Method.Type] = [
        Peers.self, Contacts.self, Resolve.self, Accept.self, Block.self, Unblock.self, Rename.self,
        AddPeer.self, RemovePeer.self, ListPeers.self,
    ]

    /// Everybody who is here or known.
    package struct Peers: Method {
        package typealias Answer = [PersonView]
        package static let name = "peers"
        package static let summary = "Everybody who is here or known."
        package static let mayAnswerMuch = true

        package init() {}
    }

    /// Everybody one knows, with what waits.
    package struct Contacts: Method {
        package typealias Answer = [PersonView]
        package static let name = "contacts"
        package static let summary = "Everybody one knows, with what waits."
        package static let mayAnswerMuch = true

        package init() {}
    }

    /// Whom or which room a word means.
    package struct Resolve: Method {
        package typealias Answer = RecipientView
        package static let name = "resolve"
        package static let summary = "Whom or which room a word means."

        /// Whom, by a name or an id.
        package let who: String
        package var people: [String] { [self.who] }

        package init(_ who: String) {
            self.who = who
        }
    }

    /// Agrees to talk with somebody.
    package struct Accept: Method {
        package typealias Answer = PersonView
        package static let name = "accept"
        package static let summary = "Agrees to talk with somebody."

        /// Whom, by a name or an id.
        package let who: String
        package var people: [String] { [self.who] }

        package init(_ who: String) {
            self.who = who
        }
    }

    /// Takes nothing more from somebody.
    package struct Block: Method {
        package typealias Answer = PersonView
        package static let name = "block"
        package static let summary = "Takes nothing more from somebody."

        /// Whom, by a name or an id.
        package let who: String
        package var people: [String] { [self.who] }

        package init(_ who: String) {
            self.who = who
        }
    }

    /// Takes back a block.
    package struct Unblock: Method {
        package typealias Answer = PersonView
        package static let name = "unblock"
        package static let summary = "Takes back a block."

        /// Whom, by a name or an id.
        package let who: String
        package var people: [String] { [self.who] }

        package init(_ who: String) {
            self.who = who
        }
    }

    /// Gives somebody a name of one's own; an empty one takes it back.
    package struct Rename: Method {
        package typealias Answer = PersonView
        package static let name = "rename"
        package static let summary = "Gives somebody a name of one's own; an empty one takes it back."

        /// Whom, by a name or an id.
        package let who: String
        package let petname: String?
        package var people: [String] { [self.who] }

        package init(who: String, petname: String? = nil) {
            self.who = who
            self.petname = petname
        }
    }

    /// Calls an address besides those that are discovered.
    package struct AddPeer: Method {
        package typealias Answer = AddressView
        package static let name = "peer.add"
        package static let summary = "Calls an address besides those that are discovered."

        package let address: String

        package init(_ address: String) {
            self.address = address
        }
    }

    /// Calls an address no longer.
    package struct RemovePeer: Method {
        package typealias Answer = AddressView
        package static let name = "peer.remove"
        package static let summary = "Calls an address no longer."

        package let address: String

        package init(_ address: String) {
            self.address = address
        }
    }

    /// The addresses that are called.
    package struct ListPeers: Method {
        package typealias Answer = [AddressView]
        package static let name = "peer.list"
        package static let summary = "The addresses that are called."

        package init() {}
    }
}
