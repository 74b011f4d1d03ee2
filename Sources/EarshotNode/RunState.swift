import EarshotControl
import EarshotModel
import EarshotProtocol

/// Everything the loop owns while it runs. One owner, no lock.
struct RunState {
    /// Someone who wants an answer only when a message has got somewhere.
    struct Waiting {
        let ids: [EnvelopeID]
        let to: [PersonID]
        let wait: Request.Wait
        /// Uptime in ms.
        let until: UInt64
        let reply: @Sendable (Result<JSON, DoorError>) -> Void
    }

    var engine: Engine
    var newsroom = Newsroom()
    var servings = Servings()
    var waiting: [Waiting] = []
    /// The last commit, and the last of which listeners were told.
    var cursor: UInt64
    let port: UInt16
    /// Adverts seen, so that an engine begun anew need not wait for them.
    var sightings: [String: Set<Endpoint>] = [:]
    var backend = "starting"
    var isAdvertised = false
    var isStopping = false
    let startedAt: UInt64

    init(engine: Engine, cursor: UInt64, port: UInt16) {
        self.engine = engine
        self.cursor = cursor
        self.port = port
        self.startedAt = Node.now().uptime
    }
}
