/// What a DNS server answered (RFC 1035). Everything in it is hostile until read here: what is not whole or not
/// understood is left out, and nothing is followed twice.
struct DNSAnswer: Sendable {
    enum Kind: UInt16, Sendable {
        case address4 = 1
        case pointer = 12
        case text = 16
        case address6 = 28
        case service = 33
    }

    enum Content: Hashable, Sendable {
        case pointer(DNSName)
        case service(port: UInt16, host: DNSName)
        case text([[UInt8]])
        /// 4 or 16 bytes.
        case address([UInt8])
    }

    struct Record: Hashable, Sendable {
        let name: DNSName
        let content: Content
    }

    /// Of an answer at most.
    static let mostRecords = 2_048

    private(set) var records: [Record] = []

    /// `nil` for what is no answer.
    init?(_ bytes: [UInt8]) {
        var reader = Reader(bytes)
        guard reader.skip(2), let flags = reader.number(), flags & 0x8000 != 0, let questions = reader.number(),
            let answers = reader.number(), let authorities = reader.number(), let others = reader.number(),
            questions <= 1
        else { return nil }
        if questions == 1 { guard reader.name() != nil, reader.skip(4) else { return nil } }
        let count = min(Int(answers) + Int(authorities) + Int(others), Self.mostRecords)
        for _ in 0..<count {
            guard let name = reader.name(), let type = reader.number(), let kind = reader.number(), reader.skip(4),
                let length = reader.number(), let end = reader.end(of: Int(length))
            else { return }
            // 1 is the Internet.
            if kind == 1, let type = Kind(rawValue: type), let content = reader.content(type, until: end) {
                self.records.append(Record(name: name, content: content))
            }
            reader.at = end
        }
    }

    private struct Reader {
        let bytes: [UInt8]
        var at = 0

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        private func byte(_ index: Int) -> UInt8? { self.bytes.indices.contains(index) ? self.bytes[index] : nil }

        mutating func skip(_ count: Int) -> Bool {
            guard let end = self.end(of: count) else { return false }
            self.at = end
            return true
        }

        /// Where so many bytes from here end, if they are there.
        func end(of count: Int) -> Int? { count <= self.bytes.count - self.at ? self.at + count : nil }

        mutating func number() -> UInt16? {
            guard let high = self.byte(self.at), let low = self.byte(self.at + 1) else { return nil }
            self.at += 2
            return UInt16(high) << 8 | UInt16(low)
        }

        /// A name, perhaps with its end elsewhere: that has to be before it, so there is an end to it.
        mutating func name() -> DNSName? {
            var labels: [[UInt8]] = []
            var (place, limit, length) = (self.at, self.at, 1)
            var after: Int?
            while let size = self.byte(place) {
                switch size {
                case 0:
                    self.at = after ?? place + 1
                    return DNSName(labels: labels)
                case 1...UInt8(DNSName.longestLabel):
                    let end = place + 1 + Int(size)
                    length += Int(size) + 1
                    guard end <= self.bytes.count, length <= DNSName.longest else { return nil }
                    labels.append(Array(self.bytes[place + 1..<end]))
                    place = end
                case 0xC0...0xFF:
                    guard let low = self.byte(place + 1) else { return nil }
                    let target = Int(size & 0x3F) << 8 | Int(low)
                    guard target < limit else { return nil }
                    after = after ?? place + 2
                    (place, limit) = (target, target)
                default: return nil
                }
            }
            return nil
        }

        /// What a record says, if it is whole and says no more than that.
        mutating func content(_ kind: Kind, until end: Int) -> Content? {
            switch kind {
            case .address4: return end - self.at == 4 ? .address(Array(self.bytes[self.at..<end])) : nil
            case .address6: return end - self.at == 16 ? .address(Array(self.bytes[self.at..<end])) : nil
            case .pointer:
                guard let name = self.name(), self.at == end else { return nil }
                return .pointer(name)
            case .service:
                guard self.skip(4), let port = self.number(), let host = self.name(), self.at == end else { return nil }
                return .service(port: port, host: host)
            case .text:
                var strings: [[UInt8]] = []
                while self.at < end {
                    let length = Int(self.bytes[self.at])
                    guard self.at + 1 + length <= end else { return nil }
                    strings.append(Array(self.bytes[self.at + 1..<self.at + 1 + length]))
                    self.at += 1 + length
                }
                return .text(strings)
            }
        }
    }
}
