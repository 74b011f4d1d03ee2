import ArgumentParser
import EarshotControl
import EarshotModel
import EarshotTerminal

struct KeeperCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keeper", abstract: "Keep sealed messages for those who are away.",
        discussion: """
            EXAMPLES
              earshot keeper                 what is kept here, and what others keep
              earshot keeper on              keep messages for your contacts
              earshot keeper use carol       Carol keeps yours while you are away
              earshot keeper forget carol

            What is kept is sealed for its reader: a keeper sees who left it, when, and how long it is.
            """, subcommands: [Show.self, On.self, Off.self, Use.self, Forget.self], defaultSubcommand: Show.self)

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "What is kept here for others, and what others keep.",
            discussion: """
                EXAMPLES
                  earshot keeper show
                """)
        @OptionGroup var options: Options

        func run() throws {
            let view = try self.options.connect().ask(Methods.GetKeeper())
            self.options.show(view, KeeperLines(style: self.options.style).lines(view))
        }
    }

    struct On: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keep messages for others, from now on.",
            discussion: """
                EXAMPLES
                  earshot keeper on
                  earshot settings keeper.for verified     only for those you have verified
                """)
        @OptionGroup var options: Options

        func run() throws { try KeeperCommand.keep(true, self.options) }
    }

    struct Off: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keep nothing new. What is kept stays for its readers, for 14 days.",
            discussion: """
                EXAMPLES
                  earshot keeper off
                """)
        @OptionGroup var options: Options

        func run() throws { try KeeperCommand.keep(false, self.options) }
    }

    struct Use: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Name someone who keeps your messages while you are away; your contacts are told.",
            discussion: """
                EXAMPLES
                  earshot keeper use carol
                """)
        @Argument(help: "Name or id.") var who: String
        @OptionGroup var options: Options

        func run() throws {
            let view = try self.options.connect().ask(Methods.UseKeeper(self.who))
            self.options.show(view, KeeperLines(style: self.options.style).keepers(view))
        }
    }

    struct Forget: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take back that someone keeps your messages.",
            discussion: """
                EXAMPLES
                  earshot keeper forget carol
                """)
        @Argument(help: "Name or id.") var who: String
        @OptionGroup var options: Options

        func run() throws {
            let view = try self.options.connect().ask(Methods.ForgetKeeper(self.who))
            self.options.show(view, KeeperLines(style: self.options.style).keepers(view))
        }
    }

    private static func keep(_ keeps: Bool, _ options: Options) throws {
        let client = try options.connect()
        _ = try client.ask(Methods.SetSetting(key: "keeper.enabled", value: keeps ? "true" : "false"))
        let view = try client.ask(Methods.GetKeeper())
        options.show(view, options.quiet ? [] : [KeeperLines(style: options.style).keeping(view)])
    }
}
