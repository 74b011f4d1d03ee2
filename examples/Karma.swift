// Keeps count of thanks: `coffee++`, and `!karma` lists them. A hook that remembers in a file beside itself:
//   swiftc -O examples/Karma.swift -o karma
//   earshot on message -- ./karma karma.txt
import Foundation

let file = URL(fileURLWithPath: CommandLine.arguments.count > 1 ? CommandLine.arguments[1] : "karma.txt")

/// What is counted, by word.
func counts() -> [String: Int] {
    let lines = (try? String(contentsOf: file, encoding: .utf8))?.split(separator: "\n") ?? []
    let pairs = lines.compactMap { line -> (String, Int)? in
        let words = line.split(separator: " ")
        guard words.count == 2, let count = Int(words[1]) else { return nil }
        return (String(words[0]), count)
    }
    return Dictionary(pairs, uniquingKeysWith: { $1 })
}

/// An answer; as JSON, it may have several lines.
func reply(_ text: String) throws {
    let line = try JSONEncoder().encode(["reply": text])
    print(String(decoding: line, as: UTF8.self))
}

struct Event: Decodable {
    struct Message: Decodable { let text: String }
    let message: Message
}

let event = try JSONDecoder().decode(Event.self, from: Data((readLine() ?? "").utf8))
var all = counts()
if event.message.text == "!karma" {
    let best = all.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(10)
    try reply(best.isEmpty ? "Nobody was thanked yet." : best.map { "\($0.key): \($0.value)" }.joined(separator: "\n"))
} else {
    let thanked = event.message.text.split(whereSeparator: \.isWhitespace).compactMap { word -> String? in
        let name = word.hasSuffix("++") ? word.dropLast(2).lowercased() : ""
        return !name.isEmpty && name.count <= 40 && name.allSatisfy(\.isLetter) ? name : nil
    }
    for name in Set(thanked).sorted() {
        all[name, default: 0] += 1
        try reply("\(name) has \(all[name, default: 0]) now.")
    }
    let text = all.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }.joined()
    if !thanked.isEmpty { try text.write(to: file, atomically: true, encoding: .utf8) }
}
