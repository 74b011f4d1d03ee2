// Whatever bytes come, nothing traps; what is read is written so that it reads the same, and everything else is
// refused.
import EarshotModel
import EarshotTesting
import EarshotWire

@_cdecl("LLVMFuzzerTestOneInput") public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let data = Array(UnsafeBufferPointer(start: start, count: count))
    guard let choice = data.first else { return 0 }
    let rest = data.dropFirst()
    switch choice {
    case 0xC0:
        guard let envelope = try? Envelope(decoding: rest) else { return 0 }
        hold(envelope.wire == Array(rest), "an envelope is its bytes")
        _ = Content(of: envelope)
    case 0xC1:
        if let certificate = try? DeviceCertificate(decoding: rest) {
            hold(certificate.wire == Array(rest), "certificate")
        }
    case 0xC2: if let manifest = try? Manifest(decoding: rest) { hold(manifest.wire == Array(rest), "manifest") }
    case 0xC3:
        guard let payload = try? HandshakePayload(decoding: Array(rest)) else { return 0 }
        hold((try? HandshakePayload(decoding: payload.encoded)) == payload, "payload")
    case 0xC8:
        guard let charter = try? Charter(decoding: rest) else { return 0 }
        hold(charter.bytes == Array(rest), "a charter is its bytes")
    case 0xC4: _ = try? Record.read(Array(rest))
    case 0xC5:
        guard let kind = rest.first else { return 0 }
        let content = Content(kind: UInt32(kind), payload: Array(rest.dropFirst()))
        if case .unknown = content { return 0 }
        hold(Content(kind: content.kind, payload: content.payload) == content, "content")
    case 0xC6:
        guard let listing = try? Listing(decoding: rest) else { return 0 }
        hold(listing.encoded == Array(rest), "a listing is its bytes")
        guard let tree = try? SafeTree(listing) else { return 0 }
        for entry in tree {
            for (depth, name) in entry.path.enumerated() {
                hold(name.text.utf8.count <= 255 && SafeName(name.text, inside: depth > 0) == name, "safe stays safe")
            }
        }
        // No two files, and no file and folder, are in one place.
        let files = tree.filter { $0.kind == .file }.map { $0.path.map(\.text) }
        let omitted = listing.filter { $0.kind == .omitted }.count
        hold(files.count == listing.files && Array(tree).count + omitted == listing.count, "all of it is there")
        hold(Set(files).count == files.count, "each file in a place of its own")
    case 0xC7:
        guard let type = rest.first, let frame = try? BulkFrame(type: type, body: rest.dropFirst()) else { return 0 }
        hold((try? BulkFrame(type: frame.type, body: frame.body)) == frame, "bulk frame")
    default:
        guard let frame = try? Frame(type: choice, body: rest) else { return 0 }
        hold((try? Frame(type: frame.type, body: frame.body[...])) == frame, "frame")
    }
    return 0
}

/// One of everything, for the fuzzer to begin with.
func seeds() throws -> [[UInt8]] {
    let samples = try Samples()
    let target = EnvelopeID(hash: samples.anna.manifest.hash)
    let contents: [Content] = [
        .text(.init("one")), .text(.init("part", part: 0, parts: 2)), .edit(target: target, text: "two"),
        .delete(target: target),
        .reaction(target: target, emoji: "👍", on: true),
    ]
    let payload = HandshakePayload(
        certificate: samples.anna.certificate, manifestVersion: 1, manifestHash: samples.anna.manifest.hash,
        datagramIndex: 7, features: 1)
    var all: [[UInt8]] = samples.frames.map { [$0.type] + $0.body }
    for envelope in samples.chain(contents + samples.roomContents).map(\.envelope) {
        all.append([0xC0] + envelope.wire)
        all.append([0xC5, UInt8(truncatingIfNeeded: envelope.kind)] + envelope.payload)
    }
    if let listing = try? Listing([
        .init(kind: .folder, path: ["a"], size: 0, modified: FileTime(milliseconds: -1)),
        .init(kind: .file, path: ["a", "b.txt"], size: 300, modified: FileTime(milliseconds: 1 << 40)),
        .init(omitted: ["a", "c"], .unreadable),
    ]) {
        all.append([0xC6] + listing.encoded)
    }
    let share = Derive.share(key: [UInt8](repeating: 5, count: 32))
    for frame in [
        BulkFrame.fetch(Fetch(share)), .source(.init(share: share, listing: 300, size: 1 << 40, isOpen: false)),
        .pull(from: 1, to: 900), .stop(.full, "no room"), .skip(at: 300, file: 1, .gone),
    ] {
        all.append([0xC7, frame.type] + frame.body)
    }
    let offer = FileOffer(
        key: [UInt8](repeating: 7, count: 32), name: "a.pdf", isFolder: true, tops: 3, files: 17, size: 1 << 40,
        type: "application/pdf", picture: [1], duration: 9)
    var notes = TransferNotes()
    notes.rename("-a", to: "_a")
    notes.count(omitted: 3, renamed: 2)
    for content in [Content.file(offer), .answer(target: EnvelopeID(hash: .zero), .complete, notes)] {
        all.append([0xC5, UInt8(content.kind)] + content.payload)
    }
    all += [samples.charter, .lobby].map { [0xC8] + $0.bytes }
    all += [[0xC1] + samples.anna.certificate.wire, [0xC2] + samples.anna.manifest.wire, [0xC3] + payload.encoded]
    return all
}
