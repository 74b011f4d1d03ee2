import EarshotControl
import Foundation
import Testing

/// Every example of docs/Control.md, asked of a real node through its socket.
@Suite(.timeLimit(.minutes(5))) struct ControlDocumentTests {
    @Test func everyExampleIsTrue() async throws {
        let document = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
            .appendingPathComponent("docs/Control.md")
        let lines = try String(contentsOf: document, encoding: .utf8).split(separator: "\n").map(String.init)
        let (anna, bob) = try await TwoNodesTests().friends()
        let client = try ControlClient(path: anna.state + "/earshot.sock")
        let place = try FilesTests.Place()
        try place.file("plans.pdf", Data("a plan".utf8))
        let notes = try place.file("notes.txt", Data("notes".utf8))
        _ = try await bob.ask(Methods.Offer(to: ["anna"], paths: [notes]))
        _ = await anna.event { $0["event"]?.string == "offer" }
        _ = FileManager.default.createFile(atPath: anna.state + "/spool/in.1", contents: Data())
        var id = ""
        var share = ""
        var asked: Set<String> = []
        var answer: JSON = .null
        for line in lines {
            if line.hasPrefix("→ ") {
                let text = line.dropFirst(2).replacingOccurrences(of: "\"ID\"", with: "\"\(id)\"").replacingOccurrences(
                    of: "\"SHARE\"", with: "\"\(share)\""
                )
                .replacingOccurrences(of: "/home/anna/.local/state/earshot", with: anna.state).replacingOccurrences(
                    of: "/home/anna", with: place.path)
                let request = try #require(JSON(text: text.utf8), "\(line)")
                let method = try #require(request["method"]?.string)
                asked.insert(method)
                do throws(DoorError) {
                    answer = try client.ask(named: method, request["params"] ?? .object([:]))
                } catch { answer = error.json }
            } else if line.hasPrefix("← ") {
                let expected = try #require(JSON(text: line.dropFirst(2).utf8), "\(line)")
                self.compare(expected, answer, line)
                if line.contains("\"SHARE\"") { share = try #require(answer.array?.first?["share"]?.string) }
                if line.contains("\"ID\"") { id = try #require(answer.array?.first?["id"]?.string) }
            }
        }
        #expect(asked.subtracting(["no.such.method"]) == Set(Methods.names), "every method has its example")
        _ = try? await anna.task.value
        await bob.stop()
    }

    /// What the document shows is there, of the same kind; words and names without an ellipsis that tell something
    /// are the same.
    private func compare(_ expected: JSON, _ actual: JSON, _ line: String) {
        switch (expected, actual) {
        case (.object(let want), .object(let have)):
            for (key, value) in want {
                guard let other = have[key] else {
                    Issue.record("\(key) is missing in \(actual.line) for \(line)")
                    continue
                }
                if [
                    "name", "trust", "text", "petname", "kind", "toName", "fromName", "emoji",
                    "contacts.accept",
                ].contains(key) {
                    #expect(value == other, "\(key) of \(line)")
                } else if key == "code", value.integer != nil {
                    #expect(value == other, "\(key) of \(line)")
                } else {
                    self.compare(value, other, line)
                }
            }
        case (.array(let want), .array(let have)):
            if let one = want.first { self.compare(one, have.first ?? .null, line) }
        case (.string, .string), (.integer, .integer), (.bool, .bool), (.null, .null): break
        default: Issue.record("\(actual.line) is not like \(line)")
        }
    }
}
