import Testing

@testable import EarshotNode

@Suite struct HostAndPortTests {
    @Test(arguments: [
        "192.168.1.20", "host.lan:47447", "[fe80::1%eth0]:47447", "fe80::1", "büro", "bu\u{308}ro", "my_host-2",
    ])
    func whatIsAnAddress(text: String) { #expect(HostAndPort(text) != nil) }

    @Test(arguments: [
        "", "-1", "#work", "../../etc/passwd", "a\0b", "a b", "host:0", "host:+80", "host:70000", "host:", "[::1",
        "[::1]x", ".",
        "a..b",
    ])
    func whatIsNone(text: String) { #expect(HostAndPort(text) == nil) }
}
