/// The spans of one line (XEP-0393, Spans), and its links.
struct StyledLine {
    /// Where spans of one kind may end.
    private struct Ends {
        var places: [Int] = []
        private var next = 0

        /// The first one from a place on, which never goes back.
        mutating func first(from at: Int) -> Int? {
            while self.next < self.places.count, self.places[self.next] < at { self.next += 1 }
            return self.next < self.places.count ? self.places[self.next] : nil
        }
    }

    private let scalars: [Unicode.Scalar]
    private let start: Int
    private let end: Int
    private let room: Int
    private var spans: [StyledSpan] = []
    private var links: ArraySlice<Range<Int>>
    private var ends: [StyledSpan.Kind: Ends] = [.strong: Ends(), .emphasis: Ends(), .strike: Ends(), .code: Ends()]
    /// Those that are open, the outer first: their kinds and where they end.
    private var open: [(kind: StyledSpan.Kind, from: Int, end: Int)] = []

    /// - Parameter room: how many spans may begin.
    init(_ scalars: [Unicode.Scalar], _ start: Int, _ end: Int, room: Int) {
        self.scalars = scalars
        self.start = start
        self.end = end
        self.room = room
        self.links = Links.find(in: scalars, start, end)[...]
        self.noteEnds()
    }

    /// Signs that begin and end a span, each a kind of its own.
    private func sign(_ at: Int) -> StyledSpan.Kind? {
        switch self.scalars[at] {
        case "*": .strong
        case "_": .emphasis
        case "~": .strike
        case "`": .code
        default: nil
        }
    }

    /// A sign ends a span if no space stands before it and it is no part of a link.
    private mutating func noteEnds() {
        var links = self.links
        for at in self.start..<self.end {
            guard let kind = self.sign(at), at > self.start, !self.isSpace(at - 1) else { continue }
            while let link = links.first, link.upperBound <= at { links = links.dropFirst() }
            if !(links.first?.contains(at) ?? false) { self.ends[kind]?.places.append(at) }
        }
    }

    mutating func read() -> [StyledSpan] {
        var at = self.start
        while at < self.end {
            if let last = self.open.last, last.end == at {
                self.spans.append(StyledSpan(.mark, at, at + 1))
                self.open.removeLast()
                at += 1
            } else if let link = self.link(at) {
                if self.spans.count < self.room {
                    self.spans.append(StyledSpan(.link, link.lowerBound, link.upperBound))
                }
                at = link.upperBound
            } else {
                at = self.begin(at)
            }
        }
        return self.spans
    }

    private mutating func link(_ at: Int) -> Range<Int>? {
        while let link = self.links.first, link.lowerBound < at { self.links = self.links.dropFirst() }
        return self.links.first?.lowerBound == at ? self.links.popFirst() : nil
    }

    /// A span begins here, or the sign is text. Says where to go on.
    private mutating func begin(_ at: Int) -> Int {
        guard let kind = self.sign(at), self.mayBegin(kind, at), self.spans.count < self.room else {
            return at + 1
        }
        // Nothing between two signs: both are text.
        if at + 1 < self.end, self.scalars[at + 1] == self.scalars[at] { return at + 2 }
        guard let end = self.ends[kind]?.first(from: at + 2), end < self.open.last?.end ?? self.end else {
            return at + 1
        }
        self.spans.append(StyledSpan(kind, at, end + 1))
        self.spans.append(StyledSpan(.mark, at, at + 1))
        guard kind == .code else {
            self.open.append((kind, at, end))
            return at + 1
        }
        self.spans.append(StyledSpan(.mark, end, end + 1))
        return end + 1
    }

    /// At the beginning, behind a space, or right behind a sign of another kind that began a span; and no space behind
    /// it.
    private func mayBegin(_ kind: StyledSpan.Kind, _ at: Int) -> Bool {
        guard at + 1 < self.end, !self.isSpace(at + 1) else { return false }
        if at == self.start || self.isSpace(at - 1) { return true }
        return self.open.last.map { $0.from == at - 1 && $0.kind != kind } ?? false
    }

    private func isSpace(_ at: Int) -> Bool { self.scalars[at].properties.isWhitespace }
}

/// Addresses of pages and of mail in a line.
private enum Links {
    private static let schemes = ["https://", "http://", "ftp://", "mailto:"].map { Array($0.unicodeScalars) }

    static func find(in scalars: [Unicode.Scalar], _ start: Int, _ end: Int) -> [Range<Int>] {
        var links: [Range<Int>] = []
        var at = start
        while at < end {
            guard let length = self.scheme(scalars, at, end), at == start || !self.isWord(scalars[at - 1]) else {
                at += 1
                continue
            }
            let behind = self.end(scalars, at + length, end)
            guard behind > at + length else {
                at += length
                continue
            }
            links.append(at..<behind)
            at = behind
        }
        return links
    }

    /// How long the scheme is that begins here.
    private static func scheme(_ scalars: [Unicode.Scalar], _ at: Int, _ end: Int) -> Int? {
        self.schemes.first { scheme in
            // A letter of a scheme may be large.
            end - at > scheme.count
                && zip(scheme, scalars[at...]).allSatisfy {
                    $0 == $1 || $0.value >= 0x61 && $1.value | 0x20 == $0.value
                }
        }?.count
    }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }

    /// Up to a space or what quotes a link, without the signs that end the sentence around it.
    private static func end(_ scalars: [Unicode.Scalar], _ from: Int, _ end: Int) -> Int {
        var behind = from
        var open = 0
        while behind < end, !self.ends(scalars[behind]) {
            if scalars[behind] == "(" { open += 1 }
            if scalars[behind] == ")" { open -= 1 }
            behind += 1
        }
        while behind > from {
            switch scalars[behind - 1] {
            case ".", ",", ";", ":", "!", "?", "'", "*", "_", "~", "]", "}", "…": break
            case ")" where open < 0: open += 1
            default: return behind
            }
            behind -= 1
        }
        return behind
    }

    private static func ends(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "<", ">", "\"", "`", "|", "\\", "^", "“", "”", "„", "«", "»": true
        default: scalar.properties.isWhitespace || scalar.value < 0x20
        }
    }
}
