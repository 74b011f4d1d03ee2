import EarshotControl
import EarshotModel
import EarshotText
import Glibc
import NIOCore

/// What browsers bring to be offered: each upload has a folder in the spool, from where the node takes it away once
/// every transfer made of it has ended. One that is not offered goes when its browser wishes, or after an hour. On one
/// loop.
final class Uploads {
    /// That can be added to; for another one the oldest goes.
    private static let most = 256

    private struct Open {
        /// Bytes that were brought or are on their way.
        var bytes: UInt64 = 0
        /// Files on their way.
        var underWay = 0
        var end: Scheduled<Void>?
    }

    let room = SpoolRoom()
    private let spool: String
    private let limits: WebLimits
    private let loop: any EventLoop
    private let drop: @Sendable (String) -> Void
    private var open: [String: Open] = [:]
    /// The oldest first.
    private var order: [String] = []
    /// Of all that are open.
    private var bytes: UInt64 = 0

    /// - Parameter drop: removes the folder of an upload, unless something that is offered needs it.
    init(spool: String, limits: WebLimits, loop: any EventLoop, drop: @escaping @Sendable (String) -> Void) {
        self.spool = spool
        self.limits = limits
        self.loop = loop
        self.drop = drop
    }

    private static let begin = "up."
    private static let unknown = WebError(.noUpload)

    private func path(_ id: String) -> String { "\(self.spool)/\(Self.begin)\(id)" }

    func begin() throws(WebError) -> String {
        let id = Secret.random(count: 16).text
        guard mkdir(self.path(id), 0o700) == 0 else {
            let code = errno
            let detail = String(cString: strerror(code))
            throw WebError(
                code == ENOSPC
                    ? .full(self.spool, detail: detail) : .unwritable(self.spool, detail: detail))
        }
        if self.order.count >= Self.most, let oldest = self.order.first { self.end(oldest) }
        self.open[id] = Open()
        self.order.append(id)
        self.wait(id)
        return id
    }

    /// Where a file of that length goes.
    func add(_ length: UInt64, to id: String) throws(WebError) -> String {
        guard var one = self.open[id] else { throw Self.unknown }
        let (all, isTooMuch) = self.bytes.addingReportingOverflow(length)
        guard !isTooMuch, all <= self.limits.uploads else {
            throw WebError(.manyUploads(most: self.limits.uploads))
        }
        one.end?.cancel()
        one.bytes += length
        one.underWay += 1
        (self.open[id], self.bytes) = (one, all)
        return self.path(id)
    }

    /// A file came, or did not.
    func ended(_ id: String, _ length: UInt64, isWhole: Bool) {
        guard var one = self.open[id], one.underWay > 0 else { return }
        one.underWay -= 1
        if !isWhole {
            one.bytes -= min(one.bytes, length)
            self.bytes -= min(self.bytes, length)
        }
        self.open[id] = one
        self.wait(id)
    }

    /// Something that lies at a path was offered: from now on its upload is the node's to remove.
    func offered(_ path: String) {
        guard path.hasPrefix(self.path("")) else { return }
        self.forget(String(path.dropFirst(self.path("").count).prefix { $0 != "/" }))
    }

    private func wait(_ id: String) {
        guard var one = self.open[id], one.underWay == 0 else { return }
        let bound = NIOLoopBound(self, eventLoop: self.loop)
        one.end?.cancel()
        one.end = self.loop.scheduleTask(in: self.limits.upload) { bound.value.end(id) }
        self.open[id] = one
    }

    /// Nothing is added to it any more.
    private func forget(_ id: String) {
        guard let one = self.open.removeValue(forKey: id) else { return }
        one.end?.cancel()
        self.bytes -= min(self.bytes, one.bytes)
        self.order.removeAll { $0 == id }
    }

    /// What is not offered goes.
    private func end(_ id: String) {
        self.forget(id)
        self.drop(self.path(id))
    }

    /// Forgets it, with all that came and is not offered.
    func takeBack(_ id: String) throws(WebError) {
        guard self.open[id] != nil else { throw Self.unknown }
        self.end(id)
    }

    /// The node ends. At its next start it takes away what is not offered.
    func close() { for id in self.order { self.forget(id) } }
}
