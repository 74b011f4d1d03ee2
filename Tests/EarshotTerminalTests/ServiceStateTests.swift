import EarshotTerminal
import Testing

/// What `systemctl show` tells of the units, and what people are told of that.
@Suite struct ServiceStateTests {
    private func text(_ load: String, _ active: String, _ enabled: String, _ status: String = "") -> String {
        """
        Id=earshot.service
        LoadState=\(load)
        ActiveState=\(active)
        UnitFileState=\(enabled)
        StatusText=\(status)

        Id=earshot.socket
        LoadState=\(load)
        ActiveState=\(active)
        UnitFileState=\(enabled)
        """
    }

    @Test func oneThatRuns() {
        let state = ServiceState(text("loaded", "active", "enabled", "Anna (lzxk) on port 47447"), lingers: false)
        #expect(
            state.lines == [
                "It runs: Anna (lzxk) on port 47447.", "It starts when you log in, and when it is needed.",
                "It ends when you log out. To have it run always: loginctl enable-linger",
            ])
        let stays = ServiceState(text("loaded", "active", "enabled"), lingers: true)
        #expect(stays.lines.last == "It goes on when you log out, and starts with the machine.")
    }

    @Test func oneThatNobodyAskedFor() {
        let state = ServiceState(text("loaded", "inactive", "disabled"), lingers: false)
        #expect(!state.enabled && !state.running && !state.listening && state.status == nil)
        #expect(
            state.lines == [
                "It does not run as a service.", "It does not start by itself: earshot service enable",
            ])
    }

    @Test(arguments: ["", "\n\n", "Id=other.service\nLoadState=loaded", "no word of it", "=\n="])
    func unitsThatAreNotThere(_ text: String) {
        let state = ServiceState(text, lingers: true)
        #expect(!state.installed && state.lines == [ServiceState.missing])
    }

    @Test func notInstalled() {
        #expect(!ServiceState(text("not-found", "inactive", ""), lingers: false).installed)
    }
}
