import EarshotConfig
import EarshotHooks
import Foundation
import Testing

/// Real programs, one after the other: what one leaves behind is looked for among all our children.
@Suite(.serialized, .timeLimit(.minutes(5))) struct HookProcessTests {
    // As both programs do: what does not read must not end us.
    init() { signal(SIGPIPE, SIG_IGN) }

    private static func run(
        _ script: String, timeout: UInt64 = 20_000, more: [String: String] = [:], input: String = "{}"
    ) -> (result: HookResult, lines: [HookOutput.Line]) {
        self.run(Hook.Command([script], isShell: true), timeout: timeout, more: more, input: input)
    }

    private static func run(
        _ command: Hook.Command, timeout: UInt64 = 20_000, more: [String: String] = [:], input: String = "{}"
    ) -> (result: HookResult, lines: [HookOutput.Line]) {
        var lines: [HookOutput.Line] = []
        let environment = ["PATH": "/usr/bin:/bin", "EARSHOT_NAME": "x", "NOTIFY_SOCKET": "y"]
        let result = HookProcess(command, timeout: timeout).run(
            input: input, environment: environment, more: more
        ) { lines.append($0) }
        return (result, lines)
    }

    private static func isAlive(_ line: HookOutput.Line?) -> Bool {
        guard case .log(let text) = line, let id = pid_t(text) else { return true }
        return kill(id, 0) == 0
    }

    @Test func inputAndOutput() {
        let done = Self.run("read -r l; echo \"reply: $l\"; echo oops >&2", input: "{\"a\":1}")
        #expect(done.result == .ended(code: 0) && Set(done.lines) == [.reply("{\"a\":1}", cites: false), .log("oops")])
    }

    @Test func howItEnds() {
        #expect(Self.run("exit 7").result == .ended(code: 7))
        #expect(Self.run("kill -9 $$").result == .signalled(9))
        #expect(!Self.run("exit 7").result.isGood)
    }

    @Test func whatCannotBeStarted() throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("hook-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("plain")
        try Data("#!/bin/sh\n".utf8).write(to: file)
        for (words, why) in [
            ([file.path], "Permission denied"), (["/nowhere/x"], "No such file or directory"),
            ([folder.path], "Permission denied"),
        ] {
            guard case .notStarted(let reason) = Self.run(Hook.Command(words)).result else {
                Issue.record("\(words) was started")
                continue
            }
            #expect(reason == why, "\(words)")
        }
    }

    @Test func wordsAreNoShell() {
        let done = Self.run(Hook.Command(["echo", "$HOME; `id`", "*"]))
        #expect(done.lines == [.log("$HOME; `id` *")])
    }

    @Test func whatHangsIsEndedWithAllItStarted() {
        let done = Self.run("trap '' TERM; sh -c 'trap \"\" TERM; echo $$; sleep 300'; sleep 300", timeout: 300)
        #expect(done.result == .tookTooLong && done.lines.count == 1 && !Self.isAlive(done.lines.first))
    }

    @Test func whatFloodsIsEnded() {
        let done = Self.run("while :; do echo 0123456789012345678901234567890123456789; done")
        #expect(done.result == .flooded)
        #expect(Self.run("head -c 200000 /dev/zero; sleep 300").result == .flooded)
    }

    @Test(
        arguments: [
            "sleep 300 & echo $!", "setsid sh -c 'echo $$; exec sleep 300' & sleep 0.2",
            "env -i /usr/bin/setsid /bin/sh -c 'echo $$; exec sleep 300' & sleep 0.2",
            "(setsid sh -c '(sleep 300 & echo $!)' &) ; sleep 0.2",
        ]) func whatForksLeavesNothingBehind(script: String)
    {
        let done = Self.run(script)
        #expect(done.result == .ended(code: 0) && done.lines.count == 1, "\(done)")
        #expect(!Self.isAlive(done.lines.first))
    }

    @Test func whatItIsGivenAndWhatNot() {
        let done = Self.run("env; ls -l /proc/self/fd | wc -l", more: ["EARSHOT_EVENT": "message"])
        let lines = done.lines.compactMap { if case .log(let text) = $0 { text } else { nil } }
        #expect(lines.contains("EARSHOT_EVENT=message") && !lines.contains { $0.hasPrefix("EARSHOT_NAME") })
        #expect(!lines.contains { $0.hasPrefix("NOTIFY") })
        #expect(lines.last.flatMap { Int($0.trimmingCharacters(in: .whitespaces)) } == 5)
    }

    @Test func whoDoesNotReadEndsNobody() {
        let done = Self.run("exec <&-; sleep 0.2; exit 0", input: String(repeating: "x", count: 1 << 20))
        #expect(done.result == .ended(code: 0))
    }
}
