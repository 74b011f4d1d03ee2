import EarshotModel

/// A request for the bytes of a share (Protocol.md 13).
package struct Fetch: Hashable, Sendable {
    package let share: ShareID
    /// For someone who only passes on: that the asker knows the key of the offer.
    package let proof: Hash32?
    /// Who was tried instead of the author and did not give.
    package let avoid: [DeviceID]
    /// Only the listing is wanted, to see what would come: nobody has agreed to the rest yet.
    package let looks: Bool

    package init(_ share: ShareID, proof: Hash32? = nil, avoid: [DeviceID] = [], looks: Bool = false) {
        self.share = share
        self.proof = proof
        self.avoid = Array(avoid.prefix(Limits.avoidedHolders))
        self.looks = looks
    }

    package var encoded: [UInt8] {
        var out = ProtobufWriter()
        out.bytes(1, self.share.bytes)
        if let proof { out.bytes(2, proof.bytes) }
        for device in self.avoid { out.element(3, device.bytes) }
        out.flag(4, self.looks)
        return out.bytes
    }

    package init(decoding body: some Collection<UInt8>) throws(ProtocolError) {
        var reader = try ProtobufReader(body)
        var share: ShareID?
        var proof: Hash32?
        var avoid: [DeviceID] = []
        var looks = false
        while let (field, value) = try reader.next() {
            if (1...2).contains(field) || field == 4 { try reader.once(field) }
            switch field {
            case 1: share = ShareID(try ProtobufReader.bytes(value))
            case 2:
                proof = Hash32(try ProtobufReader.bytes(value))
                if proof == nil { throw .malformed("proof") }
            case 3:
                guard avoid.count < Limits.avoidedHolders else { throw .tooMuch("avoided") }
                avoid.append(try ProtobufReader.id(value))
            case 4: looks = try ProtobufReader.flag(value)
            default: continue
            }
        }
        guard let share else { throw .malformed("fetch") }
        self.init(share, proof: proof, avoid: avoid, looks: looks)
    }
}

/// Ask them instead: they have it, or are getting it (Protocol.md 13).
package struct Referral: Hashable, Sendable {
    package let share: ShareID
    package let device: DeviceID
    package let endpoints: [Endpoint]

    package init(share: ShareID, device: DeviceID, endpoints: [Endpoint]) {
        self.share = share
        self.device = device
        self.endpoints = Array(endpoints.prefix(Limits.addressesPerNode))
    }

    package var encoded: [UInt8] {
        var out = ProtobufWriter()
        out.bytes(1, self.share.bytes)
        out.bytes(2, self.device.bytes)
        for endpoint in self.endpoints {
            out.element(3, endpoint.address + [UInt8(endpoint.port >> 8), UInt8(truncatingIfNeeded: endpoint.port)])
        }
        return out.bytes
    }

    package init(decoding body: some Collection<UInt8>) throws(ProtocolError) {
        var reader = try ProtobufReader(body)
        var share: ShareID?
        var device: DeviceID?
        var endpoints: [Endpoint] = []
        while let (field, value) = try reader.next() {
            if (1...2).contains(field) { try reader.once(field) }
            switch field {
            case 1: share = ShareID(try ProtobufReader.bytes(value))
            case 2: device = try ProtobufReader.id(value)
            case 3:
                let bytes = Array(try ProtobufReader.bytes(value))
                guard endpoints.count < Limits.addressesPerNode, bytes.count >= 2 else { throw .malformed("address") }
                let port = bytes.suffix(2).reduce(UInt16(0)) { $0 << 8 | UInt16($1) }
                guard let endpoint = Endpoint(address: Array(bytes.dropLast(2)), port: port) else {
                    throw .malformed("address")
                }
                endpoints.append(endpoint)
            default: continue
            }
        }
        guard let share, let device, !endpoints.isEmpty else { throw .malformed("referral") }
        self.init(share: share, device: device, endpoints: endpoints)
    }
}
