import Testing

@testable import EarshotNetwork

@Suite struct BacklogTests {
    @Test func whatIsReadyEarlyWaitsForWhatCameBefore() {
        var backlog = Backlog<Int>()
        #expect(backlog.add(1) == [1])
        let (first, second) = (backlog.keepPlace(), backlog.keepPlace())
        #expect(backlog.add(6) == [])
        #expect(!backlog.isEmpty)
        #expect(backlog.fill(second, [4, 5]) == [])
        #expect(backlog.fill(first, [2, 3]) == [2, 3, 4, 5, 6])
        #expect(backlog.isEmpty)
        #expect(backlog.fill(first, [2, 3]) == [])
        #expect(backlog.add(7) == [7])
    }

    @Test func nothingIsToldThatCameBehindAWrongOne() {
        var backlog = Backlog<Int>()
        let (good, wrong, late) = (backlog.keepPlace(), backlog.keepPlace(), backlog.keepPlace())
        #expect(backlog.add(9) == [])
        let wasThere = backlog.cut(behind: wrong)
        #expect(wasThere)
        #expect(backlog.fill(late, [3]) == [])
        // What was right before it is told, and then the end.
        #expect(backlog.fill(wrong, [2]) == [])
        #expect(backlog.fill(good, [1]) == [1, 2])
        #expect(backlog.isEmpty)
        let isThere = backlog.cut(behind: late)
        #expect(!isThere)
    }
}
