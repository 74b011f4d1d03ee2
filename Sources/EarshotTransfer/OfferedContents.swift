import EarshotModel
import EarshotNetwork
import EarshotVault
import EarshotWire

/// The contents of a share of ours, as its listing says where they lie, and what of them was not given. The listing is
/// read through when the first byte of them is asked for: a look never asks, and whoever fetches reads their copy
/// meanwhile. Not shared between threads.
final class OfferedContents {
    private let share: Share
    private let copies: String
    private let listing: [UInt8]
    private var opened: (source: StreamSource, skipped: SkippedFiles)?

    init(_ share: Share, listing: [UInt8], copies: String) {
        self.share = share
        self.listing = listing
        self.copies = copies
    }

    var source: StreamSource {
        get throws(StreamSource.Failure) { try self.open().source }
    }

    private func open() throws(StreamSource.Failure) -> (source: StreamSource, skipped: SkippedFiles) {
        if let opened { return opened }
        let listed: Listing
        do throws(ProtocolError) { listed = try Listing(decoding: self.listing) } catch {
            throw .unreadable("", NetworkError.words(for: error))
        }
        guard self.share.isOpen || listed.size == self.share.size else {
            throw .unreadable("", "the listing is not the one that was offered")
        }
        let files = OfferedFiles(listed, self.share.roots, copies: self.copies)
        let opened = (StreamSource(.init(files, size: listed.size)), SkippedFiles(listed))
        self.opened = opened
        return opened
    }

    /// A file that is not as it was listed, if the last failure was about one that can be left out.
    var skippable: StreamSource.Fault? {
        guard let fault = self.opened?.source.fault, self.skips(fault) else { return nil }
        return fault
    }

    /// Whether it is left out.
    func skips(_ fault: StreamSource.Fault) -> Bool { self.opened?.skipped.skips(fault) ?? false }

    var skipped: Int { self.opened?.skipped.count ?? 0 }
    /// As it is listed.
    func path(_ index: Int) -> String { self.opened?.skipped.path(index) ?? "" }
}
