import EarshotModel

extension Content {
    /// What an envelope says. Never throws: what does not fit is `unknown`, kept and passed on (Protocol.md 7).
    package init(kind: UInt32, payload: [UInt8]) {
        do throws(ProtocolError) {
            switch kind {
            case 1: self = .text(try Text(decoding: payload))
            case 2, 3, 4: self = try Self.aimed(kind: kind, payload)
            case 5: self = .file(try FileOffer(decoding: payload))
            case 6: self = try Self.answer(payload)
            case 7, 8: self = try Self.aimed(kind: kind, payload)
            case 9: self = try Self.lifetime(payload)
            case 17...21: self = .room(try RoomOperation(kind: kind, payload))
            case 22: self = .invitation(try Invitation(decoding: payload))
            default: self = .unknown(kind: kind)
            }
        } catch {
            self = .unknown(kind: kind)
        }
    }

    package init(of envelope: Envelope) { self.init(kind: envelope.kind, payload: envelope.payload) }

    package var kind: UInt32 {
        switch self {
        case .text: 1
        case .edit: 2
        case .delete: 3
        case .reaction: 4
        case .file: 5
        case .answer: 6
        case .acknowledge: 7
        case .remind: 8
        case .lifetime: 9
        case .room(let operation): operation.kind
        case .invitation: 22
        case .unknown(let kind): kind
        }
    }

    package var payload: [UInt8] {
        var out = ProtobufWriter()
        switch self {
        case .text(let text):
            out.string(1, text.text)
            if let reply = text.replyTo { out.bytes(2, reply.bytes) }
            if text.parts > 1 {
                out.integer(3, text.part)
                out.integer(4, text.parts)
                if let first = text.first { out.bytes(5, first.bytes) }
            }
            text.extras.write(to: &out)
        case .edit(let target, let text):
            out.bytes(1, target.bytes)
            out.string(2, text)
        case .delete(let target), .acknowledge(let target), .remind(let target): out.bytes(1, target.bytes)
        case .lifetime(let time): out.integer(1, time)
        case .room(let operation): return operation.payload
        case .invitation(let invitation): return invitation.payload
        case .reaction(let target, let emoji, let on):
            out.bytes(1, target.bytes)
            out.string(2, emoji)
            out.flag(3, !on)
        case .file(let offer): return offer.encoded
        case .answer(let target, let answer, let notes):
            out.bytes(1, target.bytes)
            out.integer(2, answer.rawValue)
            out.integer(3, notes.omittedCount)
            out.integer(4, notes.renamedCount)
            var left = Limits.answerNames
            for renaming in notes.renamed {
                var pair = ProtobufWriter()
                pair.string(1, renaming.from)
                pair.string(2, renaming.to)
                left -= pair.bytes.count
                guard left >= 0 else { break }
                out.element(5, pair.bytes)
            }
        case .unknown: break
        }
        return out.bytes
    }

    private static func aimed(kind: UInt32, _ payload: [UInt8]) throws(ProtocolError) -> Content {
        var reader = try ProtobufReader(payload)
        var target: EnvelopeID?
        var text = ""
        var off = false
        while let (field, value) = try reader.next() {
            switch (field, kind) {
            case (1, _):
                try reader.once(1)
                target = try ProtobufReader.id(value)
            case (2, 2), (2, 4):
                try reader.once(2)
                text = try ProtobufReader.string(value, most: kind == 4 ? Limits.emojiBytes : Limits.envelopePayload)
            case (3, 4):
                try reader.once(3)
                off = try ProtobufReader.flag(value)
            default: continue
            }
        }
        guard let target else { throw .malformed("no target") }
        switch kind {
        case 2: return .edit(target: target, text: text)
        case 3: return .delete(target: target)
        case 7: return .acknowledge(target: target)
        case 8: return .remind(target: target)
        default:
            guard !text.isEmpty else { throw .malformed("no emoji") }
            return .reaction(target: target, emoji: text, on: !off)
        }
    }

    private static func lifetime(_ payload: [UInt8]) throws(ProtocolError) -> Content {
        var reader = try ProtobufReader(payload)
        var time: UInt64 = 0
        while let (field, value) = try reader.next() {
            guard field == 1 else { continue }
            try reader.once(1)
            time = try ProtobufReader.integer(value)
        }
        return .lifetime(time)
    }

    private static func answer(_ payload: [UInt8]) throws(ProtocolError) -> Content {
        var reader = try ProtobufReader(payload)
        var target: EnvelopeID?
        var word: UInt32 = 0
        var counts: (omitted: UInt64, renamed: UInt64) = (0, 0)
        var notes = TransferNotes()
        var names = 0
        while let (field, value) = try reader.next() {
            if (1...4).contains(field) { try reader.once(field) }
            switch field {
            case 1: target = try ProtobufReader.id(value)
            case 2: word = try ProtobufReader.integer32(value)
            case 3: counts.omitted = try ProtobufReader.integer(value)
            case 4: counts.renamed = try ProtobufReader.integer(value)
            case 5:
                let pair = try ProtobufReader.bytes(value)
                names += pair.count
                guard notes.renamed.count < TransferNotes.most, names <= Limits.answerNames else {
                    throw .tooMuch("names")
                }
                let (from, to) = try self.renaming(pair)
                notes.rename(from, to: to)
            default: continue
            }
        }
        guard let target, let answer = Answer(rawValue: word) else { throw .malformed("answer") }
        notes.count(omitted: counts.omitted, renamed: counts.renamed)
        return .answer(target: target, answer, notes)
    }

    private static func renaming(_ bytes: some Collection<UInt8>) throws(ProtocolError) -> (from: String, to: String) {
        var reader = try ProtobufReader(bytes)
        var (from, to) = ("", "")
        while let (field, value) = try reader.next() {
            if (1...2).contains(field) { try reader.once(field) }
            switch field {
            case 1: from = try ProtobufReader.string(value, most: TransferNotes.longest)
            case 2: to = try ProtobufReader.string(value, most: TransferNotes.longest)
            default: continue
            }
        }
        guard !from.isEmpty, !to.isEmpty else { throw .malformed("a name") }
        return (from, to)
    }

    /// Cuts text of any length into the contents of consecutive envelopes; `first` of the later ones is filled in once
    /// part 0 has its id. Nothing when it is longer than 1,024 parts hold.
    package static func parts(of text: String) -> [String]? {
        let bytes = Array(text.utf8)
        guard bytes.count > Limits.textPart else { return [text] }
        var parts: [String] = []
        var start = 0
        while start < bytes.count {
            guard parts.count < Limits.textParts else { return nil }
            var end = min(start + Limits.textPart, bytes.count)
            // Not inside a character: a part must be UTF-8 by itself.
            while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end -= 1 }
            parts.append(String(decoding: bytes[start..<end], as: UTF8.self))
            start = end
        }
        return parts
    }
}

extension Content.Text {
    fileprivate init(decoding payload: [UInt8]) throws(ProtocolError) {
        var reader = try ProtobufReader(payload)
        var text = ""
        var reply: EnvelopeID?
        var part: UInt32 = 0
        var parts: UInt32 = 0
        var first: EnvelopeID?
        var extras = TextExtras()
        while let (field, value) = try reader.next() {
            if (1...8).contains(field), field != 7 { try reader.once(field) }
            switch field {
            case 1: text = try ProtobufReader.string(value, most: Limits.envelopePayload)
            case 2: reply = try ProtobufReader.id(value)
            case 3: part = try ProtobufReader.integer32(value)
            case 4: parts = try ProtobufReader.integer32(value)
            case 5: first = try ProtobufReader.id(value)
            case 6: extras.asks = try ProtobufReader.flag(value)
            case 7:
                guard extras.mentions.count < Limits.mentions else { throw .tooMuch("mentions") }
                extras.mentions.append(try ProtobufReader.id(value))
            case 8: extras.lifetime = try ProtobufReader.integer(value)
            default: continue
            }
        }
        guard parts != 1, parts <= UInt32(Limits.textParts), part < max(parts, 1), (part == 0) == (first == nil) else {
            throw .malformed("text part")
        }
        self.init(text, replyTo: reply, part: part, parts: max(parts, 1), first: first, extras: extras)
    }
}

extension TextExtras {
    fileprivate func write(to out: inout ProtobufWriter) {
        out.flag(6, self.asks)
        for person in self.mentions.prefix(Limits.mentions) { out.element(7, person.bytes) }
        out.integer(8, self.lifetime)
    }
}
