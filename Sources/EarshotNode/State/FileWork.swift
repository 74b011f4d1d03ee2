import EarshotControl
import EarshotModel
import EarshotTransfer

/// What the node does for transfers, beside the rules of `Files`.
struct FileWork {
    var transfers = TransferTable()
    var news = TransferNews()
    var checks = FolderChecks()
    var surveys = Surveys()
    /// Who writes a share of ours that is not complete yet.
    private var growers: [ShareID: CallerID] = [:]
    /// Who takes a transfer from a pipe, and the folder in the spool it comes into.
    private var streams: [EnvelopeID: (caller: CallerID, folder: String)] = [:]

    mutating func grows(_ share: ShareID, by caller: CallerID) { self.growers[share] = caller }
    func isGrown(_ share: ShareID, by caller: CallerID) -> Bool { self.growers[share] == caller }
    /// It is complete, or nobody wants it.
    mutating func grown(_ share: ShareID) { self.growers[share] = nil }
    func shares(grownBy caller: CallerID) -> Set<ShareID> { Set(self.growers.filter { $0.value == caller }.keys) }

    mutating func streams(_ id: EnvelopeID, to caller: CallerID, folder: String) {
        self.streams[id] = (caller, folder)
    }
    /// A caller has gone: nobody takes any more what they took from pipes.
    mutating func leaveStreams(_ caller: CallerID) -> [(id: EnvelopeID, folder: String)] {
        let left = self.streams.filter { $0.value.caller == caller }.sorted { $0.key < $1.key }
        for (id, _) in left { self.streams[id] = nil }
        return left.map { ($0.key, $0.value.folder) }
    }
}
