import EarshotNode
import Testing

@Suite struct StartTests {
    @Test(
        arguments: [
            ("anna", "kitchen", "anna"), ("root", "kitchen.lan", "kitchen"), (nil, "kitchen", "kitchen"),
            ("", "kitchen", "kitchen"),
            ("root", "localhost", "someone"), ("root", "", "someone"), ("a\u{202E}nna", "x", "anna"),
        ] as [(String?, String, String)]) func whatOneIsCalledAtFirst(login: String?, host: String, name: String)
    {
        #expect(OwnName.chosen(login: login, host: host) == name)
    }
}
