import EarshotText
import NIOHTTP1

/// Who gets in: what the head of a request must be before anything is done for it. Other pages in the same browser send
/// requests here too, with our cookie where they are on this machine, and names of others may lead to this address.
struct Gate: Sendable {
    /// Where the page is served.
    let port: UInt16

    /// Who asks, as their request says; whether that is so is not known here.
    enum Claim: Hashable {
        /// A browser; with its key, where the page itself asks and not an element of it.
        case cookie(String, key: String?)
        case key(String)
        case nothing
    }

    struct Admitted: Hashable {
        let route: Route
        let claim: Claim
    }

    /// The exact hosts under which we are found; nobody else's name means us.
    var hosts: [String] { ["127.0.0.1:\(self.port)", "localhost:\(self.port)", "[::1]:\(self.port)"] }
    /// Another node on the same machine has another cookie, as a browser tells them apart by host only.
    var cookieName: String { "earshot-\(self.port)" }

    /// Where the page shows the key of its browser.
    private static let keyField = "x-earshot-key"

    func admit(_ head: HTTPRequestHead) throws(WebError) -> Admitted {
        let hosts = head.headers["host"]
        guard hosts.count == 1, let host = hosts.first, self.hosts.contains(host) else {
            throw WebError(.wrongHost(port: self.port))
        }
        let lastEvents = head.headers["last-event-id"]
        let route = try Route.find(head.method, head.uri, lastEvent: lastEvents.first)
        let claim = try self.claim(head.headers)
        try self.checkOrigin(head, host, route, claim)
        try self.checkBody(head, route)
        return Admitted(route: route, claim: claim)
    }

    private func checkOrigin(
        _ head: HTTPRequestHead, _ host: String, _ route: Route, _ claim: Claim
    ) throws(WebError) {
        if case .page = route { return }
        let refusal = WebError(.wrongOrigin)
        let origins = head.headers["origin"]
        guard origins.allSatisfy({ $0 == "http://\(host)" }), origins.count <= 1 else { throw refusal }
        for site in head.headers["sec-fetch-site"] where site != "same-origin" && site != "none" { throw refusal }
        if head.method == .GET { return }
        // Nor has one the secret that this is signed with.
        if case .hook = route { return }
        // A program shows its key, which no page of others has.
        if case .key = claim { return }
        guard origins.count == 1 else { throw refusal }
    }

    private func checkBody(_ head: HTTPRequestHead, _ route: Route) throws(WebError) {
        let isChunked = head.headers.contains(name: "transfer-encoding")
        let length = head.headers.first(name: "content-length").flatMap { UInt64($0) } ?? 0
        guard let type = route.bodyType else {
            guard !isChunked, length == 0 else { throw WebError(.nothingExpected) }
            return
        }
        let types = head.headers["content-type"]
        let isNone = types.isEmpty && !isChunked && length == 0
        let isRight = types.count == 1 && types.first?.lowercased().split(separator: ";").first.map(String.init) == type
        guard isRight || isNone && route == .newUpload else {
            throw WebError(.wrongType(type))
        }
        if case .put = route, isChunked || !head.headers.contains(name: "content-length") {
            throw WebError(.noLength)
        }
    }

    private func claim(_ headers: HTTPHeaders) throws(WebError) -> Claim {
        if let words = headers.first(name: "authorization")?.split(separator: " "), words.count == 2,
            words[0].lowercased() == "bearer"
        {
            return .key(String(words[1]))
        }
        let begin = self.cookieName + "="
        for line in headers["cookie"] {
            for pair in line.split(separator: ";") {
                let cookie = pair.drop { $0 == " " }
                if cookie.hasPrefix(begin) {
                    return .cookie(String(cookie.dropFirst(begin.count)), key: headers.first(name: Self.keyField))
                }
            }
        }
        return .nothing
    }
}
