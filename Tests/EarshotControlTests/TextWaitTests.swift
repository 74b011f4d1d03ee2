import EarshotControl
import EarshotModel
import Testing

@Suite struct TextWaitTests {
    @Test func eachIsOneWord() {
        let all: [TextWait] = [.queued, .delivered, .deliveredTo(1), .deliveredTo(.max), .deliveredToAll, .read]
        for wait in all { #expect(TextWait(wait.word) == wait) }
        let wrong = [
            "", "delivered=", "delivered=0", "delivered=-1", "delivered=+1", "delivered=01", "delivered= 1",
            "delivered=9223372036854775808", "delivered=All", "read=all", "Queued",
        ]
        for word in wrong { #expect(TextWait(word) == nil, "\(word)") }
        #expect(TextWait.kind == "queued, delivered, delivered=N, delivered=all or read")
    }

    @Test func filesKnowNoNumbers() {
        #expect(TextWait.delivered.ofFiles == .delivered && TextWait.read.ofFiles == .read)
        #expect(TextWait.deliveredToAll.ofFiles == nil && TextWait.deliveredTo(2).ofFiles == nil)
    }

    @Test func whatWasAskedForIsMetOrNot() {
        var sent = SentView(id: EnvelopeID(hash: .zero), state: .delivered, to: nil, toName: "#ops")
        (sent.deliveredTo, sent.recipients) = (2, 3)
        #expect(TextWait.delivered.isMet(by: sent) && TextWait.deliveredTo(2).isMet(by: sent))
        #expect(!TextWait.deliveredTo(3).isMet(by: sent) && !TextWait.deliveredToAll.isMet(by: sent))
        sent.deliveredTo = 3
        #expect(TextWait.deliveredToAll.isMet(by: sent) && !TextWait.read.isMet(by: sent))
        (sent.state, sent.deliveredTo, sent.recipients) = (.queued, 0, 0)
        #expect(!TextWait.deliveredToAll.isMet(by: sent), "where nobody is yet, nobody has it")
    }
}
