import EarshotControl
import EarshotModel
import EarshotText
import NIOHTTP1

/// What a request is about.
enum Route: Hashable, Sendable {
    case page(path: String)
    case check
    case enter
    case rpc
    /// Events after a place, or from now on.
    case events(since: EventPlace?)
    case newUpload
    case put(upload: String, names: [String])
    case takeBack(upload: String)
    /// A file of a transfer, by its place.
    case file(transfer: String, index: Int, inline: Bool)
    case picture(person: String, id: String)
    /// Whether the node is well; how it is, in numbers.
    case health
    case metrics
    /// What a program posts to be said.
    case hook(name: String)

    private static let api = "/api/v1/"
    /// Letters of an id at most.
    private static let longestID = 64

    /// Whether somebody may ask for it who has not shown who they are.
    var isOpen: Bool {
        switch self {
        case .page, .check, .enter, .health, .metrics: true
        // Whoever posts shows by their signature who they are.
        case .hook: true
        case .rpc, .events, .newUpload, .put, .takeBack, .file, .picture: false
        }
    }

    /// Whether an element of the page may ask for it: a browser then sends its cookie and nothing else. Whoever asks
    /// by a cookie that they were sent knows no id of a transfer.
    var isElement: Bool {
        switch self {
        case .page, .check, .enter, .health, .metrics, .hook, .picture: true
        case .file(let transfer, _, _): Base32.decode(transfer)?.count == 32
        case .rpc, .events, .newUpload, .put, .takeBack: false
        }
    }

    /// What its body has to be; `nil` where it has none.
    var bodyType: String? {
        switch self {
        case .page, .check, .events, .file, .picture, .takeBack, .health, .metrics: nil
        case .enter, .rpc, .newUpload, .hook: "application/json"
        case .put: "application/octet-stream"
        }
    }

    /// - Parameter lastEvent: what the client heard last, from its header.
    static func find(_ method: HTTPMethod, _ target: String, lastEvent: String?) throws(WebError) -> Route {
        guard let (path, query) = WebPath.split(target) else { throw WebError(.notPath) }
        switch path {
        case "/healthz": return try Self.only(.GET, method, .health)
        case "/metrics": return try Self.only(.GET, method, .metrics)
        default: break
        }
        if path.hasPrefix("/hook/") {
            let name = path.dropFirst("/hook/".count)
            guard !name.isEmpty, name.utf8.count <= Self.longestID, !name.contains("/") else { throw Self.nothing }
            return try Self.only(.POST, method, .hook(name: String(name)))
        }
        guard path.hasPrefix(Self.api) || path == "/api" || path.hasPrefix("/api/") else {
            try Self.check(method, .GET)
            return .page(path: path)
        }
        let parts = path.dropFirst(Self.api.count).split(separator: "/", omittingEmptySubsequences: false)
        guard path.hasPrefix(Self.api), let first = parts.first else { throw Self.nothing }
        switch (first, parts.count) {
        case ("check", 1): return try Self.only(.GET, method, .check)
        case ("enter", 1): return try Self.only(.POST, method, .enter)
        case ("rpc", 1): return try Self.only(.POST, method, .rpc)
        case ("events", 1):
            let since = lastEvent ?? WebPath.parameter("since", in: query).map(String.init)
            guard let since else { return try Self.only(.GET, method, .events(since: nil)) }
            guard let place = EventPlace(since) else {
                throw WebError(.badPlace)
            }
            return try Self.only(.GET, method, .events(since: place))
        case ("uploads", 1): return try Self.only(.POST, method, .newUpload)
        case ("uploads", 2): return try Self.only(.DELETE, method, .takeBack(upload: try Self.id(parts[1])))
        case ("uploads", 3...):
            let rest = path.dropFirst(Self.api.count + first.count + parts[1].count + 2)
            guard let names = WebPath.names(rest) else {
                throw WebError(.badName)
            }
            return try Self.only(.PUT, method, .put(upload: try Self.id(parts[1]), names: names))
        case ("transfers", 4) where parts[2] == "files":
            guard let index = Int(parts[3]), (0...100_000).contains(index) else { throw Self.nothing }
            let inline = WebPath.parameter("inline", in: query) == "1"
            return try Self.only(.GET, method, .file(transfer: try Self.id(parts[1]), index: index, inline: inline))
        case ("pictures", 3):
            return try Self.only(.GET, method, .picture(person: try Self.id(parts[1]), id: try Self.id(parts[2])))
        default: throw Self.nothing
        }
    }

    private static var nothing: WebError { WebError(.noName) }

    private static func check(_ method: HTTPMethod, _ wanted: HTTPMethod) throws(WebError) {
        guard method == wanted else {
            throw WebError(.wrongMethod(wanted.rawValue))
        }
    }

    private static func only(_ wanted: HTTPMethod, _ method: HTTPMethod, _ route: Route) throws(WebError) -> Route {
        try Self.check(method, wanted)
        return route
    }

    /// Ids are letters and digits.
    private static func id(_ text: Substring) throws(WebError) -> String {
        let isID = text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) }
        guard isID, !text.isEmpty, text.utf8.count <= Self.longestID else { throw Self.nothing }
        return String(text)
    }
}
