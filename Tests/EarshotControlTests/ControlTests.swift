import EarshotControl
import EarshotModel
import Testing

@Suite struct ControlTests {
    @Test func aRequestIsReadWithItsParameters() {
        let line = #"{"jsonrpc":"2.0","id":"a","method":"send","params":{"to":"bob","text":"hi"}}"#
        guard case .one(.success(let call)) = ControlLine.read(Array(line.utf8)) else {
            Issue.record("a good request was refused")
            return
        }
        #expect(call.request == .send(to: ["bob"], text: "hi", replyTo: nil, wait: .queued, timeout: 30_000))
        for (method, params) in [
            ("accept", #"{"who":7}"#), ("send", #"{"to":[],"text":"x"}"#), ("offer", #"{"to":"a","paths":["b"]}"#),
            ("offer", #"{"to":"a","paths":["/tmp/\u0000x"]}"#),
        ] {
            guard
                case .one(.failure(let refusal)) = ControlLine.read(
                    Array(#"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":\#(params)}"#.utf8))
            else {
                Issue.record("\(method) \(params) was taken")
                continue
            }
            #expect(refusal.error.kind == .badParameters)
        }
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
