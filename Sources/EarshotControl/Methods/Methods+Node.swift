/// The node itself, and who one is.
extension Methods {
    package static let node: [any Method.Type] = [
        Status.self, Identity.self, IdentityCode.self, GetName.self, SetName.self, Doctor.self, Stop.self,
        PageLink.self,
    ]

    /// How the node is.
    package struct Status: Method {
        package typealias Answer = StatusView
        package static let name = "status"
        package static let summary = "How the node is."

        package init() {}
    }

    /// Who one is.
    package struct Identity: Method {
        package typealias Answer = IdentityView
        package static let name = "id"
        package static let summary = "Who one is."

        package init() {}
    }

    /// The id of oneself or of somebody, as a QR code.
    package struct IdentityCode: Method {
        package typealias Answer = CodeView
        package static let name = "id.qr"
        package static let summary = "The id of oneself or of somebody, as a QR code."

        /// Whom, by a name or an id; oneself unless given.
        package let who: String?
        package var people: [String] { self.who.map { [$0] } ?? [] }

        package init(who: String? = nil) {
            self.who = who
        }
    }

    /// What one calls oneself.
    package struct GetName: Method {
        package typealias Answer = NameView
        package static let name = "name.get"
        package static let summary = "What one calls oneself."

        package init() {}
    }

    /// Changes what one calls oneself.
    package struct SetName: Method {
        package typealias Answer = NameView
        package static let name = "name.set"
        package static let summary = "Changes what one calls oneself."

        package let name: String

        package init(_ name: String) {
            self.name = name
        }
    }

    /// Looks for what stops people.
    package struct Doctor: Method {
        package typealias Answer = [CheckView]
        package static let name = "doctor"
        package static let summary = "Looks for what stops people."

        package init() {}
    }

    /// A link that opens the page in a browser of this machine, once.
    package struct PageLink: Method {
        package typealias Answer = PageLinkView
        package static let name = "web.link"
        package static let summary = "A link that opens the page in a browser of this machine, once."

        package init() {}
    }

    /// Ends the node.
    package struct Stop: Method {
        package typealias Answer = Done
        package static let name = "stop"
        package static let summary = "Ends the node."

        package init() {}
    }
}
