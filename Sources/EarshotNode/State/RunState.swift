import EarshotConfig
import EarshotRules

/// Everything the loop owns while it runs. One owner, no lock. Each part keeps its own, and is in a file of its name.
struct RunState {
    var engine: Engine
    var settings: LiveSettings
    var talks: Talks
    var files = FileWork()
    var subscribers: Subscribers
    var callers: Callers
    var links = LinkWork()
    var network: NetworkNotes
    var chores: Chores
    var life: Life

    init(
        engine: Engine, settings: LiveSettings, talks: Talks, cursor: UInt64, port: UInt16, looks: Bool
    ) {
        let startedAt = Node.now().uptime
        self.engine = engine
        self.settings = settings
        self.talks = talks
        self.subscribers = Subscribers(cursor: cursor)
        self.callers = Callers(early: EarlyRequests(startedAt: startedAt, looks: looks))
        self.network = NetworkNotes(port: port)
        self.chores = Chores(startedAt: startedAt)
        self.life = Life(startedAt: startedAt)
    }
}
