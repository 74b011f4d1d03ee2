import EarshotModel

/// Mail for those who are not here.
extension Methods {
    package static let mail: [any Method.Type] = [GetKeeper.self, UseKeeper.self, ForgetKeeper.self]

    /// What is kept here for others, and what others keep.
    package struct GetKeeper: Method {
        package typealias Answer = KeeperView
        package static let name = "keeper"
        package static let summary = "What is kept here for others, and what others keep of ours."

        package init() {}
    }

    /// Names somebody who shall keep mail for us; contacts are told.
    package struct UseKeeper: Method {
        package typealias Answer = KeeperView
        package static let name = "keeper.use"
        package static let summary = "Names somebody who shall keep mail for us; contacts are told."

        /// Whom, by a name or an id.
        package let who: String
        package var people: [String] { [self.who] }

        package init(_ who: String) { self.who = who }
    }

    /// Takes that back.
    package struct ForgetKeeper: Method {
        package typealias Answer = KeeperView
        package static let name = "keeper.forget"
        package static let summary = "Somebody shall not keep mail for us any more; contacts are told."

        /// Whom, by a name or an id.
        package let who: String
        package var people: [String] { [self.who] }

        package init(_ who: String) { self.who = who }
    }
}
