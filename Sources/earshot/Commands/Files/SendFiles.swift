import ArgumentParser
import EarshotControl
import EarshotTerminal
import Glibc

/// `send -f`: offers, and watches until the others have it.
struct SendFiles {
    let to: [String]
    let paths: [String]
    let name: String?
    let wait: Request.Wait
    let timeout: Int64?
    let options: Options

    func run() throws {
        let client = try self.options.connect()
        _ = try client.ask("subscribe")
        let sent = try client.ask(
            "offer", ["to": .array(self.to.map { .string($0) }), "paths": .array(try self.paths.map { .string(try TypedPath.ours.absolute($0)) }), "name": self.name.map { .string($0) }],
            patience: 600_000)
        let lines = TransferLines(style: self.options.style)
        var open: [String] = []
        for one in sent.array ?? [] {
            guard let id = one["id"]?.string, let file = one["file"] else { continue }
            open.append(id)
            if self.options.json { self.options.show(object: one) }
            if !self.options.json, !self.options.quiet {
                let reason = one["reason"]?.string.map { $0 == "on its way" ? "" : ": \($0)" } ?? ""
                print("offered \(lines.what(file)) to \(one["toName"]?.string ?? "")\(reason)  \(self.options.style.dim(String(id.prefix(8))))")
                fflush(nil)
            }
        }
        for path in sent.array?.first?["skipped"]?.array ?? [] { StandardError.say("earshot: not sent, as it is no file and no folder: \(path.string ?? "")") }
        // A person watches; a program comes back at once unless it says otherwise.
        guard self.wait != .queued else { return }
        try self.watch(client, open, lines)
    }

    func watch(_ client: ControlClient, _ ids: [String], _ lines: TransferLines) throws {
        var open = Set(ids)
        var progress = Progress(self.options)
        var worst: Int32 = 0
        func take(_ transfer: JSON) {
            guard let id = transfer["id"]?.string, open.contains(id) else { return }
            progress.show(transfer)
            guard transfer.isOver else { return }
            open.remove(id)
            progress.clear()
            if !self.options.json, !self.options.quiet { print(lines.line(transfer)) }
            switch transfer["state"]?.string {
            case "declined", "cancelled": worst = max(worst, DoorError.Kind.refused.exitCode)
            case "failed": worst = max(worst, DoorError.Kind.notDelivered.exitCode)
            default: break
            }
        }
        // It may have been over before we looked.
        for transfer in try client.ask("transfers").array ?? [] { take(transfer) }
        let until = self.timeout.map { Deadline(milliseconds: $0) }
        while !open.isEmpty {
            guard let line = try client.next(until: until) else {
                progress.clear()
                if !self.options.quiet { StandardError.say("earshot: not there yet; it goes on without this command. `earshot transfers` tells.") }
                throw ExitCode(DoorError.Kind.notDelivered.exitCode)
            }
            if line["method"]?.string == "event", let transfer = line["params"]?["transfer"] { take(transfer) }
        }
        if worst != 0 { throw ExitCode(worst) }
    }
}
