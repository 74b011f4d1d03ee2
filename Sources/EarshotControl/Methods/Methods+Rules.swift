/// Whose files are taken without asking.
extension Methods {
    package static let rules: [any Method.Type] = [
        Rules.self, AddRule.self, RemoveRule.self,
    ]

    /// All rules.
    package struct Rules: Method {
        package typealias Answer = [RuleView]
        package static let name = "rules"
        package static let summary = "All rules."

        package init() {}
    }

    /// Adds a rule; answers with all.
    package struct AddRule: Method {
        package typealias Answer = [RuleView]
        package static let name = "rules.add"
        package static let summary = "Adds a rule; answers with all."

        /// From one person, or in one room; everybody one talks to unless given.
        package let from: String?
        package let verified: Bool?
        /// Bytes of one transfer.
        package let most: Int64?
        /// Endings or media types.
        package let types: WordsOrNone?
        package let folder: AbsolutePath?
        /// Bytes in 24 hours.
        package let quota: Int64?
        package var people: [String] { self.from.map { [$0] } ?? [] }

        package init(
            from: String? = nil, verified: Bool? = nil, most: Int64? = nil, types: WordsOrNone? = nil,
            folder: AbsolutePath? = nil, quota: Int64? = nil
        ) {
            self.from = from
            self.verified = verified
            self.most = most
            self.types = types
            self.folder = folder
            self.quota = quota
        }
    }

    /// Removes a rule; answers with the rest.
    package struct RemoveRule: Method {
        package typealias Answer = [RuleView]
        package static let name = "rules.remove"
        package static let summary = "Removes a rule; answers with the rest."

        package let number: Int64?

        package init(number: Int64? = nil) {
            self.number = number
        }
    }
}
