import ArgumentParser
import EarshotControl
import EarshotModel
import EarshotTerminal

/// `20M`, `1.5G`.
extension ByteCount: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

/// `4711.88`.
extension EventPlace: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

struct Rules: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Whose files are accepted without asking.",
        discussion: """
            EXAMPLES
              earshot rules
              earshot rules add --from anna
              earshot rules add --verified --most 2G --type pdf --type 'image/*'
              earshot rules add --from anna --to ~/inbox --quota 20G
              earshot rules add --from '#ops' --type pdf    offered in a room
              earshot rules remove 1

            A rule looks at everything that would come, with every name in a folder, before any of it comes. A \
            stranger's files are never
            accepted so, and a program only where its ending is named. What no rule accepts waits for you.
            """)
    @Argument(help: "add or remove.") var verb: String?
    @Argument(help: "The rule's number.") var number: Int64?
    @Option(help: "Only from this person, or offered in this room; otherwise from everybody you have accepted.")
    var from: String?
    @Flag(help: "Only from people who are verified.") var verified = false
    @Option(help: "At most this much in one offer, such as 200M.") var most: ByteCount?
    @Option(help: "A file name extension such as pdf, or a type such as image/*; may be repeated.") var type: [String] =
        []
    @Option(help: "The folder they go to.") var to: String?
    @Option(help: "At most this much in 24 hours, such as 5G.") var quota: ByteCount?
    @OptionGroup var options: Options

    func run() throws {
        let client = try self.options.connect()
        let answer: [RuleView]
        switch self.verb {
        case nil: answer = try client.ask(Methods.Rules())
        case "add":
            answer = try client.ask(
                Methods.AddRule(
                    from: self.from, verified: self.verified, most: self.most.map { Int64(clamping: $0.bytes) },
                    types: WordsOrNone(self.type),
                    folder: try self.to.map { try AbsolutePath(TypedPath.ours.absolute($0)) },
                    quota: self.quota.map { Int64(clamping: $0.bytes) }))
        case "remove":
            guard let number = self.number else {
                throw ValidationError("Which one? `earshot rules` lists them by number.")
            }
            answer = try client.ask(Methods.RemoveRule(number: number))
        default:
            let hint = Nearest.question(self.verb ?? "", among: ["add", "remove"])
            throw ValidationError(
                "Try: earshot rules, earshot rules add --from anna, or earshot rules remove 1.\(hint)")
        }
        let style = self.options.style
        let lines = answer.map { Self.line($0, style) }
        self.options.show(
            answer,
            self.options.quiet
                ? [] : lines.isEmpty ? [self.options.style.dim("No rules: you are asked each time.")] : lines)
    }

    private static func line(_ rule: RuleView, _ style: Style) -> String {
        let isVerified = rule.verified == true
        let inRoom = rule.room != nil ? rule.name.map { "everybody you have accepted, in \($0)" } : nil
        let words = [
            inRoom ?? rule.name.map { style.named($0, rule.trust) }
                ?? (isVerified ? "everybody verified" : "everybody you have accepted"),
            rule.name != nil && isVerified ? "if verified" : nil, rule.types?.joined(separator: ", "),
            rule.most.map { "up to \(TransferLines.size($0))" }, rule.quota.map { "\(TransferLines.size($0)) a day" },
        ]
        let line = "\(rule.number)  from \(words.compactMap { $0 }.joined(separator: ", ")) to \(rule.folder)"
        return line + (rule.namedBy.map { style.dim("  from \($0)") } ?? "")
    }
}
