import EarshotModel
import EarshotVault
import EarshotWire

/// After a start, or once something that was in the way is gone: a transfer of which everything is here is put in its
/// place. It needs nobody else for that, and whatever was moved before stays where it is.
package struct Completion {
    let transfer: Transfer
    let chunks: ChunkStore

    package init(_ transfer: Transfer, chunks: ChunkStore) {
        self.transfer = transfer
        self.chunks = chunks
    }

    /// - Parameter note: is told what is not here as it was there, before anything is moved.
    package func run(note: (TransferNotes) -> Void) -> BulkEnd {
        guard let path = self.transfer.folder, let downloads = DownloadFolder(existing: path),
            let part = downloads.existingPart(self.transfer.id.description),
            let bytes = part.listing(count: Int(clamping: self.transfer.listing)),
            let listing = try? Listing(decoding: bytes), let tree = try? SafeTree(listing, for: downloads.names)
        else { return .incomplete }
        _ = downloads.confineThread()
        do throws(DownloadError) {
            if !part.isPlacing {
                guard !self.transfer.offer.isOpen, self.transfer.length > 0, self.transfer.have == self.transfer.length,
                    self.transfer.length == self.transfer.listing + listing.size,
                    let sink = try? StreamSink(
                        part, tree.sinkEntries, origin: self.transfer.origin, isOpen: false, at: listing.size)
                else { return .incomplete }
                try sink.finish()
            }
            let omitted = part.omitted
            let notes = tree.notes(with: omitted)
            if !notes.isEmpty { note(notes) }
            let names = try downloads.place(part, tree.tops(without: omitted))
            if names.count == tree.tops.count { self.chunks.moved(tree.files(in: path, as: names)) }
            return .complete(names.map(\.text))
        } catch {
            switch error {
            case .full: return .full
            case .vanished:
                part.discard()
                return .incomplete
            case .obstructed, .failed, .overflowing, .noFolder: return .unwritable(error)
            }
        }
    }
}

extension Transfer {
    /// What a received file is marked with.
    var origin: String { "earshot:\(self.person)" }
}

extension SafeTree {
    /// What lies at the top and came.
    func tops(without omitted: [Int: OmissionReason]) -> [SafeName] {
        guard !omitted.isEmpty else { return self.tops }
        var missing: Set<SafeName> = []
        self.eachOmitted(omitted) { entry, _ in if entry.path.count == 1 { missing.formUnion(entry.path) } }
        return self.tops.filter { !missing.contains($0) }
    }

    /// What is not here as it was there.
    func notes(with omitted: [Int: OmissionReason]) -> TransferNotes {
        var notes = self.notes
        self.eachOmitted(omitted) { notes.omit($0.path.map(\.text).joined(separator: "/"), $1) }
        return notes
    }

    private func eachOmitted(_ omitted: [Int: OmissionReason], _ body: (Entry, OmissionReason) -> Void) {
        guard !omitted.isEmpty else { return }
        var index = 0
        for entry in self where entry.kind == .file {
            if let reason = omitted[index] { body(entry, reason) }
            index += 1
        }
    }

    /// What is written, in the order of the listing.
    var sinkEntries: Each<SafeTree, StreamSink.Entry> {
        Each(self) {
            StreamSink.Entry(path: $0.path, isFolder: $0.kind == .folder, size: $0.size, modified: $0.modified)
        }
    }
}
