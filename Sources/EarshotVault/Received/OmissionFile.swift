import EarshotModel
import Glibc

/// Which files of a transfer their sender could not give after all, kept beside what has come: after an interruption
/// they are not missed.
final class OmissionFile {
    /// 8 bytes for which file, 1 for why; 255 says that it came after all.
    private static let record = 9
    private static let cancelled: UInt8 = 255

    private let part: PartFolder
    private(set) var all: [Int: OmissionReason] = [:]
    /// Once there is something in it.
    private(set) var file: PartFile?

    /// - Parameter isKept: what was noted before counts.
    init(_ part: PartFolder, isKept: Bool) {
        self.part = part
        guard isKept else {
            part.drop(.omitted)
            return
        }
        let bytes = part.read(.omitted) ?? []
        for start in stride(from: 0, to: bytes.count / Self.record * Self.record, by: Self.record) {
            let number = bytes[start..<(start + 8)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            guard let index = Int(exactly: number) else { continue }
            let reason = bytes[start + 8]
            self.all[index] = reason == Self.cancelled ? nil : OmissionReason(code: UInt64(reason))
        }
    }

    func add(_ index: Int, _ reason: OmissionReason) throws(DownloadError) {
        guard self.all[index] == nil else { return }
        self.all[index] = reason
        try self.append(index, UInt8(truncatingIfNeeded: reason.rawValue))
    }

    func forget(_ index: Int) throws(DownloadError) {
        self.all[index] = nil
        try self.append(index, Self.cancelled)
    }

    private func append(_ index: Int, _ reason: UInt8) throws(DownloadError) {
        let file: PartFile
        if let open = self.file { file = open } else { file = try self.part.appending(to: .omitted) }
        self.file = file
        let bytes = withUnsafeBytes(of: UInt64(index).bigEndian) { Array($0) } + [reason]
        var failure: DownloadError?
        bytes.withUnsafeBytes { bytes in
            do throws(DownloadError) { try file.write(bytes) } catch { failure = error }
        }
        if let failure { throw failure }
    }

}

extension PartFolder {
    /// Files that their sender could not give after all, by their number.
    package var omitted: [Int: OmissionReason] { OmissionFile(self, isKept: true).all }
}
