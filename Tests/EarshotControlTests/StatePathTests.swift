import EarshotControl
import Testing

@Suite struct StatePathTests {
    @Test(
        arguments: [
            ([:], "~/.local/state/earshot"), (["XDG_STATE_HOME": "/x"], "/x/earshot"),
            (["XDG_STATE_HOME": "some/where"], "~/.local/state/earshot"),
            (["XDG_STATE_HOME": ""], "~/.local/state/earshot"), (["XDG_STATE_HOME": "~/x"], "~/.local/state/earshot"),
            (["EARSHOT_STATE": "/a", "XDG_STATE_HOME": "/x"], "/a"),
            (["EARSHOT_STATE": "", "XDG_STATE_HOME": "/x"], "/x/earshot"),
        ] as [([String: String], String)]) func oneFolderForEveryProgram(environment: [String: String], path: String)
    {
        #expect(StatePath.usual { environment[$0] } == path)
    }

    @Test func aFolderIsWhole() throws {
        #expect(try StatePath.absolute("/a/./b/") == "/a/b")
        #expect(throws: DoorError.self) { try StatePath.absolute("") }
    }
}
