import Glibc

extension Node {
    /// Stops on any of these signals, which are taken from all threads; to be called before there are others.
    package func onSignal(_ signals: sigset_t) {
        var mask = signals
        pthread_sigmask(SIG_BLOCK, &mask, nil)
        let box = Unmanaged.passRetained(self).toOpaque()
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { argument in
                var signals = sigset_t()
                sigemptyset(&signals)
                sigaddset(&signals, SIGTERM)
                sigaddset(&signals, SIGINT)
                var which: Int32 = 0
                sigwait(&signals, &which)
                if let argument { Unmanaged<Node>.fromOpaque(argument).takeRetainedValue().stop() }
                return nil
            }, box)
        pthread_detach(thread)
    }
}
