import EarshotConfig
import EarshotControl
import EarshotModel
import Logging

/// One line of the log, for people, for the journal, or for programs.
package enum LogLine {
    /// - Parameters:
    ///   - fields: what belongs to the message, by name.
    ///   - at: when; the journal notes that itself.
    /// - Returns: the line without its end. Nothing in it ends it earlier, whatever others wrote.
    package static func text(
        _ format: LogFormat, _ level: Logger.Level, _ message: String, fields: [String: String] = [:], at: Timestamp
    ) -> String {
        switch format {
        case .text: "\(at.rfc3339) \(level): " + self.visible(message) + self.list(fields)
        case .journal: "<\(self.priority(level))>" + self.visible(message) + self.list(fields)
        case .json:
            JSON.compact([
                "at": .string(at.rfc3339), "level": .string("\(level)"), "message": .string(message), "v": .integer(1),
                "fields": fields.isEmpty ? nil : .object(fields.mapValues { .string($0) }),
            ]).line
        }
    }

    /// As syslog(3) counts: what the journal reads from the beginning of a line.
    private static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    private static func list(_ fields: [String: String]) -> String {
        fields.sorted { $0.key < $1.key }.map { " \($0.key)=" + self.visible($0.value) }.joined()
    }

    /// On one line, and without what moves the cursor of a terminal.
    /// - Parameter atMost: bytes; what is longer is cut between two characters.
    static func visible(_ text: String, atMost: Int = .max) -> String {
        var out = ""
        var count = 0
        for scalar in text.unicodeScalars {
            let shown: String =
                switch scalar {
                case "\n": "\\n"
                case "\t": " "
                default: scalar.properties.generalCategory == .control ? "\u{FFFD}" : String(scalar)
                }
            count += shown.utf8.count
            guard count <= atMost else { break }
            out += shown
        }
        return out
    }
}
