import EarshotControl
import EarshotModel
import EarshotTerminal
import Glibc

/// What a command that sends or takes files shows while they move: one line for the first that is not over, drawn
/// over again. How fast it goes and why it does not, the node says.
struct Progress {
    private let options: Options
    private let lines: TransferLines
    private let isLive: Bool
    /// Under way, in the order they began.
    private var open: [TransferView] = []
    private var isShown = false

    init(_ options: Options) {
        self.options = options
        self.lines = TransferLines(style: options.style)
        self.isLive =
            isatty(STDERR_FILENO) == 1 && !options.quiet && !options.json && Options.environment("TERM") != "dumb"
    }

    mutating func show(_ transfer: TransferView) {
        if self.options.json { return self.options.show(object: transfer) }
        guard self.isLive else { return }
        let index = self.open.firstIndex { $0.id == transfer.id }
        if transfer.state.isOver || transfer.state == .offered {
            if let index { self.open.remove(at: index) }
        } else if let index {
            self.open[index] = transfer
        } else {
            self.open.append(transfer)
        }
        guard let first = self.open.first(where: { $0.state == .active }) ?? self.open.first else {
            return self.clear()
        }
        StandardError.draw(
            "\r\u{1B}[K" + self.lines.bar(first, others: self.open.count - 1, columns: Terminal.size.columns))
        self.isShown = true
    }

    mutating func clear() {
        if self.isShown { StandardError.draw("\r\u{1B}[K") }
        self.isShown = false
    }
}
