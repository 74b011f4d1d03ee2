import Glibc

/// Memory that only starting up needed.
enum Footprint {
    /// After so many ms nothing is left of starting up: others are found, and what they have is here.
    static let settled: Int64 = 10_000

    /// Gives back the pages of our own program text: half of it was touched on the way here and will not be again.
    /// What is needed after all comes back from the page cache; nothing in there was ever written to.
    static func trim() {
        var own = [CChar](repeating: 0, count: 4_096)
        let length = readlink("/proc/self/exe", &own, own.count - 1)
        guard length > 0, let maps = fopen("/proc/self/maps", "re") else { return }
        defer { fclose(maps) }
        let program = String(decoding: own.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var line: UnsafeMutablePointer<CChar>?
        var size = 0
        defer { free(line) }
        while getline(&line, &size, maps) > 0, let text = line.map({ String(cString: $0) }) {
            // start-end perms offset device inode path
            let fields = text.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
            guard fields.count == 6, fields[1] == "r-xp",
                fields[5].drop(while: { $0 == " " }).dropLast() == program[...]
            else { continue }
            let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            guard ends.count == 2, ends[1] > ends[0] else { continue }
            madvise(UnsafeMutableRawPointer(bitPattern: ends[0]), Int(ends[1] - ends[0]), MADV_DONTNEED)
        }
    }
}
