import EarshotControl
import EarshotModel
import Testing

@Suite struct ControlTests {
    @Test func linesThatAreNoRequestsGetAnAnswer() {
        func code(_ line: String) -> Int64? {
            guard case .failure = ControlLine.request(Array(line.utf8)) else { return nil }
            return -1
        }
        for line in ["", "{", "[]", "1", #"{"jsonrpc":"1.0","id":1,"method":"status"}"#, #"{"jsonrpc":"2.0","id":1}"#, #"{"jsonrpc":"2.0","id":1,"method":"nothing"}"#,
            #"{"jsonrpc":"2.0","id":1,"method":"accept"}"#, #"{"jsonrpc":"2.0","id":1,"method":"accept","params":{"who":7}}"#, #"{"jsonrpc":"2.0","id":1,"method":"send","params":{"to":[],"text":"x"}}"#]
        {
            #expect(code(line) == -1, "\(line)")
        }
        guard case .success(let (id, request)) = ControlLine.request(Array(#"{"jsonrpc":"2.0","id":"a","method":"send","params":{"to":"bob","text":"hi"}}"#.utf8)) else {
            Issue.record("a good request was refused")
            return
        }
        #expect(id == "a" && request == .send(to: ["bob"], text: "hi", replyTo: nil, wait: .queued, timeout: 30_000))
    }

    @Test func everyMethodIsARequest() {
        for method in Request.methods {
            let result = Result { () throws(DoorError) in try Request(method: method, parameters: Parameters(nil)) }
            if case .failure(let error) = result { #expect(error.kind == .badParameters, "\(method)") }
        }
    }

    @Test func timesAreRFC3339() {
        #expect(Timestamp(milliseconds: 0).rfc3339 == "1970-01-01T00:00:00.000Z")
        #expect(Timestamp(milliseconds: 951_826_154_007).rfc3339 == "2000-02-29T12:09:14.007Z")
        #expect(Timestamp(milliseconds: 1_795_239_000_125).rfc3339 == "2026-11-21T05:30:00.125Z")
    }
}
