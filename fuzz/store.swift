// Whatever is said, in whatever order it comes and with whatever stamps, is kept, shown in causal order, and found;
// the index stays whole, and an edit or deletion takes out of it what was put in.
import EarshotModel
import EarshotStore
import EarshotTesting
import EarshotWire

private let samples = try? Samples()
private let pieces = [
    "word ", "नमस्ते ", "北京", "👨‍👩‍👧", "\u{301}", "\u{0}", "C++ ", "\u{200D}", "\"') -", "\u{10FFFF}", "ﷺ", "か\u{3099}",
]

private struct Said {
    let envelope: Envelope
    let content: Content
}

/// Four bytes an envelope: what it is, of which it speaks, what it says, and what its clock said.
private func envelopes(_ samples: Samples, _ bytes: UnsafeBufferPointer<UInt8>) -> [Said] {
    var said: [Said] = []
    var heads: [Bool: Envelope] = [:]
    for at in stride(from: 0, to: bytes.count - 3, by: 4).prefix(48) {
        let (what, which, words, clock) = (bytes[at], Int(bytes[at + 1]), Int(bytes[at + 2]), UInt64(bytes[at + 3]))
        let isBob = what & 0x80 != 0
        let author = isBob ? samples.bob : samples.anna
        let text = String(repeating: pieces[words % pieces.count], count: 1 + words / pieces.count * 40)
        let target = said.isEmpty ? nil : said[which % said.count].envelope.id
        let content: Content =
            switch (what & 7, target) {
            case (0, let target?): .edit(target: target, text: text)
            case (1, let target?): .delete(target: target)
            case (2, let target?): .reaction(target: target, emoji: "👍", on: which & 1 == 0)
            case (3, let target?): .text(.init(text, part: 1, parts: 2, first: target))
            case (4, _): .text(.init(text, parts: 2))
            default: .text(.init(text, replyTo: target))
            }
        let seen = what & 0x40 != 0 ? heads[!isBob].map { [$0.id] } ?? [] : []
        let log = Derive.log(generation: author.device.bytes, samples.conversation)
        let envelope = Envelope.sign(
            conversation: samples.conversation, device: author.device, log: log, seq: (heads[isBob]?.seq ?? 0) + 1,
            prev: heads[isBob]?.id,
            parents: seen, stamp: HybridTime(raw: clock == 255 ? .max : (1_700_000_000_000 + clock * 60_000) << 16),
            kind: content.kind,
            payload: content.payload, with: author.signing
        ).envelope
        heads[isBob] = envelope
        said.append(Said(envelope: envelope, content: content))
    }
    return said
}

@_cdecl("LLVMFuzzerTestOneInput") public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard let samples, count > 4, let store = try? Store.inMemory(reader: Envelope.kept) else { return 0 }
    let said = envelopes(samples, UnsafeBufferPointer(start: start + 1, count: count - 1))
    var random = SeededRandom(seed: UInt64(start[0]))
    for (number, one) in said.shuffled(using: &random).enumerated() {
        let author = one.envelope.device == samples.bob.device ? samples.bob.person : samples.anna.person
        let fact = Fact.envelope(
            one.envelope, one.content, author: author, arrived: Timestamp(milliseconds: 1_700_000_000_000))
        let outcome = try? store.take([fact], me: samples.anna.person)
        hold(outcome?.refused.isEmpty ?? false && outcome?.setAside.isEmpty ?? false, "everything is kept and shown")
        if number % 5 == Int(start[0]) % 5 { hold((try? store.index(atMost: 3)) != nil, "the index takes it") }
    }
    let shown = (try? store.history(samples.conversation, limit: 1_000)) ?? []
    var places: [EnvelopeID: Int] = [:]
    for (place, message) in shown.enumerated() { places[message.id] = place }
    for one in said.map(\.envelope) {
        for ancestor in [one.prev].compactMap({ $0 }) + one.parents {
            if let own = places[one.id], let its = places[ancestor] { hold(its < own, "causal order") }
        }
    }
    hold((try? store.search("word", limit: 100)) != nil, "a search finds or does not")
    hold(store.isIndexWhole(), "the index is whole")
    for _ in 0..<1_000 where (try? store.index(atMost: 100)) ?? false {}
    hold((try? store.index(atMost: 100)) == false, "what waits for time is done at last")
    hold(store.isIndexWhole(), "the index is whole without what was deleted")
    store.close()
    return 0
}

func seeds() throws -> [[UInt8]] {
    [
        [1, 5, 0, 3, 1, 0x80, 0, 40, 2, 1, 0, 0, 0],
        [2, 0x45, 0, 0, 9, 0xC5, 0, 1, 1, 0x42, 0, 1, 255, 0x40, 1, 30, 4], [7, 4, 0, 99, 0, 3, 0, 98, 1, 0, 0, 5, 2],
    ]
}
