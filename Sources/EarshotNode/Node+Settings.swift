import EarshotConfig
import EarshotModel
import EarshotRules
import EarshotWire
import Logging

/// Settings as the node lives by them.
extension Node {
    /// What counts at once counts from now on.
    func use(_ settings: LiveSettings, _ engine: inout Engine) {
        let config = settings.now
        engine.use(policy: config[\.accept])
        engine.use(
            files: FilesSettings(
                folder: config[\.filesFolder], rate: config[\.filesRate], ratePerDevice: config[\.filesRatePerPeer]))
        self.heed(engine.filesSettings)
        engine.use(isPrivate: config[\.discoveryPrivate] == .on)
        engine.use(
            mail: MailSettings(
                keeps: config[\.keeperEnabled], audience: config[\.keeperFor],
                people: Set(config[\.keeperPeople]), bytes: Int(clamping: config[\.keeperSpace]),
                leaving: config[\.keeperLeave]))
        engine.use(idleAfter: UInt64(config[\.awayAfter]) * 60_000, seen: config[\.lastSeen])
    }

    /// Into the lobby or out of it, when the setting changes.
    func keepLobby(_ state: inout RunState, _ now: Moment) -> [Effect] {
        let wanted = state.settings.now[\.lobby]
        guard wanted != state.lobby else { return [] }
        state.lobby = wanted
        let lobby = Charter.lobby.room
        let isThere = state.engine.room(lobby)?.known.standing == .joined
        switch wanted {
        case .on: return isThere ? [] : (try? state.engine.joinRoom(lobby, at: now)) ?? []
        case .off: return isThere ? (try? state.engine.leaveRoom(lobby, at: now)) ?? [] : []
        }
    }

    /// What we call ourselves when we start. A variable or an option renames us for good; a file only for as long as it
    /// says so, and nobody else does.
    func useName(_ state: inout RunState) throws {
        self.useNameOfFile(&state)
        guard let name = state.settings.now[\.name], name != state.engine.name else { return }
        try self.performAtStart(state.engine.rename(myself: name), &state)
    }

    /// What a file calls us is not in the database.
    func useNameOfFile(_ state: inout RunState) {
        guard let name = state.settings.now[\.name] else { return }
        switch state.settings.now.source(of: Settings.registry.name.key) {
        case .file, .policy: _ = state.engine.rename(myself: name)
        case .variable, .option, .door, .usual: break
        }
    }

    /// Reads the files again, and says in the log what that changes, or why it cannot.
    package func reread() { self.mailbox.post(.reread) }

    /// Where something is wrong with the files, nothing changes. Says what does.
    func reread(_ state: inout RunState) throws(ConfigFaults) -> [String] {
        let changes = state.settings.read(try self.configuration.reread())
        self.use(state.settings, &state.engine)
        for change in changes { self.log.notice("\(change)") }
        self.tellNotices(state.settings)
        return changes
    }

    func rereadAloud(_ state: inout RunState) {
        do throws(ConfigFaults) {
            if try self.reread(&state).isEmpty { self.log.notice("the settings were read again; nothing has changed") }
        } catch {
            for fault in error.faults { self.log.error("\(fault.text)") }
            self.log.error("the settings stay as they were")
        }
    }

    func tellNotices(_ settings: LiveSettings) {
        for notice in settings.next.notices { self.log.warning("\(notice)") }
    }
}
