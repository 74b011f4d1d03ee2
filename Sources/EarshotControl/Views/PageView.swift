/// Where the page is, if it is served.
package struct PageView: View {
    /// What a browser of this machine asks for, as http://127.0.0.1:47448/; `nil` while nothing is served.
    package var address: String?
    /// False where nobody wants it.
    package var enabled: Bool
    /// Why it is not served, or not where it should be.
    package var problem: String?

    package init(address: String? = nil, enabled: Bool = true, problem: String? = nil) {
        self.address = address
        self.enabled = enabled
        self.problem = problem
    }
}

/// A link that opens the page.
package struct PageLinkView: View {
    /// Good once.
    package var link: String
    /// Ms for which it is good.
    package var lifetime: Int64

    package init(link: String, lifetime: Int64) {
        self.link = link
        self.lifetime = lifetime
    }
}
