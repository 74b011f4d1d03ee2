/// Somebody who does jobs beside the one who writes, one after the other.
package protocol Behind: Sendable {
    /// Soon; may wait until the one before is done.
    func perform(_ job: @escaping @Sendable () -> Void)
    /// Until all of them are done.
    func wait()
}
