// What strangers call themselves and write is safe to show, however it was made; what clients and adverts say is read
// or refused.
import EarshotControl
import EarshotDiscovery
import EarshotModel
import EarshotRules
import EarshotTerminal
import EarshotWire

@_cdecl("LLVMFuzzerTestOneInput") public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let data = Array(UnsafeBufferPointer(start: start, count: count))
    guard let choice = data.first else { return 0 }
    let rest = Array(data.dropFirst())
    let text = String(decoding: rest, as: UTF8.self)
    switch choice % 4 {
    case 0:
        let name = SafeText.name(text)
        hold(SafeText.name(name) == name, "clean stays clean")
        hold(!name.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }, "no control")
        hold(name.utf8.count <= Limits.nameBytes, "bounded")
        let skeleton = LookAlike.skeleton(name)
        hold(LookAlike.skeleton(name) == skeleton, "the same each time")
        let message = SafeText.message(text)
        hold(SafeText.message(message) == message, "clean stays clean")
        hold(
            !message.unicodeScalars.contains {
                $0.value < 0x20 && $0 != "\n" && $0 != "\t" || (0x7F...0x9F).contains($0.value)
            }, "no control")
        hold(Width.of(Width.fit(name, 20)) <= 20, "fits")
        hold(Width.wrap(name, 20).allSatisfy { Width.of($0) <= 20 }, "wraps")
    case 1:
        guard let json = JSON(text: rest) else { return 0 }
        hold(JSON(text: json.line.utf8) == json, "a value is read as it is written")
    case 2: hold(answers(rest), "what is refused is refused in words, and what is answered can be read")
    default:
        let strings = rest.split(separator: 0, omittingEmptySubsequences: false).map { Array($0) }
        guard let record = ServiceRecord(port: UInt16(rest.count), text: strings) else { return 0 }
        hold(ServiceRecord.isShort(record.name.text) && record.port > 0, "an advert that is read is whole")
        _ = Endpoint(address: Array(rest.prefix(16)), port: record.port).map {
            AddressPolicy.admits($0.address, onLoopback: false)
        }
    }
    return 0
}

/// Whether every answer that a line gets is JSON with the id that came, and every error has a message.
private func answers(_ line: [UInt8]) -> Bool {
    let calls: [Result<ControlLine.Call, ControlLine.Refusal>] =
        switch ControlLine.read(line) {
        case .one(let call): [call]
        case .batch(let calls): calls
        }
    return calls.allSatisfy { call in
        let id: ControlLine.ID?
        var error: DoorError?
        switch call {
        case .success(let call): id = call.id
        case .failure(let refusal): (id, error) = (refusal.id, refusal.error)
        }
        guard error.map({ !$0.message.isEmpty }) ?? true else { return false }
        guard let id else { return true }
        let reply = error.map { ControlLine.refusal(id: id, $0) } ?? ControlLine.reply(id: id, .success(Done()))
        return JSON(text: reply)?.object?["id"] == JSON(text: id.text.utf8)
    }
}

func seeds() throws -> [[UInt8]] {
    let names: [[UInt8]] = ["Anna ✿", "Аnnа", "a\u{202E}b", "\u{1B}[2J", "👩‍👩‍👧", "e\u{301}\u{301}\u{301}", "ﷺ"].map {
        [0] + Array($0.utf8)
    }
    let lines: [[UInt8]] = [
        #"{"jsonrpc":"2.0","id":1,"method":"send","params":{"to":["bob"],"text":"hi","wait":"read","timeout":5}}"#,
        #"{"a":[1,2.5,true,null,"x"],"b":{"c":-9223372036854775808}}"#,
        #"{"jsonrpc":"2.0","method":"history","params":{"who":"x","since":0,"limit":1}}"#,
        #"[{"jsonrpc":"2.0","id":18446744073709551615,"method":"status"},{"jsonrpc":"2.0","id":1.0,"method":"no"},7,[]]"#,
        #"{"jsonrpc":"2.0","id":"\ud83d\ude00","method":"rules.remove","params":{"number":-9223372036854775808}}"#,
        String(repeating: "[", count: 2_000), String(repeating: #"{"a":["#, count: 100),
    ].map { Array($0.utf8) }
    return names + lines.flatMap { [[1] + $0, [2] + $0] } + [[3] + Array("txtvers=1\0v=1\0id=abcdefghijklmnop".utf8)]
}
