import EarshotModel

extension FileOffer {
    package var share: ShareID { Derive.share(key: self.key) }

    package var encoded: [UInt8] {
        var out = ProtobufWriter()
        out.bytes(1, self.key)
        out.string(2, self.name)
        out.flag(3, self.isFolder)
        out.integer(4, self.tops == 1 ? 0 : self.tops)
        out.integer(5, self.files)
        out.integer(6, self.size)
        out.flag(7, self.isOpen)
        out.string(8, self.type)
        out.bytes(9, self.picture)
        out.integer(10, self.duration)
        return out.bytes
    }

    package init(decoding payload: [UInt8]) throws(ProtocolError) {
        var reader = try ProtobufReader(payload)
        var key: Hash32?
        var name = ""
        var isFolder = false
        var tops: UInt32 = 0
        var files: UInt64 = 0
        var size: UInt64 = 0
        var isOpen = false
        var type = ""
        var picture: ArraySlice<UInt8> = []
        var duration: UInt64 = 0
        while let (field, value) = try reader.next() {
            if (1...10).contains(field) { try reader.once(field) }
            switch field {
            case 1: key = Hash32(try ProtobufReader.bytes(value))
            case 2: name = try ProtobufReader.string(value, most: Limits.offerName)
            case 3: isFolder = try ProtobufReader.flag(value)
            case 4: tops = try ProtobufReader.integer32(value)
            case 5: files = try ProtobufReader.integer(value)
            case 6: size = try ProtobufReader.integer(value)
            case 7: isOpen = try ProtobufReader.flag(value)
            case 8: type = try ProtobufReader.string(value, most: Limits.offerType)
            case 9: picture = try ProtobufReader.bytes(value)
            case 10: duration = try ProtobufReader.integer(value)
            default: continue
            }
        }
        guard let key, !name.isEmpty else { throw .malformed("an offer without its parts") }
        guard picture.count <= Limits.offerPicture else { throw .tooMuch("picture") }
        guard size <= UInt64(Int64.max), files <= UInt64(Limits.listedEntries) else { throw .tooMuch("offer") }
        self.init(
            key: key.bytes, name: name, isFolder: isFolder, tops: max(tops, 1), files: files, size: size,
            isOpen: isOpen, type: type,
            picture: Array(picture), duration: duration)
    }
}
