import EarshotDiscovery

extension Configuration {
    package static func choice(_ text: String) -> DiscoveryChoice? { DiscoveryChoice(rawValue: text) }
}
