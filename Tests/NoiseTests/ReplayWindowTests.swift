import Noise
import Testing

@Suite struct ReplayWindowTests {
    @Test func aCounterIsTakenOnceAndTheLastOneNever() {
        var window = ReplayWindow()
        #expect(window.newest == nil && window.set(5_000) && !window.set(5_000) && window.newest == 5_000)
        #expect(window.set(5_000 - 2_048) && !window.admits(5_000 - 2_049))
        #expect(!window.admits(.max) && window.set(.max - 1) && !window.set(5_001))
        #expect(window.set(.max - 2) && !window.set(.max - 2) && window.newest == .max - 1)
    }

    @Test func askingChangesNothing() {
        var window = ReplayWindow()
        #expect(window.admits(1 << 60) && window.newest == nil && window.set(3) && window.admits(1 << 60))
        #expect(window.newest == 3 && window.admits(2) && window.admits(4) && !window.admits(3))
    }

    /// The same answers as a set of all counters ever seen gives, for jumps of every size around the edges of words
    /// and window.
    @Test func itAnswersLikeASetThatForgetsNothing() {
        for start: UInt64 in [0, 1, 63, 64, 2_047, 2_048, 1 << 32, UInt64.max - 200_000] {
            var window = ReplayWindow()
            var seen: Set<UInt64> = []
            var highest: UInt64?
            var state: UInt64 = 0x9E37_79B9_7F4A_7C15 ^ start
            var base = start
            for step in 0..<20_000 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let jump = [1, 2, 63, 64, 65, 700, 2_048, 2_111, 2_112, 2_113, 5_000][Int(state >> 33) % 11]
                let counter =
                    state >> 62 == 0 && step < 15_000 ? base &+ UInt64(jump) : base &- UInt64(state >> 40) % 2_300
                let isOld = highest.map { $0 >= counter && $0 - counter > 2_048 } ?? false
                let expected = counter != .max && !isOld && !seen.contains(counter)
                guard window.admits(counter) == expected, window.set(counter) == expected else {
                    Issue.record("\(counter) after \(String(describing: highest))")
                    return
                }
                guard expected else { continue }
                seen.insert(counter)
                highest = max(highest ?? 0, counter)
                base = highest ?? base
            }
            #expect(seen.count > 2_000 && window.newest == highest)
        }
    }
}
