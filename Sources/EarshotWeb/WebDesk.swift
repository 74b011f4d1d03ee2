import EarshotControl
import EarshotModel
import EarshotText
import NIOConcurrencyHelpers
import NIOCore

/// What all connections of browsers share. On the loop of the node.
final class WebDesk {
    /// Connections at most, and clients of the door among them.
    static let mostConnections = 128
    private static let mostClients = 96

    /// A stream of events, and who asks beside it in its name.
    private struct Stream {
        let caller: CallerID
        let browser: Gate.Claim
        var askers: [ObjectIdentifier: () -> Void] = [:]
    }

    let door: any Door
    let guests = ControlGuests(most: WebDesk.mostClients)
    let page: PageFiles
    /// What programs post to be said goes there.
    let hooks: (any LocalHooks)?
    let servesMetrics: Bool
    let files: FileThreads
    let uploads: Uploads
    let limits: WebLimits
    let loop: any EventLoop
    /// Known once there is a port.
    var gate: Gate?
    private let visitors: NIOLockedValueBox<Visitors>
    private let file: VisitorsFile
    private var streams: [String: Stream] = [:]
    /// How each is closed.
    private var connections: [ObjectIdentifier: () -> Void] = [:]
    /// Who asks on behalf of the page.
    let caller: CallerID

    init(
        door: any Door, visitors: NIOLockedValueBox<Visitors>, file: VisitorsFile, files: FileThreads,
        uploads: Uploads, limits: WebLimits, loop: any EventLoop, hooks: (any LocalHooks)? = nil,
        servesMetrics: Bool = false
    ) {
        self.hooks = hooks
        self.servesMetrics = servesMetrics
        self.door = door
        self.visitors = visitors
        self.file = file
        self.files = files
        self.caller = door.enter { _ in true }
        self.uploads = uploads
        self.limits = limits
        self.loop = loop
        self.page = PageFiles(folder: PageFolder.ofWhoeverWorksOnIt)
    }

    // MARK: connections

    /// Whether there is room for another one. - Parameter close: closes it.
    func open(_ connection: ObjectIdentifier, _ close: @escaping () -> Void) -> Bool {
        guard self.connections.count < Self.mostConnections else { return false }
        self.connections[connection] = close
        return true
    }

    func closed(_ connection: ObjectIdentifier) { self.connections[connection] = nil }

    func closeAll() {
        for close in Array(self.connections.values) { close() }
        self.uploads.close()
        self.door.leave(self.caller)
    }

    /// The bytes of a file were carried, or not.
    func ended(_ job: FileJob, isWhole: Bool) {
        if case .upload(let job, let upload) = job { self.uploads.ended(upload, job.length, isWhole: isWhole) }
    }

    // MARK: visitors

    /// - Returns: the cookie that lets the browser in from now on, and the key that its page shows.
    func enter(_ token: String) throws(WebError) -> (cookie: Secret, key: Secret) {
        let cookie = Secret.random()
        let (now, wall) = (WebClock.uptime, WebClock.wall)
        let isIn = self.visitors.withLockedValue { $0.enter(token, as: cookie, at: now, wall: wall) }
        guard isIn else {
            throw WebError(.expiredLink)
        }
        self.writeDown()
        return (cookie, self.visitors.withLockedValue { $0.browserKey(of: cookie.text) })
    }

    /// - Throws: `notEntered` or `wrongKey`.
    func check(_ admitted: Gate.Admitted) throws(WebError) {
        if admitted.route.isOpen { return }
        let stranger = WebError(.notEntered)
        switch admitted.claim {
        case .nothing: throw stranger
        case .key(let key): guard self.visitors.withLockedValue({ $0.admits(key: key) }) else { throw stranger }
        case .cookie(let cookie, let key):
            let answer = self.visitors.withLockedValue { $0.admits(cookie: cookie, wall: WebClock.wall) }
            if answer.isNews { self.writeDown() }
            guard answer.isIn else { throw stranger }
            if key == nil, admitted.route.isElement { return }
            guard let key, self.visitors.withLockedValue({ $0.admits(browserKey: key, of: cookie) }) else {
                throw WebError(.wrongKey)
            }
        }
    }

    /// Where that fails, the browser is in until the node ends, and comes by a link again after that.
    private func writeDown() { try? self.file.write(self.visitors.withLockedValue { $0.browsers }) }

    // MARK: streams

    /// - Returns: the name under which one can ask beside it.
    func begin(_ caller: CallerID, for browser: Gate.Claim) -> String {
        let name = Secret.random(count: 16).text
        self.streams[name] = Stream(caller: caller, browser: browser)
        return name
    }

    /// In whose name is asked; `nil` where there is no such stream, or it is another browser's.
    /// - Parameter close: ends the asking when the stream ends.
    func join(
        _ stream: String, _ asker: ObjectIdentifier, from browser: Gate.Claim, _ close: @escaping () -> Void
    ) -> CallerID? {
        guard let found = self.streams[stream], found.browser == browser else { return nil }
        self.streams[stream]?.askers[asker] = close
        return found.caller
    }

    func left(_ stream: String, _ asker: ObjectIdentifier) { self.streams[stream]?.askers[asker] = nil }

    /// Whoever asks beside it would wait for answers that nobody gives.
    func ended(_ stream: String) {
        guard let ended = self.streams.removeValue(forKey: stream) else { return }
        for close in ended.askers.values { close() }
    }
}

/// Debug builds serve a folder instead, so that the page can be worked on without building.
enum PageFolder {
    static var ofWhoeverWorksOnIt: String? {
        #if DEBUG
            return Environment.variable("EARSHOT_PAGE_FOLDER")
        #else
            return nil
        #endif
    }
}
