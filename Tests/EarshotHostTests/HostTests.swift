import EarshotConfig
import EarshotControl
import EarshotModel
import Logging
import Testing

@testable import EarshotHost

/// Variables of whoever started us: what they say, and what is none of our business.
@Suite struct InheritedTests {
    @Test(
        arguments: [
            ([:], nil), (["LISTEN_FDS": "1"], nil), (["LISTEN_PID": "7"], nil),
            (["LISTEN_PID": "7", "LISTEN_FDS": "1"], 3), (["LISTEN_PID": "8", "LISTEN_FDS": "1"], nil),
            (["LISTEN_PID": "7", "LISTEN_FDS": "0"], nil), (["LISTEN_PID": "8", "LISTEN_FDS": "5"], nil),
        ] as [([String: String], Int32?)]) func oneSocketThatIsOurs(_ variables: [String: String], found: Int32?) throws
    {
        #expect(try Inherited.descriptor(variables, process: 7) == found)
    }

    @Test(arguments: [("7", "2"), ("7", "-1"), ("7", "99999999999"), ("x", "1"), ("7", "")])
    func anythingElseIsRefused(_ process: String, _ count: String) {
        #expect(throws: DoorError.self) {
            try Inherited.descriptor(["LISTEN_PID": process, "LISTEN_FDS": count], process: 7)
        }
    }
}

@Suite struct SupervisorTests {
    @Test func aPathOrANameWithoutAFile() {
        #expect(Supervisor.address("/run/n") == Array("/run/n".utf8) + [0])
        #expect(Supervisor.address("@n") == [0] + Array("n".utf8))
        for name in ["", "/", "@", "run/n", "vsock:2:3", "/" + String(repeating: "n", count: 108)] {
            #expect(Supervisor.address(name) == nil)
        }
    }

    @Test func aBeatComesTwiceAsOftenAsItIsWaitedFor() {
        #expect(Supervisor.beat(["WATCHDOG_USEC": "120000000"], process: 7) == 60_000)
        #expect(Supervisor.beat(["WATCHDOG_USEC": "120000000", "WATCHDOG_PID": "7"], process: 7) == 60_000)
        #expect(Supervisor.beat(["WATCHDOG_USEC": "1"], process: 7) == 1)
        #expect(Supervisor.beat(["WATCHDOG_USEC": "120000000", "WATCHDOG_PID": "8"], process: 7) == nil)
        for odd in ["", "0", "-5", "x", "99999999999999999999"] {
            #expect(Supervisor.beat(["WATCHDOG_USEC": odd], process: 7) == nil)
        }
    }

    @Test func aNameCannotSayMoreThanItsLine() {
        #expect(Supervisor.text([.ready, .status("Anna\nSTOPPING=1")]) == "READY=1\nSTATUS=Anna\\nSTOPPING=1")
        #expect(Supervisor.text([.alive, .stopping]) == "WATCHDOG=1\nSTOPPING=1")
        #expect(Supervisor.text([.status(String(repeating: "é", count: 1_000))]).utf8.count == 307)
    }
}

@Suite struct LogLineTests {
    private let at = Timestamp(milliseconds: 1_700_000_000_125)

    @Test func levelsAsTheJournalCountsThem() {
        let lines = Logger.Level.allCases.map { LogLine.text(.journal, $0, "x", at: self.at) }
        #expect(lines == ["<7>x", "<7>x", "<6>x", "<5>x", "<4>x", "<3>x", "<2>x"])
        #expect(LogLine.text(.journal, .info, "x", fields: ["b": "2", "a": "1\n"], at: self.at) == "<6>x a=1\\n b=2")
    }

    @Test func anObjectALine() throws {
        let line = LogLine.text(.json, .warning, "a \"b\"\n<3>c", fields: ["peer": "x\ny"], at: self.at)
        #expect(!line.contains("\n"))
        let json = try #require(JSON(text: line.utf8))
        #expect(json["message"] == "a \"b\"\n<3>c" && json["level"] == "warning" && json["v"] == 1)
        #expect(json["fields"]?["peer"] == "x\ny" && json["at"] == "2023-11-14T22:13:20.125Z")
    }

    /// Nobody who is named in a line begins a second one, or moves the cursor of whoever reads it.
    @Test func nobodyWritesASecondLine() {
        let text = LogLine.text(.journal, .notice, "Eve\n<2>all is lost\u{1B}[2J\u{9B}", at: self.at)
        #expect(text == "<5>Eve\\n<2>all is lost\u{FFFD}[2J\u{FFFD}")
    }
}
