import EarshotConfig
import EarshotControl
import EarshotModel
import Glibc
import Logging

/// What `earshotd` says on standard output and standard error, in the format that was asked for.
package struct Voice: Sendable {
    private let format: LogFormat

    package init(_ format: LogFormat) { self.format = format }

    /// Why it ends.
    package func fail(_ text: String) {
        switch self.format {
        case .text: StandardError.say("earshotd: \(text)")
        case .json, .journal: StandardError.say(LogLine.text(self.format, .error, text, at: Self.now))
        }
    }

    /// The one line on standard output, for whoever waits for it.
    package func ready(name: String, person: String, port: UInt16, state: String) {
        let text = "earshotd ready: \(name) (\(person)) on port \(port), state \(state)"
        switch self.format {
        case .text: print(text)
        case .journal: print(LogLine.text(.journal, .notice, text, at: Self.now))
        case .json:
            let fields = ["name": name, "person": person, "port": String(port), "state": state]
            print(LogLine.text(.json, .notice, "ready", fields: fields, at: Self.now))
        }
        fflush(nil)
    }

    /// Where the log goes.
    package func log(_ label: String) -> any LogHandler {
        switch self.format {
        case .text: StreamLogHandler.standardError(label: label)
        case .json, .journal: LogWriter(format: self.format)
        }
    }

    fileprivate static var now: Timestamp {
        var wall = timespec()
        clock_gettime(CLOCK_REALTIME, &wall)
        let milliseconds = UInt64(clamping: wall.tv_sec) * 1_000 + UInt64(clamping: wall.tv_nsec) / 1_000_000
        return Timestamp(milliseconds: milliseconds)
    }
}

/// Writes each message as a line on standard error.
private struct LogWriter: LogHandler {
    let format: LogFormat
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .notice

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = self.metadata.merging(event.metadata ?? [:]) { $1 }
        let fields = all.mapValues { "\($0)" }
        StandardError.say(LogLine.text(self.format, event.level, "\(event.message)", fields: fields, at: Voice.now))
    }
}
