import ArgumentParser
import EarshotControl
import EarshotModel
import EarshotTerminal
import Glibc

/// A command that sets what one conversation is in the list.
private protocol TalkCommand: ParsableCommand {
    var who: String { get }
    var options: Options { get }
    func asking() -> Methods.SetTalk
    /// What is true of it from now on.
    var done: String { get }
}

extension TalkCommand {
    func run() throws {
        let talk = try self.options.connect().ask(self.asking())
        self.options.show(talk, self.options.quiet ? [] : ["\(talk.shownName) \(self.done)"])
    }
}

struct Pin: TalkCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put a conversation at the top of the list.",
        discussion: """
            EXAMPLES
              earshot pin anna
              earshot pin '#ops'
            """)
    @Argument(help: "Name or id, or a #room.") var who: String
    @OptionGroup var options: Options

    func asking() -> Methods.SetTalk { Methods.SetTalk(who: self.who, pinned: true) }
    var done: String { "stands at the top" }
}

struct Unpin: TalkCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put a conversation back to its place in the list.",
        discussion: """
            EXAMPLES
              earshot unpin anna
            """)
    @Argument(help: "Name or id, or a #room.") var who: String
    @OptionGroup var options: Options

    func asking() -> Methods.SetTalk { Methods.SetTalk(who: self.who, pinned: false) }
    var done: String { "no longer stands at the top" }
}

struct Mute: TalkCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a conversation silent: nothing of it notifies.",
        discussion: """
            EXAMPLES
              earshot mute '#ops'
              earshot mute anna --for 8h
            """)
    @Argument(help: "Name or id, or a #room.") var who: String
    @Option(name: .customLong("for"), help: "For how long: 30m, 8h, 7d, …; for good unless given.") var span: Span?
    @OptionGroup var options: Options

    func asking() -> Methods.SetTalk {
        let now = Int64(time(nil)) * 1_000
        let until = self.span.map { now.addingReportingOverflow($0.milliseconds) }
        return Methods.SetTalk(who: self.who, muted: true, until: until.map { $0.overflow ? .max : $0.partialValue })
    }
    var done: String { self.span.map { "is silent for \(Printout.span($0.milliseconds))" } ?? "is silent" }
}

struct Unmute: TalkCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let a conversation notify again.",
        discussion: """
            EXAMPLES
              earshot unmute anna
            """)
    @Argument(help: "Name or id, or a #room.") var who: String
    @OptionGroup var options: Options

    func asking() -> Methods.SetTalk { Methods.SetTalk(who: self.who, muted: false) }
    var done: String { "is not silent any more" }
}

extension TalkView {
    fileprivate var shownName: String { self.room == nil ? self.name : "#\(self.name)" }
}
