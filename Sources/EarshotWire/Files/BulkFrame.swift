import EarshotModel

/// What is said on a bulk channel, in the order of the type numbers (Protocol.md 13). Data is not among it: its bytes
/// are never an array.
package enum BulkFrame: Hashable, Sendable {
    package static let data: UInt8 = 0x23
    /// Data that says where it belongs: 8 bytes before the bytes themselves, the offset in the stream.
    package static let dataAt: UInt8 = 0x29

    case close(CloseCode)
    case fetch(Fetch)
    case source(Source)
    /// Offsets in the stream; to its end if `to` is 0.
    case pull(from: UInt64, to: UInt64)
    case end(at: UInt64)
    case stop(StopReason, String)
    case have(at: UInt64)
    /// 64 bytes: the author's signature over the chunk that has just ended.
    case proof(index: UInt64, [UInt8])
    case refer(Referral)
    /// The first on a link that is to carry data beside another one, named by the hash of its handshake: 32 bytes.
    case join([UInt8])
    /// The giver would like so many links beside this one.
    case more(Int)
    /// From this offset on nothing of the file comes that is this one of the listing's, counted from 0; the stream goes
    /// on behind it.
    case skip(at: UInt64, file: UInt64, OmissionReason)

    /// What is to be had, as its sender says.
    package struct Source: Hashable, Sendable {
        package let share: ShareID
        package let listing: UInt64
        package let size: UInt64
        package let isOpen: Bool
        /// A proof follows each chunk.
        package let isProven: Bool

        package init(share: ShareID, listing: UInt64, size: UInt64, isOpen: Bool, isProven: Bool = false) {
            self.share = share
            self.listing = listing
            self.size = size
            self.isOpen = isOpen
            self.isProven = isProven
        }

        /// The end of the stream as it is known.
        package var length: UInt64 { self.listing + self.size }
    }
}

/// Why a transfer stops, as its other end says (Protocol.md 13).
package enum StopReason: UInt32, Hashable, Sendable {
    case notOffered = 1
    case changed = 2
    case unreadable = 3
    case full = 4
    case unwanted = 5
    case paused = 6
    case busy = 7
    case unwritable = 8
}

extension BulkFrame {
    package var type: UInt8 {
        switch self {
        case .close: 0x00
        case .fetch: 0x20
        case .source: 0x21
        case .pull: 0x22
        case .end: 0x24
        case .stop: 0x25
        case .have: 0x26
        case .proof: 0x27
        case .refer: 0x28
        case .join: 0x2A
        case .more: 0x2B
        case .skip: 0x2C
        }
    }

    package var body: [UInt8] {
        var out = ProtobufWriter()
        switch self {
        case .close(let code): out.integer(1, code.rawValue)
        case .fetch(let fetch): return fetch.encoded
        case .refer(let referral): return referral.encoded
        case .join(let handshake): out.bytes(1, handshake)
        case .more(let count): out.integer(1, UInt64(clamping: count))
        case .skip(let at, let file, let reason):
            out.integer(1, at)
            out.integer(2, file)
            out.integer(3, reason.rawValue)
        case .proof(let index, let signature):
            out.integer(1, index)
            out.bytes(2, signature)
        case .source(let source):
            out.bytes(1, source.share.bytes)
            out.integer(2, source.listing)
            out.integer(3, source.size)
            out.flag(4, source.isOpen)
            out.flag(5, source.isProven)
        case .pull(let from, let to):
            out.integer(1, from)
            out.integer(2, to)
        case .end(let at), .have(let at): out.integer(1, at)
        case .stop(let reason, let text):
            out.integer(1, reason.rawValue)
            out.string(2, text)
        }
        return out.bytes
    }

    /// Reads anything but Data. A type that is not known is an error: nothing on a bulk channel may be left out.
    package init(type: UInt8, body: some Collection<UInt8>) throws(ProtocolError) {  // lint: table
        guard [0x00, 0x20, 0x21, 0x22, 0x24, 0x25, 0x26, 0x27, 0x28, 0x2A, 0x2B, 0x2C].contains(type) else {
            throw .unknownFrame(type)
        }
        if type == 0x20 {
            self = .fetch(try Fetch(decoding: body))
            return
        }
        if type == 0x28 {
            self = .refer(try Referral(decoding: body))
            return
        }
        var reader = try ProtobufReader(body)
        var share: ShareID?
        var numbers: [UInt64: UInt64] = [:]
        var text = ""
        var bytes: [UInt8] = []
        while let (field, value) = try reader.next() {
            if (1...5).contains(field) { try reader.once(field) }
            switch (type, field) {
            case (0x21, 1): share = ShareID(try ProtobufReader.bytes(value))
            case (0x25, 2): text = try ProtobufReader.string(value, most: Limits.stopText)
            case (0x27, 2), (0x2A, 1): bytes = Array(try ProtobufReader.bytes(value))
            case (0x00, 1), (0x21, 2...5), (0x22, 1...2), (0x24, 1), (0x25, 1), (0x26, 1), (0x27, 1), (0x2B, 1),
                (0x2C, 1...3):
                numbers[field] = try ProtobufReader.integer(value)
            default: continue
            }
        }
        let first = numbers[1] ?? 0
        switch type {
        case 0x00: self = .close(UInt32(exactly: first).flatMap(CloseCode.init(rawValue:)) ?? .goingAway)
        case 0x21:
            let source = Source(
                share: share ?? ShareID(hash: .zero), listing: numbers[2] ?? 0, size: numbers[3] ?? 0,
                isOpen: numbers[4] ?? 0 != 0, isProven: numbers[5] ?? 0 != 0)
            guard share != nil, (1...UInt64(Limits.listingBytes)).contains(source.listing), source.size < 1 << 62,
                !source.isOpen || source.size == 0
            else { throw .malformed("source") }
            self = .source(source)
        case 0x22:
            let to = numbers[2] ?? 0
            guard to == 0 || to > first else { throw .malformed("pull") }
            self = .pull(from: first, to: to)
        case 0x24: self = .end(at: first)
        case 0x25:
            guard let reason = UInt32(exactly: first).flatMap(StopReason.init(rawValue:)) else {
                throw .malformed("stop")
            }
            self = .stop(reason, text)
        case 0x27:
            guard bytes.count == 64 else { throw .malformed("proof") }
            self = .proof(index: first, bytes)
        case 0x2A:
            guard bytes.count == 32 else { throw .malformed("join") }
            self = .join(bytes)
        case 0x2B:
            guard first > 0 else { throw .malformed("more") }
            self = .more(Int(clamping: first))
        case 0x2C: self = .skip(at: first, file: numbers[2] ?? 0, OmissionReason(code: numbers[3] ?? 0))
        default: self = .have(at: first)
        }
    }
}
