import ArgumentParser
import EarshotControl
import EarshotTerminal
import Glibc

/// Files are told to the node by paths that mean the same everywhere.
func absolute(_ path: String) throws -> String {
    guard !path.isEmpty else { throw ValidationError("A path is empty.") }
    var whole = path
    if !path.hasPrefix("/") {
        guard let here = getcwd(nil, 0) else { throw ValidationError("The current folder is gone.") }
        defer { free(here) }
        whole = String(cString: here) + "/" + path
    }
    // `..` stays: behind a link it means something else.
    return "/" + whole.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
}

/// What a command that sends or takes files shows while they move.
struct Progress {
    private let options: Options
    private let lines: TransferLines
    private let isLive: Bool
    private var marks: [String: (have: Int64, at: Double, rate: Double)] = [:]
    private var isShown = false

    init(_ options: Options) {
        self.options = options
        self.lines = TransferLines(style: options.style)
        self.isLive = isatty(STDERR_FILENO) == 1 && !options.quiet && !options.json
    }

    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    mutating func show(_ transfer: JSON) {
        if self.options.json { return self.options.show(object: transfer) }
        guard self.isLive, transfer["state"]?.string == "active", let id = transfer["id"]?.string else { return }
        let have = transfer["have"]?.integer ?? 0
        let now = Self.now
        var mark = self.marks[id] ?? (have, now, 0)
        if now - mark.at >= 0.2 {
            let rate = Double(max(0, have - mark.have)) / (now - mark.at)
            mark = (have, now, mark.rate == 0 ? rate : mark.rate * 0.7 + rate * 0.3)
        }
        self.marks[id] = mark
        StandardError.draw("\r\u{1B}[K" + self.lines.bar(transfer, rate: mark.rate, columns: Terminal.size.columns))
        self.isShown = true
    }

    mutating func clear() {
        if self.isShown { StandardError.draw("\r\u{1B}[K") }
        self.isShown = false
    }
}

extension JSON {
    /// Nothing more comes of the transfer.
    var isOver: Bool { ["complete", "declined", "cancelled", "failed"].contains(self["state"]?.string ?? "") }
}
