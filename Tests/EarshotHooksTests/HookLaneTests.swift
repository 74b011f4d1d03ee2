import EarshotConfig
import EarshotControl
import EarshotHooks
import EarshotModel
import Testing

/// When a hook runs, rests and is silent.
@Suite struct HookLaneTests {
    private static let event = HookEvent(Sample.message())
    private static let wall = Timestamp(milliseconds: 5)

    private static func lane(parallel: Int = 1) -> HookLane {
        HookLane(Hook("a", EventFilter([.message]), .run(Hook.Command(["true"])), parallel: parallel))
    }

    @Test func noMoreAtATimeThanItMay() {
        var lane = Self.lane(parallel: 2)
        #expect(lane.take(Self.event, at: 0) == [.start(Self.event)])
        #expect(lane.take(Self.event, at: 0) == [.start(Self.event)])
        #expect(lane.take(Self.event, at: 0).isEmpty && lane.waits == 1)
        #expect(lane.ended(.ended(code: 0), at: 1, wall: Self.wall) == [.start(Self.event)])
        #expect(lane.running == 2 && lane.wakeAt == nil)
    }

    @Test func itRestsAfterFailuresLongerEachTime() {
        var lane = Self.lane(parallel: 4)
        _ = lane.take(Self.event, at: 0)
        let failure = HookResult.ended(code: 1)
        #expect(lane.ended(failure, at: 0, wall: Self.wall) == [.warn("exit code 1")])
        #expect(lane.take(Self.event, at: 10).isEmpty && lane.wakeAt == 1_000)
        #expect(lane.take(Self.event, at: 11).isEmpty)
        #expect(lane.wake(at: 999).isEmpty)
        #expect(lane.wake(at: 1_000) == [.start(Self.event)], "one shows whether it goes well again")
        #expect(lane.ended(failure, at: 1_000, wall: Self.wall).isEmpty, "that was said already")
        #expect(lane.wakeAt == 3_000)
        for _ in 0..<20 {
            let at = lane.wakeAt ?? 0
            _ = lane.take(Self.event, at: at)
            _ = lane.ended(failure, at: at, wall: Self.wall)
            #expect((lane.wakeAt ?? 0) - at <= HookLane.longestRest)
        }
        #expect(lane.failing == 22 && lane.failures == 22)
    }

    @Test func itGoesOnAtOnceOnceItGoesWell() {
        var lane = Self.lane()
        _ = lane.take(Self.event, at: 0)
        _ = lane.ended(.tookTooLong, at: 0, wall: Self.wall)
        _ = lane.take(Self.event, at: 1_000)
        #expect(lane.ended(.ended(code: 0), at: 1_001, wall: Self.wall).isEmpty && lane.failing == 0)
        #expect(lane.take(Self.event, at: 1_002) == [.start(Self.event)])
    }

    @Test func ofTooManyTheOldestIsDroppedAndThatIsSaidOnce() {
        var lane = Self.lane()
        _ = lane.take(Self.event, at: 0)
        for _ in 0..<HookLane.mostWaiting { #expect(lane.take(Self.event, at: 0).isEmpty) }
        #expect(lane.take(Self.event, at: 0).count == 1)
        #expect(lane.take(Self.event, at: 0).isEmpty)
        #expect(lane.dropped == 2 && lane.waits == HookLane.mostWaiting)
    }

    @Test func twoThatAnswerEachOtherFallSilent() {
        var limit = ReplyLimit()
        for _ in 0..<ReplyLimit.burst { #expect(limit.take("a", at: 0) == .say) }
        #expect(limit.take("a", at: 0) == .warn && limit.take("a", at: 0) == .drop)
        #expect(limit.take("b", at: 0) == .say, "elsewhere it may go on")
        #expect(limit.take("a", at: ReplyLimit.span) == .say)
        #expect(limit.take("a", at: ReplyLimit.span) == .warn)
        #expect(limit.said == 12 && limit.dropped == 3)
    }
}

/// What a hook writes.
@Suite struct HookOutputTests {
    @Test func linesHoweverTheyCome() {
        let lines = [
            "reply: hi\r", "note", "", "{\"reply\":\"a\\nb\",\"cite\":true}", "{\"x\":1}", "reply:no", "reply: last",
        ]
        let text = Array(lines.joined(separator: "\n").utf8)
        let wanted: [HookOutput.Line] = [
            .reply("hi", cites: false), .log("note"), .reply("a\nb", cites: true), .log("{\"x\":1}"),
            .log("reply:no"), .reply("last", cites: false),
        ]
        for step in [1, 3, 7, text.count] {
            var output = HookOutput()
            var lines: [HookOutput.Line] = []
            for start in stride(from: 0, to: text.count, by: step) {
                lines += output.take(text[start..<min(start + step, text.count)])
            }
            #expect(lines + output.finish() == wanted, "\(step)")
        }
    }

    @Test func errorsAreNeverSaid() {
        var output = HookOutput(isError: true)
        #expect(output.take(Array("reply: secret\n".utf8)) == [.log("reply: secret")])
    }

    @Test func aFloodIsCut() {
        var long = HookOutput()
        #expect(long.take([UInt8](repeating: 0x61, count: HookOutput.longestLine + 1)).isEmpty && long.isFlooded)
        #expect(long.finish().isEmpty)
        var much = HookOutput()
        for _ in 0...HookOutput.most / 2 { _ = much.take(Array("a\n".utf8)) }
        #expect(much.isFlooded && much.take(Array("reply: x\n".utf8)).isEmpty)
    }
}
