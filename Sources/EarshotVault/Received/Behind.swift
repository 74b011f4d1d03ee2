import EarshotModel

/// Somebody who does jobs beside the one who writes. What one job does another does not need.
package protocol Behind: Sendable {
    /// Whether a job given now is done beside.
    var hasRoom: Bool { get }
    /// What the first job that failed threw. From then on nothing may be promised.
    var failure: DownloadError? { get }
    /// Soon; or at once, by whoever gives it, where there is no room.
    func perform(_ job: @escaping @Sendable () throws(DownloadError) -> Void)
    /// Until all of them are done.
    func wait()
}
