import ArgumentParser
import EarshotControl
import EarshotTerminal

/// `earshot`: everything a person or a script asks of the node, by the local door and nothing else.
struct Earshot: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "earshot", abstract: "Talk to people on your network, end-to-end encrypted, without a server.",
        discussion: """
            EXAMPLES
              earshot peers                        who is here
              earshot send anna "lunch?"           one message
              earshot send anna -f report.pdf      files and folders
              earshot chat anna                    a conversation
              earshot send '#ops' "ten minutes"    in a room
              earshot accept bob                   answer someone who would like to talk
              earshot verify bob                   make sure that it is really them
              df -h | earshot send anna -          what a program says
              earshot watch --json                 everything, one object a line

            A node starts by itself when none is running. `earshot help COMMAND` tells more about one command.
            """, version: ControlLine.version,
        subcommands: [CompleteCommand.self, Reject.self],
        groupedSubcommands: [
            CommandGroup(
                name: "Messages",
                subcommands: [
                    Send.self, ChatCommand.self, History.self, Search.self, Watch.self, Read.self, Edit.self,
                    Delete.self, React.self, Inbox.self, Ack.self, Remind.self, Receipts.self, Lifetime.self, Pin.self,
                    Unpin.self, Mute.self, Unmute.self, On.self,
                ]),
            CommandGroup(
                name: "People",
                subcommands: [
                    Peers.self, Contacts.self, Accept.self, Block.self, Unblock.self, Rename.self, Verify.self,
                    Unverify.self, TrustCommand.self, Invite.self, Join.self, Pair.self, Peer.self, ID.self,
                    Name.self, ProfileCommand.self,
                ]),
            CommandGroup(name: "Rooms", subcommands: [Room.self]),
            CommandGroup(
                name: "Files",
                subcommands: [Recv.self, AcceptFile.self, Decline.self, TransfersCommand.self, Rules.self]),
            CommandGroup(
                name: "Node",
                subcommands: [
                    Web.self, Status.self, Doctor.self, KeeperCommand.self, Hooks.self, MetricsCommand.self,
                    Settings.self,
                    ConfigCommand.self, ServiceCommand.self, DaemonCommand.self, Stop.self, BackupCommand.self,
                    Restore.self, Wipe.self, RPC.self, Completions.self,
                ]),
        ])

    /// What all the commands understand, for judging and completing words.
    static let tree = CommandTree(dump: Self.dump) ?? CommandTree("earshot")

    /// What the command understands that these words begin with; where they begin with none, what all of them do.
    /// To describe all takes longer than most of them run.
    static func tree(for words: [String]) -> CommandTree {
        guard let command = Self.command(words), let alone = Self.alone(command) else { return Self.tree }
        return alone
    }

    /// What the words ask for. Whatever is wrong with them is said by all commands together, as it says what there is.
    static func read(_ words: [String]) throws -> any ParsableCommand {
        guard let command = Self.command(words), let read = try? Self.read(words, as: command) else {
            return try Self.parseAsRoot(words)
        }
        return read
    }

    private static func command(_ words: [String]) -> (any ParsableCommand.Type)? {
        Self.configuration.subcommands.first {
            ($0.configuration.commandName ?? String(describing: $0).lowercased()) == words.first
        }
    }

    private static func read<Command: ParsableCommand>(
        _ words: [String], as: Command.Type
    ) throws -> any ParsableCommand { try Alone<Command>.parseAsRoot(words) }

    private static func alone<Command: ParsableCommand>(_: Command.Type) -> CommandTree? {
        CommandTree(dump: Alone<Command>.dump)
    }
}

/// A program with one command only, described as in the whole one.
private struct Alone<Command: ParsableCommand>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: Earshot.configuration.commandName, version: ControlLine.version, subcommands: [Command.self])
    }
}

extension ParsableCommand {
    /// The commands as ArgumentParser describes them.
    fileprivate static var dump: String {
        do {
            _ = try Self.parseAsRoot(["--experimental-dump-help"])
            return ""
        } catch { return Self.fullMessage(for: error) }
    }
}

/// What `earshot` alone says: enough to begin, and where the rest is.
enum Overview {
    static let text = """
        Talk to people on your network, end-to-end encrypted, without a server.

          earshot peers                    who is here
          earshot send anna "lunch?"       one message; anna is a name that peers shows, or the beginning of an id
          earshot send anna -f report.pdf  files and folders
          earshot chat anna                a conversation
          earshot recv                     take files that others offer
          earshot doctor                   what may be in the way

        `earshot help` lists every command, `earshot help send` explains one.
        """
}
