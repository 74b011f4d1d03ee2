import EarshotModel

extension Language {
    /// What is so: the end of a sentence behind the name of the check.
    static func detail(_ finding: Finding) -> String {
        switch finding {
        case .network(let interfaces, let isAlone): Self.network(interfaces, isAlone)
        case .multicast(let deaf):
            deaf.isEmpty ? "all of them carry it" : "not on \(deaf.joined(separator: ", "))"
        case .heard(let adverts): adverts == 1 ? "1 advert" : "\(adverts) adverts"
        case .discovery(let backend, let isAnnounced):
            "by \(backend), \(isAnnounced ? "announced" : "not announced yet")"
        case .domain(let domain, _, .silent): "\(domain) has not answered yet"
        case .domain(let domain, _, .announced(let count)): "\(count) announced in \(domain)"
        case .domain(let domain, _, .noServer): "no server answers for \(domain)"
        case .others(let announced, let inSession): "\(announced) announced, \(inSession) in session"
        case .echo(isHeard: true, _): "what this machine asks by multicast comes back"
        case .echo(isHeard: false, _): "what this machine asks by multicast does not come back to it"
        case .firewall(let isOn, let command):
            (isOn.map { $0 ? "on" : "off" } ?? "installed; only root sees what it lets through")
                + (isOn == false ? "" : "; `\(command)` lets Earshot through")
        case .apart(let names):
            "what \(names.joined(separator: ", ")) just wrote came through others in a room, and never from them"
        case .openFiles(let open, let most): "\(open) of \(most) that may be"
        case .watching(let fault): fault.map { "no file can be watched: \($0)" } ?? "files can be watched"
        case .clockAhead(let name, let ahead): "the clock of \(name) is \(Self.span(ahead)) ahead of this one"
        case .port(let port, let incoming, let sessions, _, _):
            "TCP and UDP \(port); \(incoming) of \(sessions) sessions were opened by others"
        case .privateMode(let isOpen, let found, let contacts):
            """
            \(isOpen
                ? "open until the invitation is over: everybody here sees the id of this node and may call"
                : "on: only contacts find this node and are answered; strangers cannot ask"); \
            \(found) of \(contacts) contacts are found when they are private, too
            """
        case .hostName(isTold: true): "the Avahi daemon of this machine tells its host name with each advert"
        case .hostName(isTold: false): "adverts carry no name of this machine"
        case .deafRooms(let rooms):
            "no member is your contact, so nothing comes: \(rooms.joined(separator: ", "))"
        case .page(let address, let problem):
            [address.map { "\($0), opened by `earshot web`" }, problem].compactMap { $0 }.joined(separator: ". ")
        case .disk(let free, let path): "\(free >> 20) MiB free at \(path)"
        case .database(let path, let fault, let trouble): fault ?? trouble?.rawValue ?? "sound, \(path)"
        case .conflict(let reason, let name, let other, _):
            "\(Self.english.say(.conflict(reason, name: name, other: other))); nothing is sent to them"
        case .provisions(let named, let unmet, _) where unmet.isEmpty: "names \(named); all were met"
        case .provisions(let named, let unmet, let more):
            "names \(named); not met yet: \(unmet.joined(separator: ", "))\(more > 0 ? " and \(more) more" : "")"
        case .unclearRooms(let rooms):
            "people are to be in rooms that are not here, or several times: \(rooms.joined(separator: ", "))"
        case .kept(let blobs, let bytes): "\(blobs) blobs, \(bytes >> 10) KiB are kept for others"
        case .idleKeeper(let name): "\(name) is to keep your mail, and keeps none from you"
        case .sealedMail(let count): "\(count) blobs that were left for you could not be opened"
        case .unreadable(let rows, let table):
            "\(rows) of \(table) in the database cannot be read; everything else is"
        case .aside(let aside): Self.detail(aside)
        case .moreAside(let count): "\(count) more"
        case .hook(let runs, failing: 0, let last):
            runs == 0 ? "nothing to do yet" : "\(runs) times, last: \(last ?? "done")"
        case .hook(_, let failing, let last):
            "\(failing == 1 ? "1 failure" : "\(failing) failures in a row"); last: \(last ?? "unknown")"
        case .clock(let year): "the year is \(year)"
        }
    }

    /// The same, of what keeps two machines apart.
    private static func remedyOfPath(_ finding: Finding) -> String {
        switch finding {
        case .port(let port, _, _, let silent, let way):
            """
            \(silent) of those who announce themselves never answered: let TCP and UDP \(port) through the firewalls \
            of both machines.\(way.isEmpty ? "" : " Here: \(way).")
            """
        case .echo(_, let way):
            """
            A firewall of this machine drops UDP 5353, so others cannot be heard.\
            \(way.isEmpty ? "" : " \(way) lets it through.")
            """
        case .apart:
            """
            They are here, and others reach them, but this machine does not: an access point that keeps its stations \
            apart (client isolation, guest Wi-Fi), two networks without a way between them, or a firewall. Try \
            `earshot peer add HOST` with their address; in the access point switch client isolation off; or let a \
            contact whom both reach be the way (`earshot settings relay on` at theirs).
            """
        case .openFiles:
            """
            Sessions, programs at the door and transfers need one each. `LimitNOFILE=65536` in the unit, or \
            `ulimit -n 65536` before earshotd is started, allows more.
            """
        case .watching:
            """
            A file that is sent while it grows is not followed then. \
            `sudo sysctl fs.inotify.max_user_instances=512` allows more.
            """
        case .clockAhead:
            """
            One of the two is wrong; `timedatectl` says of a machine whether the network sets its clock. Nothing is \
            refused because of it, and messages keep their order.
            """
        default: ""
        }
    }

    private static func span(_ milliseconds: UInt64) -> String {
        let minutes = milliseconds / 60_000
        return minutes < 120 ? "\(minutes) min" : minutes < 2_880 ? "\(minutes / 60) h" : "\(minutes / 1_440) days"
    }

    private static func network(_ interfaces: [Finding.NamedInterface], _ isAlone: Bool) -> String {
        let names = interfaces.map { "\($0.name) (\($0.addresses) addresses)" }.joined(separator: ", ")
        guard isAlone else { return names }
        let why =
            interfaces.isEmpty
            ? "no interface is up with an address" : "only this machine can be reached, by \(names)"
        return "there is no network: \(why)"
    }

    private static func detail(_ aside: Finding.Aside) -> String {
        let place = aside.place.map { " \($0.seq) of log \($0.log)" } ?? ""
        let kept =
            aside.isKept
            ? "its bytes are kept; it is tried again at each start"
            : "it is not on this disk and was not acknowledged"
        return "\(aside.what)\(place), \(aside.at): \(aside.why); \(kept)"
    }

    /// What to do about it: whole sentences. Empty where there is nothing to do.
    static func remedy(_ finding: Finding) -> String {
        switch finding {
        case .network:
            """
            Plug in the cable or join a Wi-Fi, or name an interface with --interface. What you write in the meantime \
            is kept and sent later.
            """
        case .multicast: "Discovery needs multicast there; `earshot peer add HOST` works without."
        case .heard:
            """
            Others were heard on another interface only: this network may drop multicast (guest Wi-Fi, IGMP snooping \
            without a querier).
            """
        case .discovery, .privateMode, .moreAside, .provisions: ""
        case .unclearRooms:
            """
            `[[room]]` in people.toml makes a room that is not here; of several called alike, `rooms` names one by its \
            id.
            """
        case .domain(let domain, let type, _):
            """
            `dig PTR \(type).\(domain)` asks the same. The server of /etc/resolv.conf has to know that zone; \
            docs/Board.md says how it is written.
            """
        case .others:
            """
            If others run Earshot here, the network may isolate its clients (guest Wi-Fi) or a firewall drops UDP \
            5353. Try `earshot peer add HOST` on one side.
            """
        case .port, .echo, .firewall, .apart, .openFiles, .watching, .clockAhead: Self.remedyOfPath(finding)
        case .hostName:
            "Set `discovery = \"embedded\"` in `earshot config edit`, or give the machine a name that says nothing."
        case .deafRooms: "Accept a member as a contact (`earshot invite`), or switch discovery.private off."
        case .page: "The setting web.port chooses another port, for the next start."
        case .disk:
            "Free some space: below 16 MiB nothing is received. What others sent stays with them until then."
        case .database:
            "What you received is also on the disks of those who sent it. Check this disk, and keep a copy."
        case .conflict(_, _, _, let id): "`earshot trust \(id)` says what can be done."
        case .kept: "What is full refuses what is new. keeper.space allows more."
        case .idleKeeper: "They switch it on by `earshot keeper on`, and choose for whom by keeper.for."
        case .sealedMail: "Nothing is lost by it: who wrote them still has them, and gives them when you meet."
        case .unreadable:
            "They were left as they are. Keep a copy of the database, and tell whoever looks after Earshot."
        case .aside: "A newer version of Earshot may be able to store it. Nothing else is held up by it."
        case .hook: "The log of earshotd has what it wrote. `earshot hooks` shows all of them."
        case .clock: "Set the clock: messages show its time. Nothing is refused because of it."
        }
    }
}
