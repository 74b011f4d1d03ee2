import EarshotControl
import EarshotTerminal
import Glibc

/// `send -f -`: standard input, which goes out while it comes in.
struct SendPipe {
    let to: [String]
    let name: String
    let wait: Request.Wait
    let timeout: Int64?
    let options: Options

    /// Told to the node once so much has come.
    private static let step: Int64 = 1 << 18

    func run() throws {
        let client = try self.options.connect()
        let folder = try self.options.directory + "/spool"
        var random = [UInt8](repeating: 0, count: 12)
        for index in random.indices { random[index] = UInt8.random(in: 0...255) }
        let path = "\(folder)/in.\(random.map { String($0, radix: 36) }.joined())"
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw DoorError(.disk, "\(path): \(String(cString: strerror(errno))).") }
        defer { close(file) }
        var isOffered = false
        defer { if !isOffered { unlink(path) } }
        _ = try client.ask("subscribe")
        let sent = try client.ask("offer.open", ["to": .array(self.to.map { .string($0) }), "path": .string(path), "name": .string(self.name)])
        isOffered = true
        guard let share = sent.array?.first?["share"]?.string else { throw DoorError(.failed, "The node did not say what it offers.") }
        for one in sent.array ?? [] {
            if self.options.json { self.options.show(object: one) } else if !self.options.quiet {
                print("offered \(self.name) to \(one["toName"]?.string ?? "") as it comes  \(self.options.style.dim(String((one["id"]?.string ?? "").prefix(8))))")
            }
        }
        fflush(nil)
        var size: Int64 = 0
        var told: Int64 = 0
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = read(STDIN_FILENO, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw DoorError(.failed, "Standard input: \(String(cString: strerror(errno))).") }
            if count == 0 { break }
            var rest = chunk[..<count]
            while !rest.isEmpty {
                let written = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { throw DoorError(.disk, "\(path): \(String(cString: strerror(errno))). What was offered is taken back.") }
                rest = rest.dropFirst(written)
            }
            size += Int64(count)
            if size - told >= Self.step {
                told = size
                _ = try client.ask("offer.grew", ["share": .string(share), "size": .integer(size), "open": true])
            }
        }
        guard fsync(file) == 0 else { throw DoorError(.disk, "\(path): \(String(cString: strerror(errno))).") }
        _ = try client.ask("offer.grew", ["share": .string(share), "size": .integer(size), "open": false])
        guard self.wait != .queued else { return }
        let watch = SendFiles(to: self.to, paths: [], name: nil, wait: self.wait, timeout: self.timeout, options: self.options)
        try watch.watch(client, (sent.array ?? []).compactMap { $0["id"]?.string }, TransferLines(style: self.options.style))
    }
}
