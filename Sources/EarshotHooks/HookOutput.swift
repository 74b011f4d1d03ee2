import EarshotControl

/// What a hook writes, as lines: those that are answers, and those for the log. It is bounded: what is longer is a
/// flood.
package struct HookOutput: Sendable {
    package enum Line: Hashable, Sendable {
        /// - Parameter cites: whether the answer cites what it answers.
        case reply(String, cites: Bool)
        case log(String)
    }

    /// Bytes of one run, and of a line.
    package static let most = 1 << 20
    package static let longestLine = 64 << 10
    /// Characters of a line in the log.
    private static let longestShown = 500

    /// What stands in answers is said; what comes as an error never is.
    private let isError: Bool
    private var rest: [UInt8] = []
    private var count = 0
    package private(set) var isFlooded = false

    package init(isError: Bool = false) { self.isError = isError }

    /// - Returns: the lines that are whole now; none any more once it is a flood.
    package mutating func take(_ bytes: some Collection<UInt8>) -> [Line] {
        guard !self.isFlooded else { return [] }
        self.count += bytes.count
        guard self.count <= Self.most else {
            self.isFlooded = true
            self.rest = []
            return []
        }
        var lines: [Line] = []
        for piece in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            if piece.offset > 0 {
                if let line = self.line(self.rest) { lines.append(line) }
                self.rest = []
            }
            self.rest += piece.element
            if self.rest.count > Self.longestLine {
                self.isFlooded = true
                self.rest = []
                return lines
            }
        }
        return lines
    }

    /// The last line may have no end.
    package mutating func finish() -> [Line] {
        defer { self.rest = [] }
        return self.isFlooded ? [] : [self.line(self.rest)].compactMap { $0 }
    }

    private func line(_ bytes: [UInt8]) -> Line? {
        var text = String(decoding: bytes, as: UTF8.self)
        if text.hasSuffix("\r") { text.removeLast() }
        guard text.contains(where: { !$0.isWhitespace }) else { return nil }
        if !self.isError {
            let begin = "reply: "
            if text.hasPrefix(begin) { return .reply(String(text.dropFirst(begin.count)), cites: false) }
            if text.hasPrefix("{"), let json = JSON(text: bytes), let reply = json["reply"]?.string {
                return .reply(reply, cites: json["cite"]?.bool ?? false)
            }
        }
        return .log(String(text.prefix(Self.longestShown)))
    }
}
