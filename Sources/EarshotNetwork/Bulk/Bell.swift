import CLinux
import Glibc

/// Wakes the one thread that waits for it, from any other. What is rung while it is at work is heard when it waits
/// again.
package final class Bell: Sendable {
    let descriptor: Int32

    /// Nothing where no descriptor is to be had.
    init?() {
        self.descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        guard self.descriptor >= 0 else { return nil }
    }

    deinit { if self.descriptor >= 0 { close(self.descriptor) } }

    package func ring() {
        // It fails only where it has rung 2⁶⁴ times and nobody came.
        _ = eventfd_write(self.descriptor, 1)
    }

    /// Whether it was rung since this was asked last.
    func answer() -> Bool {
        var rings: eventfd_t = 0
        return eventfd_read(self.descriptor, &rings) == 0
    }
}
