import EarshotModel

/// One look at what a domain announces (RFC 6763): who there is, where each is, and at which addresses. What comes is
/// judged as adverts are (Protocol.md 8).
struct DomainLook {
    struct Found: Hashable, Sendable {
        let name: AdvertName
        let endpoint: Endpoint
    }

    /// Nodes of a domain, questions of a look, and addresses of a node at most.
    static let mostNodes = 512
    static let mostQuestions = 2_048
    static let mostAddresses = 8

    private let ask: (DNSName, DNSAnswer.Kind) -> DNSAnswer?
    private var known: [DNSName: Set<DNSAnswer.Content>] = [:]
    private var asked = 0

    /// - Parameter ask: `nil` where there was no answer.
    init(ask: @escaping (DNSName, DNSAnswer.Kind) -> DNSAnswer?) { self.ask = ask }

    /// - Returns: `nil` where the domain did not answer.
    mutating func look(_ domain: DNSName) -> [Found]? {
        let labels = ServiceRecord.type.split(separator: ".").map { Array($0.utf8) } + domain.labels
        guard let service = DNSName(labels: labels), let all = self.contents(of: service, .pointer) else { return nil }
        let instances = all.compactMap { if case .pointer(let name) = $0 { name } else { nil } }
            .filter { $0.isBelow(service) }.sorted { $0.description < $1.description }
        return instances.prefix(Self.mostNodes).flatMap { self.node($0) }
    }

    private mutating func node(_ instance: DNSName) -> [Found] {
        let text = (self.contents(of: instance, .text) ?? []).compactMap { content -> [[UInt8]]? in
            if case .text(let strings) = content { strings } else { nil }
        }
        // Of several it could not be said which counts.
        guard text.count == 1, let strings = text.first else { return [] }
        var found: [Found] = []
        for case .service(let port, let host) in self.contents(of: instance, .service) ?? [] {
            guard let record = ServiceRecord(port: port, text: strings) else { continue }
            for address in self.addresses(of: host) {
                guard found.count < Self.mostAddresses, AddressPolicy.admits(address, onLoopback: false),
                    let endpoint = Endpoint(address: address, port: record.port),
                    // Without an interface they mean nothing.
                    !AddressPolicy.isLinkLocal(address)
                else { continue }
                found.append(Found(name: record.name, endpoint: endpoint))
            }
        }
        return found
    }

    private mutating func addresses(of host: DNSName) -> [[UInt8]] {
        let contents = (self.contents(of: host, .address4) ?? []) + (self.contents(of: host, .address6) ?? [])
        let addresses = contents.compactMap { if case .address(let bytes) = $0 { bytes } else { nil } }
        return Set(addresses).sorted { ($0.count, $0.description) < ($1.count, $1.description) }
    }

    /// What is known of a name, by what came with other answers, or else by asking.
    private mutating func contents(of name: DNSName, _ kind: DNSAnswer.Kind) -> [DNSAnswer.Content]? {
        let known = (self.known[name] ?? []).filter { $0.kinds.contains(kind) }
        // Of addresses one sort may have come without the other.
        if !known.isEmpty, kind != .address6 { return Array(known) }
        guard self.asked < Self.mostQuestions else { return known.isEmpty ? nil : Array(known) }
        self.asked += 1
        guard let answer = self.ask(name, kind) else { return known.isEmpty ? nil : Array(known) }
        for record in answer.records { self.known[record.name, default: []].insert(record.content) }
        return (self.known[name] ?? []).filter { $0.kinds.contains(kind) }
    }
}

extension DNSAnswer.Content {
    fileprivate var kinds: [DNSAnswer.Kind] {
        switch self {
        case .pointer: [.pointer]
        case .service: [.service]
        case .text: [.text]
        case .address(let bytes): bytes.count == 4 ? [.address4] : [.address6]
        }
    }
}
