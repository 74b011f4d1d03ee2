import EarshotModel

/// What `doctor` finds, without the words: what is so, and (where something is the matter) what to do about it.
package enum Finding: Hashable, Sendable {
    /// - Parameter isAlone: nobody but this machine can be reached.
    case network([NamedInterface], isAlone: Bool)
    /// - Parameter deaf: the names of those that carry no multicast.
    case multicast(deaf: [String])
    /// So many adverts on one interface.
    case heard(Int)
    case discovery(backend: String, isAnnounced: Bool)
    /// - Parameter type: of the service, as the DNS has it.
    case domain(String, type: String, Domain)
    case others(announced: Int, inSession: Int)
    /// - Parameters:
    ///   - incoming: sessions that others opened.
    ///   - silent: those who announce themselves and never answered.
    ///   - way: commands that let us through the firewalls of this machine, if there are any.
    case port(UInt16, incoming: Int, sessions: Int, silent: Int, way: String)
    /// Whether what this machine asks by multicast comes back to it.
    case echo(isHeard: Bool, way: String)
    /// - Parameters:
    ///   - isOn: `nil` where only root sees that.
    ///   - command: what lets us through.
    case firewall(isOn: Bool?, command: String)
    /// Who is heard through others in a room alone.
    case apart(names: [String])
    case openFiles(Int, most: Int)
    /// - Parameter fault: why no file can be watched, as the system says it.
    case watching(fault: String?)
    case clockAhead(name: String, milliseconds: UInt64)
    /// - Parameter found: contacts that are found when they are private, too.
    case privateMode(isOpenForGuests: Bool, found: Int, contacts: Int)
    case hostName(isTold: Bool)
    /// Rooms of which nothing comes, since no member is a contact.
    case deafRooms([String])
    /// - Parameter problem: a sentence of its own.
    case page(address: String?, problem: String?)
    case disk(free: UInt64, path: String)
    /// - Parameter fault: what SQLite says.
    case database(path: String, fault: String?, StorageTrouble?)
    /// It is not certain who they are.
    /// - Parameters:
    ///   - other: the name of the contact that theirs reads like.
    ///   - id: the beginning of theirs.
    case conflict(ConflictReason, name: String, other: String?, id: String)
    /// Whom files of this machine name, and of those the names of some that were not met yet.
    case provisions(named: Int, unmet: [String], more: Int)
    /// Rooms to which files of this machine invite people, and of which there is none here, or several.
    case unclearRooms([String])
    /// Mail that is kept for others.
    case kept(blobs: Int, bytes: UInt64)
    /// Who is to keep ours, and does not.
    case idleKeeper(name: String)
    case sealedMail(unreadable: Int)
    case unreadable(rows: Int, table: String)
    /// Something could not be stored (not kept), or not be put into the history (kept).
    case aside(Aside)
    case moreAside(Int)
    /// - Parameters:
    ///   - failing: failures in a row.
    ///   - last: what became of the last run.
    case hook(runs: UInt64, failing: UInt64, last: String?)
    case clock(year: UInt64)

    /// What a domain of the DNS has told.
    package enum Domain: Hashable, Sendable {
        /// Nothing yet.
        case silent
        case announced(Int)
        case noServer
    }

    package struct NamedInterface: Hashable, Sendable {
        package let name: String
        package let addresses: Int

        package init(_ name: String, addresses: Int) {
            self.name = name
            self.addresses = addresses
        }
    }

    package struct Aside: Hashable, Sendable {
        package let what: String
        /// Which entry of which log, where it is one.
        package let place: LogPlace?
        /// As in RFC 3339.
        package let at: String
        package let why: String
        package let isKept: Bool

        package init(what: String, place: LogPlace?, at: String, why: String, isKept: Bool) {
            self.what = what
            self.place = place
            self.at = at
            self.why = why
            self.isKept = isKept
        }
    }

    /// An entry of a log.
    package struct LogPlace: Hashable, Sendable {
        package let log: LogID
        package let seq: UInt64

        package init(log: LogID, seq: UInt64) {
            self.log = log
            self.seq = seq
        }
    }
}
