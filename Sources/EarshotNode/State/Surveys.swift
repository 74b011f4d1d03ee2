/// Uploads whose offer is being looked at beside the loop. What is to go meanwhile goes afterwards, unless it is
/// offered by then.
struct Surveys {
    private var underWay: [String: Int] = [:]
    private var unwanted: Set<String> = []

    mutating func begin(_ uploads: Set<String>) { for upload in uploads { self.underWay[upload, default: 0] += 1 } }

    /// Whether an upload that nobody wants any more goes now; else it does so when what looks at it has ended.
    mutating func drop(_ upload: String) -> Bool {
        guard self.underWay[upload] != nil else { return true }
        self.unwanted.insert(upload)
        return false
    }

    /// They have been looked at. Returns those that nobody wanted meanwhile.
    mutating func end(_ uploads: Set<String>) -> [String] {
        uploads.sorted().filter { upload in
            let others = (self.underWay[upload] ?? 1) - 1
            self.underWay[upload] = others > 0 ? others : nil
            return others <= 0 && self.unwanted.remove(upload) != nil
        }
    }
}
