import EarshotConfig
import EarshotControl
import EarshotModel
import EarshotRules
import EarshotText
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
        guard wanted != state.network.lobby else { return [] }
        state.network.lobby = wanted
        let lobby = Charter.lobby.room
        let isThere = state.engine.room(lobby)?.known.standing == .joined
        switch wanted {
        case .on: return isThere ? [] : (try? state.engine.joinRoom(lobby, at: now)) ?? []
        case .off: return isThere ? (try? state.engine.leaveRoom(lobby, at: now)) ?? [] : []
        }
    }

    /// Begins or ends to relay, when the setting changes.
    func keepRelay(_ state: inout RunState) -> [Effect] {
        state.engine.use(relayPort: state.settings.now[\.relay] == .on ? state.network.port : nil)
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
    func reread(
        _ state: inout RunState, at now: Moment
    ) throws(ConfigFaults) -> (changes: [String], effects: [Effect]) {
        let changes = state.settings.read(try self.configuration.reread()).map { Language.english.say(.settings($0)) }
        self.use(state.settings, &state.engine)
        for change in changes { self.log.notice("\(change)") }
        self.tellNotices(state.settings)
        // What becomes of people is logged once it is on disk.
        let effects = state.engine.use(provisions: state.settings.people, rooms: state.settings.rooms, at: now)
        let people = effects.compactMap { effect -> String? in
            guard case .announce(.provision(let news, let person)) = effect else { return nil }
            return self.words(for: news, person, state.engine) + "."
        }
        return (changes + people, effects)
    }

    func rereadAloud(_ state: inout RunState, at now: Moment) -> [Effect] {
        do throws(ConfigFaults) {
            let (changes, effects) = try self.reread(&state, at: now)
            if changes.isEmpty { self.log.notice("the settings were read again; nothing has changed") }
            return effects
        } catch {
            for fault in error.faults { self.log.error("\(fault.text)") }
            self.log.error("the settings stay as they were")
            return []
        }
    }

    /// What came of a file's naming somebody, as the end of no sentence.
    func words(for news: Provisions.News, _ person: PersonID, _ engine: Engine) -> String {
        let who = "\(self.name(person, engine)) (\(person.brief))"
        return switch news {
        case .added(let isVerified, let place):
            "\(who) is a \(isVerified ? "verified " : "")contact, as \(place) says"
        case .left(.blocked, let place): "\(who) is blocked and stays so, although \(place) names them"
        case .left(_, let place):
            "it is not certain who \(who) is, whom \(place) names; `earshot trust \(person.brief)` decides it"
        case .nameTaken(let name, let place):
            "\(who) is not called \(SafeText.name(name)), as \(place) says: somebody else here is"
        case .stranger:
            "\(who) is not in people.toml any more, and a stranger again; `earshot accept \(person.brief)` keeps them"
        case .unverified: "\(who) is not in people.toml any more, and not verified any more"
        case .released: "\(who) is not in people.toml any more, and stays what they were before"
        case .invited(let room, let place): "\(who) is invited to \(self.name(room, engine)), as \(place) says"
        case .uninvited(let room):
            "\(who) was taken out of \(self.name(room, engine)), in which people.toml has them no more"
        case .notInvited(let room, let refusal, let place):
            "\(who) is not invited to \(self.name(room, engine)), although \(place) says so. "
                + self.explain(refusal, room, engine).message.split(separator: ".").joined(separator: ".")
        case .unclearRoom(let name, isThere: false, let place):
            "\(place) invites \(who) to \(RoomResolver.shown(SafeText.name(name))), a room that is not here; "
                + "[[room]] in that file makes it"
        case .unclearRoom(let name, isThere: true, let place):
            "\(place) invites \(who) to \(RoomResolver.shown(SafeText.name(name))), and several rooms are called so: "
                + "give its id"
        case .joined(let room, let place):
            "this node is in \(self.name(room, engine)) now: \(who) may invite it, as \(place) says"
        case .made(let room, let place): "\(self.name(room, engine)) is there now, as \(place) says"
        }
    }

    func tellNotices(_ settings: LiveSettings) {
        for notice in settings.next.notices { self.log.warning("\(Language.english.say(.settings(notice)))") }
    }
}
