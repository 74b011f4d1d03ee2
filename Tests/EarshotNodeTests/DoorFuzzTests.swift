import EarshotControl
import EarshotModel
import EarshotNode
import EarshotTesting
import EarshotWire
import Foundation
import Testing

/// Every method of the door with every kind of value for every one of its parameters. A method that is added is tried
/// too.
@Suite(.timeLimit(.minutes(5))) struct DoorFuzzTests {
    /// Values as text, for some are no value of ours.
    private static func values(_ person: String, _ message: String) -> [String] {
        let huge = String(repeating: "é", count: 50_000)
        return [
            "null", "true", "false", "0", "-1", "1", "4", "-9223372036854775808", "9223372036854775807",
            "9223372036854775808", "18446744073709551615",
            "9007199254740992", "9007199254740993", "1.0", "1.5", "-0.0", "1e300", "-1e300", "1e400", "1e-400",
            "86400000", "4294967296", "2147483648",
            #""""#, #"" ""#, #""a""#, #""bob""#, #""\u0000""#, #""/nowhere\u0000/x""#, #""/nowhere/x""#, #""nowhere""#,
            #""..""#, #""~""#, #""\ud83d\ude00""#,
            #""\u202e\u200b""#, #""-1""#, #""9223372036854775808""#, #""20M""#, #""99999999999999999999G""#, #""-5k""#,
            #""1e9""#, #""delivered""#, #""read""#,
            #""%s%n""#, #""' OR 1=1 --""#, #""[::1]:99999""#, "\"\(huge)\"", "\"\(person)\"", "\"\(message)\"",
            "\"\(message.prefix(4))\"", "[]", "[null]", "[1]",
            #"["bob","bob"]"#, #"["/nowhere"]"#, #"[[["a"]]]"#, "{}", #"{"a":{"b":[]}}"#,
            String(repeating: "[", count: 50) + String(repeating: "]", count: 50),
        ]
    }

    /// The names of the parameters that a method has.
    private static func parameters(of method: any Method.Type) -> [String] {
        var schema = Schema()
        return schema.members(of: method).map(\.name)
    }

    private static func good(_ name: String, _ person: String, _ message: String) -> String {
        switch name {
        case "who", "to", "from": "\"\(person)\""
        case "id", "before", "after", "around", "replyTo": "\"\(message)\""
        case "paths": #"["/nowhere/x"]"#
        case "folder", "path": #""/nowhere/x""#
        case "wait": #""queued""#
        case "timeout", "limit", "since", "number", "most", "quota", "size": "1"
        case "on", "open", "verified": "true"
        case "address": #""127.0.0.1:1""#
        case "key": #""files.rate""#
        case "value": #""20M""#
        case "types": #"["pdf"]"#
        default: #""word""#
        }
    }

    @Test func whateverIsAskedTheNodeGoesOn() async throws {
        let (anna, bob) = try await TwoNodesTests().friends()
        let sent = try await anna.ask(
            Methods.Send(to: ["bob"], text: "hello", wait: .delivered, timeout: 20_000))
        let message = try #require(sent.array?.first?["id"]?.string)
        let person = bob.node.identity.person.description
        var random = SeededRandom(seed: 8)
        let values = Self.values(person, message)
        let client = try ControlClient(path: anna.state + "/earshot.sock")
        var asked = 0
        var answered = 0
        func collect(downTo most: Int) throws {
            while asked - answered > most, let line = try client.nextLine() {
                guard line["method"] == nil else { continue }
                answered += 1
                guard let error = line["error"] else { continue }
                #expect(
                    error["message"]?.string?.isEmpty == false && error["data"]?["kind"]?.string != nil,
                    "\(line.line.prefix(300))")
            }
        }
        func ask(_ method: String, _ params: [String: String]) throws {
            // What waits for somebody's answer is answered when it comes; only what ends by itself is counted here.
            guard params["wait"] == nil || params["wait"] == #""queued""# || params["timeout"]?.hasPrefix("-") ?? false
            else { return }
            let text = params.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
            try client.post(line: #"{"jsonrpc":"2.0","id":\#(asked),"method":"\#(method)","params":{\#(text)}}"#)
            asked += 1
            try collect(downTo: 0)
        }
        for type in Methods.all where type.name != "stop" {
            let (method, names) = (type.name, Self.parameters(of: type))
            let good = Dictionary(names.map { ($0, Self.good($0, person, message)) }, uniquingKeysWith: { $1 })
            try ask(method, good)
            try ask(method, good.merging(["another": "1"]) { $1 })
            for name in names {
                try ask(method, good.filter { $0.key != name })
                for value in values { try ask(method, good.merging([name: value]) { $1 }) }
            }
            for _ in 0..<min(40, names.count * 20) {
                try ask(
                    method,
                    good.mapValues { value in
                        random.next() % 3 == 0 ? value : values.randomElement(using: &random) ?? value
                    })
            }
        }
        try collect(downTo: 0)
        #expect(asked == answered && asked > 2_000)
        let status = try ControlClient(path: anna.state + "/earshot.sock").ask(Methods.Status())
        #expect(status.person == anna.node.identity.person)
        await anna.stop()
        await bob.stop()
    }

    @Test func waitsOfAnyLengthEnd() async throws {
        let (anna, bob) = try await TwoNodesTests().friends()
        for timeout: Int64 in [.min, -1, 0, .max, .max - 1, 1 << 53] {
            let sent = try await anna.ask(
                Methods.Send(to: ["bob"], text: "\(timeout)", wait: .delivered, timeout: timeout)
            ).array?.first
            #expect(sent?["state"]?.string == (timeout > 0 ? "delivered" : sent?["state"]?.string), "\(timeout)")
        }
        await bob.stop()
        _ = await anna.event { $0["event"]?.string == "presence" && $0["online"]?.bool == false }
        for timeout: Int64 in [.min, -1, 0, 1] {
            let sent = try await anna.ask(Methods.Send(to: ["bob"], text: "x", wait: .read, timeout: timeout))
                .array?.first
            #expect(sent?["state"]?.string == "queued", "\(timeout)")
        }
        await anna.stop()
    }
}
