/// What was perhaps meant by a word that nobody knows.
package enum Nearest {
    /// The words that are a slip or two away, or that begin like it; the nearest first, at most three.
    package static func to(_ word: String, among words: [String]) -> [String] {
        let wanted = Array(word.lowercased())
        guard !wanted.isEmpty, wanted.count <= 64 else { return [] }
        let most = max(1, wanted.count / 3)
        let close = words.compactMap { candidate -> (distance: Int, word: String)? in
            let distance = self.distance(wanted, Array(candidate.lowercased()))
            let isBeginning = wanted.count >= 2 && candidate.lowercased().hasPrefix(String(wanted))
            return distance <= most || isBeginning ? (isBeginning ? min(distance, 1) : distance, candidate) : nil
        }
        return close.sorted { ($0.distance, $0.word) < ($1.distance, $1.word) }.prefix(3).map(\.word)
    }

    /// ` Did you mean add or remove?`, with a space before it; empty where nothing is near.
    package static func question(_ word: String, among words: [String]) -> String {
        let near = self.to(word, among: words)
        return near.isEmpty ? "" : " Did you mean \(near.joined(separator: " or "))?"
    }

    /// Letters to put in, take out, change, or swap with the next.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var rows = [Array(0...right.count)]
        for (i, a) in left.enumerated() {
            var row = [i + 1]
            for (j, b) in right.enumerated() {
                var best = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a == b ? 0 : 1))
                if i > 0, j > 0, a == right[j - 1], left[i - 1] == b { best = min(best, rows[i - 1][j - 1] + 1) }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[left.count][right.count]
    }
}
