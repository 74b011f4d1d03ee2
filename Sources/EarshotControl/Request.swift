/// Everything that can be asked at the door, in the order of docs/Control.md.
package enum Request: Sendable, Hashable {
    package enum OfTransfers: Sendable, Hashable {
        /// The newest; of one person, and only what they offer, where that is said.
        case list(limit: Int, who: String?, incoming: Bool)
        /// `folder` is absolute.
        case accept(id: String, folder: String?)
        /// Not wanted.
        case decline(id: String)
        /// No more of it: an offer of others is declined, one's own is taken back.
        case cancel(id: String)
        case pause(id: String)
        case resume(id: String)
        case retry(id: String)
        /// What this caller writes into a file of the spool, and how far he is.
        case offerOpen(to: [String], path: String, name: String)
        case grew(share: String, size: Int64, isOpen: Bool)
        case rules
        case addRule(Rule)
        case removeRule(number: Int64)
    }

    /// Whose files are taken without asking.
    package struct Rule: Sendable, Hashable {
        package let from: String?
        package let verified: Bool
        package let most: Int64?
        package let types: [String]
        package let folder: String?
        package let quota: Int64?

        package init(from: String?, verified: Bool, most: Int64?, types: [String], folder: String?, quota: Int64?) {
            self.from = from
            self.verified = verified
            self.most = most
            self.types = types
            self.folder = folder
            self.quota = quota
        }
    }

    package enum Wait: String, Sendable, CaseIterable {
        case queued, delivered, read
    }

    case status
    case id
    case getName
    case setName(String)
    case peers
    case contacts
    /// Whom a word means.
    case resolve(who: String)
    case accept(who: String)
    case block(who: String)
    case unblock(who: String)
    case rename(who: String, petname: String?)
    case peerAdd(String)
    case peerRemove(String)
    case peerList
    /// `timeout` in ms.
    case send(to: [String], text: String, replyTo: String?, wait: Wait, timeout: Int64)
    /// Files and folders by absolute paths; `name` is what a single one is called, if not as it is.
    case offer(to: [String], paths: [String], name: String?, wait: Wait, timeout: Int64)
    case transfers(OfTransfers)
    /// One message, by its id.
    case message(id: String)
    case edit(id: String, text: String)
    case delete(id: String)
    case react(id: String, emoji: String, on: Bool)
    case read(who: String)
    /// `since` in ms since 1970.
    case history(who: String, since: Int64?, before: String?, limit: Int)
    case search(query: String, who: String?, limit: Int)
    case typing(who: String, on: Bool)
    /// Everything after a cursor, then everything as it happens.
    case subscribe(since: UInt64?)
    case unsubscribe
    case doctor
    case getSettings
    case setSetting(key: String, value: String)
    case stop

    package init(method: String, parameters p: Parameters) throws(DoorError) {
        switch method {
        case "status": self = .status
        case "id": self = .id
        case "name.get": self = .getName
        case "name.set": self = .setName(try p.string("name"))
        case "peers": self = .peers
        case "contacts": self = .contacts
        case "resolve": self = .resolve(who: try p.string("who"))
        case "accept": self = .accept(who: try p.string("who"))
        case "block": self = .block(who: try p.string("who"))
        case "unblock": self = .unblock(who: try p.string("who"))
        case "rename": self = .rename(who: try p.string("who"), petname: try p.optional("petname"))
        case "peer.add": self = .peerAdd(try p.string("address"))
        case "peer.remove": self = .peerRemove(try p.string("address"))
        case "peer.list": self = .peerList
        case "send":
            let wait = try p.optional("wait") ?? "queued"
            guard let wait = Wait(rawValue: wait) else { throw p.bad("wait is queued, delivered or read") }
            self = .send(
                to: try p.strings("to"), text: try p.string("text"), replyTo: try p.optional("replyTo"), wait: wait,
                timeout: try p.integer("timeout") ?? 30_000)
        case "offer":
            guard let wait = Wait(rawValue: try p.optional("wait") ?? "queued") else {
                throw p.bad("wait is queued or delivered")
            }
            self = .offer(
                to: try p.strings("to"), paths: try p.strings("paths").map(p.path), name: try p.optional("name"),
                wait: wait, timeout: try p.integer("timeout") ?? 3_600_000)
        case "transfers":
            let (from, who) = (try p.optional("from"), try p.optional("who"))
            self = .transfers(
                .list(
                    limit: Int(clamping: min(max(try p.integer("limit") ?? 200, 1), 10_000)), who: from ?? who,
                    incoming: from != nil))
        case "transfer.accept":
            self = .transfers(.accept(id: try p.string("id"), folder: try p.optional("folder").map(p.path)))
        // An older word for declining.
        case "transfer.decline", "transfer.reject": self = .transfers(.decline(id: try p.string("id")))
        case "transfer.cancel": self = .transfers(.cancel(id: try p.string("id")))
        case "transfer.pause": self = .transfers(.pause(id: try p.string("id")))
        case "transfer.resume": self = .transfers(.resume(id: try p.string("id")))
        case "offer.open":
            self = .transfers(
                .offerOpen(to: try p.strings("to"), path: try p.path(p.string("path")), name: try p.string("name")))
        case "offer.grew":
            self = .transfers(
                .grew(
                    share: try p.string("share"), size: try p.integer("size") ?? 0, isOpen: try p.bool("open") ?? false)
            )
        case "rules": self = .transfers(.rules)
        case "rules.add":
            self = .transfers(
                .addRule(
                    Rule(
                        from: try p.optional("from"), verified: try p.bool("verified") ?? false,
                        most: try p.integer("most"),
                        types: try p.optionalStrings("types"), folder: try p.optional("folder").map(p.path),
                        quota: try p.integer("quota"))))
        case "rules.remove": self = .transfers(.removeRule(number: try p.integer("number") ?? 0))
        case "transfer.retry": self = .transfers(.retry(id: try p.string("id")))
        case "message": self = .message(id: try p.string("id"))
        case "edit": self = .edit(id: try p.string("id"), text: try p.string("text"))
        case "delete": self = .delete(id: try p.string("id"))
        case "react": self = .react(id: try p.string("id"), emoji: try p.string("emoji"), on: try p.bool("on") ?? true)
        case "read": self = .read(who: try p.string("who"))
        case "history":
            self = .history(
                who: try p.string("who"), since: try p.integer("since"), before: try p.optional("before"),
                limit: Int(clamping: min(max(try p.integer("limit") ?? 50, 1), 10_000)))
        case "search":
            self = .search(
                query: try p.string("query"), who: try p.optional("who"),
                limit: Int(clamping: min(max(try p.integer("limit") ?? 50, 1), 10_000)))
        case "typing": self = .typing(who: try p.string("who"), on: try p.bool("on") ?? true)
        case "subscribe": self = .subscribe(since: try p.integer("since").map { UInt64(clamping: $0) })
        case "unsubscribe": self = .unsubscribe
        case "doctor": self = .doctor
        case "settings.get": self = .getSettings
        case "settings.set": self = .setSetting(key: try p.string("key"), value: try p.string("value"))
        case "stop": self = .stop
        default: throw DoorError(.unknownMethod, "There is no method \(method).", candidates: Self.methods)
        }
    }

    /// Whether the answer may be long, so that it is asked for alone on its connection.
    package var mayAnswerMuch: Bool {
        switch self {
        case .history, .search, .transfers(.list), .peers, .contacts, .message: true
        default: false
        }
    }

    /// The words in it that mean people.
    package var people: [String] {
        switch self {
        case .resolve(let who), .accept(let who), .block(let who), .unblock(let who), .rename(let who, _),
            .read(let who), .typing(let who, _),
            .history(let who, _, _, _):
            [who]
        case .send(let to, _, _, _, _), .offer(let to, _, _, _, _), .transfers(.offerOpen(let to, _, _)): to
        case .search(_, let who, _), .transfers(.list(_, let who, _)): who.map { [$0] } ?? []
        case .transfers(.addRule(let rule)): rule.from.map { [$0] } ?? []
        default: []
        }
    }

    package static let methods = [
        "status", "id", "name.get", "name.set", "peers", "contacts", "resolve", "accept", "block", "unblock", "rename",
        "peer.add", "peer.remove",
        "peer.list", "send", "offer", "transfers", "transfer.accept", "transfer.decline", "transfer.cancel",
        "transfer.pause", "transfer.resume",
        "transfer.retry", "offer.open", "offer.grew", "rules", "rules.add", "rules.remove", "message", "edit", "delete",
        "react", "read",
        "history", "search", "typing", "subscribe", "unsubscribe", "doctor", "settings.get", "settings.set", "stop",
    ]
}
