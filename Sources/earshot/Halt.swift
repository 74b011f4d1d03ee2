import CLinux
import EarshotControl
import Glibc

/// Signals that end a command which has something to finish first.
enum Halt {
    private static let numbers = [SIGINT, SIGTERM, SIGHUP]

    /// Becomes readable when somebody wants the command to end.
    static func signals() throws(DoorError) -> Int32 {
        var signals = self.set
        sigprocmask(SIG_BLOCK, &signals, nil)
        let descriptor = signalfd(-1, &signals, Int32(SFD_CLOEXEC))  // lint: a constant
        guard descriptor >= 0 else { throw DoorError(.failed, "Signals cannot be awaited.") }
        return descriptor
    }

    /// Ends as the signal would have ended it: shells and systemd tell that from a failure.
    static func die(of descriptor: Int32) -> Never {
        var signal = signalfd_siginfo()
        let count = read(descriptor, &signal, MemoryLayout<signalfd_siginfo>.size)
        let number = count > 0 ? Int32(clamping: signal.ssi_signo) : SIGTERM
        Glibc.signal(number, SIG_DFL)
        var signals = self.set
        sigprocmask(SIG_UNBLOCK, &signals, nil)
        raise(number)
        _exit(128 + number)
    }

    private static var set: sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in self.numbers { sigaddset(&signals, number) }
        return signals
    }
}
