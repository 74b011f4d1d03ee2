/// How nodes find each other here.
package enum DiscoveryChoice: String, Sendable, CaseIterable {
    /// The machine's Avahi daemon where one answers, else our own responder.
    case auto
    case avahi
    case embedded
    case none
}
