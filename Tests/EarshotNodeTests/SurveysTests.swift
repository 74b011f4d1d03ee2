import Testing

@testable import EarshotNode

@Suite struct SurveysTests {
    @Test func whatNobodyLooksAtGoesAtOnce() {
        var surveys = Surveys()
        let now1 = surveys.drop("up.1")
        #expect(now1)
        surveys.begin(["up.1"])
        let now2 = surveys.end(["up.1"])
        #expect(now2.isEmpty)
        let now3 = surveys.drop("up.1")
        #expect(now3)
    }

    @Test func whatIsLookedAtGoesAfterTheLastLook() {
        var surveys = Surveys()
        surveys.begin(["up.1", "up.2"])
        surveys.begin(["up.1"])
        let now4 = surveys.drop("up.1")
        #expect(!now4)
        let now5 = surveys.end(["up.1", "up.2"])
        #expect(now5.isEmpty)
        let now6 = surveys.end(["up.1"])
        #expect(now6 == ["up.1"])
        let now7 = surveys.drop("up.1")
        #expect(now7)
    }

    @Test func anEndWithoutABeginningIsNothing() {
        var surveys = Surveys()
        let now8 = surveys.end(["up.9"])
        #expect(now8.isEmpty)
        let now9 = surveys.drop("up.9")
        #expect(now9)
    }
}
