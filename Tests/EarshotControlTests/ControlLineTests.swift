import EarshotControl
import Testing

/// JSON-RPC 2.0 as its text has it.
@Suite struct ControlLineTests {
    private func one(_ line: String) -> Result<ControlLine.Call, ControlLine.Refusal>? {
        guard case .one(let call) = ControlLine.read(Array(line.utf8)) else { return nil }
        return call
    }

    private func refusal(_ line: String) -> ControlLine.Refusal? {
        guard case .failure(let refusal) = self.one(line) else { return nil }
        return refusal
    }

    @Test func idsComeBackAsTheyCame() {
        for id in [
            "1", "0", "-7", "18446744073709551615", "9223372036854775808", "1.0", "1e3", "1.5e-7", "1E400", "-0",
            #""a""#, #""\u0061\n""#, #""é""#, "null",
        ] {
            guard case .success(let call) = self.one(#"{"jsonrpc":"2.0", "id" : \#(id) ,"method":"status"}"#) else {
                Issue.record("\(id) was refused")
                continue
            }
            #expect(call.id?.text == id)
            #expect(
                ControlLine.reply(id: ControlLine.ID(id), .success([NameView]()))
                    == Array(#"{"id":\#(id),"jsonrpc":"2.0","result":[]}"#.utf8))
        }
        for id in ["true", "[1]", #"{"a":1}"#, "\"" + String(repeating: "x", count: 5_000) + "\""] {
            let refusal = self.refusal(#"{"jsonrpc":"2.0","id":\#(id),"method":"status"}"#)
            #expect(refusal?.id == .null && refusal?.error.kind == .badRequest, "\(id.prefix(20))")
        }
    }

    @Test func eachFaultHasItsCode() {
        for (line, code, id) in [
            ("{", -32_700, "null"), ("", -32_700, "null"), ("{} {}", -32_700, "null"), ("[1", -32_700, "null"),
            ("{\"a\":01}", -32_700, "null"),
            ("1", -32_600, "null"), ("[]", -32_600, "null"), ("{}", -32_600, "null"),
            (#"{"jsonrpc":"1.0","id":1,"method":"status"}"#, -32_600, "1"),
            (#"{"jsonrpc":"2.0","id":2,"method":7}"#, -32_600, "2"),
            (#"{"jsonrpc":"2.0","id":3,"method":"nothing"}"#, -32_601, "3"),
            (#"{"jsonrpc":"2.0","id":4,"method":"accept"}"#, -32_602, "4"),
            (#"{"jsonrpc":"2.0","id":5,"method":"status","params":[1]}"#, -32_602, "5"),
        ] {
            let refusal = self.refusal(line)
            #expect(refusal?.error.kind.code == Int64(code) && refusal?.id?.text == id, "\(line)")
            #expect(refusal?.error.message.isEmpty == false)
        }
    }

    @Test func aNotificationIsNeverAnswered() {
        for line in [
            #"{"jsonrpc":"2.0","method":"nothing"}"#, #"{"jsonrpc":"2.0","method":"accept","params":{"who":7}}"#,
            #"{"jsonrpc":"2.0","method":"send","params":"x"}"#,
        ] {
            let refusal = self.refusal(line)
            #expect(refusal != nil && refusal?.id == nil, "\(line)")
        }
        guard case .success(let call) = self.one(#"{"jsonrpc":"2.0","method":"status"}"#) else {
            Issue.record("a notification was refused")
            return
        }
        #expect(call.id == nil && call.method is Methods.Status)
    }

    @Test func aBatchIsAListOfCalls() {
        let line =
            #"[{"jsonrpc":"2.0","id":1,"method":"status"},7,{"jsonrpc":"2.0","method":"id"},[],{"jsonrpc":"2.0","id":"x","method":"no"}]"#
        guard case .batch(let calls) = ControlLine.read(Array(line.utf8)) else {
            Issue.record("no batch")
            return
        }
        let ids = calls.map { call in
            switch call {
            case .success(let call): call.id?.text ?? "-"
            case .failure(let refusal): "!" + (refusal.id?.text ?? "-")
            }
        }
        #expect(ids == ["1", "!null", "-", "!null", "!\"x\""])
        let long = "[" + Array(repeating: "1", count: ControlLine.longestBatch + 1).joined(separator: ",") + "]"
        #expect(self.refusal(long)?.error.kind == .badRequest)
    }

    @Test func whatIsNestedTooDeepOrTooMuchIsRefused() {
        let deep = String(repeating: "[", count: 100_000)
        for line in [deep, String(repeating: #"{"a":"#, count: 100_000), deep + String(repeating: "]", count: 100_000)]
        {
            #expect(self.refusal(line)?.error.kind == .badLine)
        }
        let many = "[" + String(repeating: "0,", count: ControlLine.mostValues) + "0]"
        #expect(
            self.refusal(#"{"jsonrpc":"2.0","id":1,"method":"status","params":{"x":\#(many)}}"#)?.error.kind == .badLine
        )
    }

    @Test func jsonIsReadAsItIsWritten() {
        let values: [JSON] = [
            .null, true, 0, .integer(.min), .integer(.max), .number(1.5), .number(1e300), "",
            "a\"\\/\n\r\t\u{0}\u{1F}\u{7F}é👍\u{2028}", [], [:], [1, [2, ["x": .null]]],
            ["b": 1, "a": "c"],
        ]
        for value in values { #expect(JSON(text: value.line.utf8) == value, "\(value.line)") }
        #expect(JSON(text: #"{"a":"\ud83d\udc4d\u00e9\/\b\f"}"#.utf8) == ["a": "👍é/\u{8}\u{C}"])
        #expect(JSON(text: "[1.0,1e3,-0,1E-2]".utf8) == [1, 1_000, 0, .number(0.01)])
        #expect(JSON.number(.infinity).line == "null")
        for text in [
            #""\ud83d""#, #""\udc4d\ud83d""#, "\"\u{1}\"", "01", "1.", ".5", "+1", "1e", "--1", "nul", "tru e", "[1,]",
            "{\"a\":1,}", "{a:1}", "'a'", "\"a", "NaN",
        ] {
            #expect(JSON(text: text.utf8) == nil, "\(text)")
        }
        #expect(JSON(text: [0x22, 0xFF, 0x22]) == nil && JSON(text: [0xEF, 0xBB, 0xBF, 0x31]) == nil)
    }
}
