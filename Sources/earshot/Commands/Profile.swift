import ArgumentParser
import EarshotControl
import EarshotModel
import EarshotTerminal
import Glibc

/// One of the words for how present one is.
struct PresenceWord: ExpressibleByArgument {
    let presence: Presence

    init?(argument: String) {
        guard let presence = Presence(rawValue: argument) else { return nil }
        self.presence = presence
    }

    static var allValueStrings: [String] { Presence.allCases.map(\.rawValue) }
}

/// `role=everyone`: who may see a field.
struct SightWord: ExpressibleByArgument {
    let field: Profile.Field
    let audience: Profile.Audience

    /// A field by the word of its option.
    private static let fields: [String: Profile.Field] = [
        "name": .fullName, "role": .role, "desk": .desk, "phone": .phone, "picture": .picture,
    ]

    init?(argument: String) {
        let words = argument.split(separator: "=").map(String.init)
        guard words.count == 2, let field = Self.fields[words[0]], let audience = Profile.Audience(rawValue: words[1])
        else { return nil }
        (self.field, self.audience) = (field, audience)
    }

    static var allValueStrings: [String] {
        self.fields.keys.sorted().flatMap { field in Profile.Audience.allCases.map { "\(field)=\($0.rawValue)" } }
    }
}

struct ProfileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile", abstract: "What people tell of themselves, and what you do.",
        discussion: """
            EXAMPLES
              earshot profile                      your own, and who may see what
              earshot profile anna
              earshot profile set --name "Anna Berg" --role carpenter --desk 2.14
              earshot profile set --phone 1820 --see phone=nobody
              earshot profile set --picture me.png
            """, subcommands: [Show.self, Set.self], defaultSubcommand: Show.self)

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show what someone tells of themselves, or your own.",
            discussion: """
                EXAMPLES
                  earshot profile show anna
                  earshot profile show anna --save anna.png
                """)
        @Argument(help: "Name or id; your own if nobody is named.") var who: String?
        @Option(help: "Save their picture to this file, which must not be there yet.") var save: String?
        @OptionGroup var options: Options

        func run() throws {
            let client = try self.options.connect()
            let profile = try client.ask(Methods.GetProfile(self.who))
            let lines = PresenceLines(style: self.options.style, zone: .system).lines(profile)
            if let save = self.save {
                let picture = try client.ask(Methods.GetPicture(self.who))
                try PictureFile.write(Base64.decode(picture.data) ?? [], to: save)
            }
            self.options.show(profile, lines)
        }
    }

    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change what you tell of yourself.",
            discussion: """
                EXAMPLES
                  earshot profile set --name "Anna Berg" --role carpenter
                  earshot profile set --picture me.jpg --see picture=everyone
                  earshot profile set --phone ""               takes it away

                Contacts see every field but those for which --see says otherwise.
                """)
        @Option(help: "Your full name.") var name: String?
        @Option(help: "What you do.") var role: String?
        @Option(help: "Where you sit.") var desk: String?
        @Option(help: "Your number.") var phone: String?
        @Option(help: "A PNG or JPEG of at most 64 KiB; \"\" takes it away.") var picture: String?
        @Option(help: "Who may see a field: FIELD=everyone, FIELD=contacts or FIELD=nobody. May be repeated.")
        var see: [SightWord] = []
        @OptionGroup var options: Options

        func run() throws {
            var asked = Methods.SetProfile()
            asked.fullName = try self.name.map { try StandardInput.text($0) }
            asked.role = try self.role.map { try StandardInput.text($0) }
            asked.desk = try self.desk.map { try StandardInput.text($0) }
            asked.phone = try self.phone.map { try StandardInput.text($0) }
            asked.picture = try self.picture.map { $0.isEmpty ? "" : Base64.encode(try PictureFile.read($0)) }
            if !self.see.isEmpty {
                var sight = ProfileView.Sight()
                for word in self.see {
                    switch word.field {
                    case .fullName: sight.fullName = word.audience
                    case .role: sight.role = word.audience
                    case .desk: sight.desk = word.audience
                    case .phone: sight.phone = word.audience
                    case .picture: sight.picture = word.audience
                    }
                }
                asked.see = sight
            }
            let profile = try self.options.connect().ask(asked)
            let lines = PresenceLines(style: self.options.style, zone: .system).lines(profile)
            self.options.show(profile, self.options.quiet ? [] : lines)
        }
    }
}

/// Pictures that a person names on the command line.
private enum PictureFile {
    static func read(_ path: String) throws(DoorError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw self.failure(path, "cannot be read") }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= Profile.pictureBytes {
            let count = Glibc.read(file, &buffer, buffer.count)
            guard count >= 0 else { throw self.failure(path, "cannot be read") }
            if count == 0 { break }
            bytes += buffer.prefix(count)
        }
        guard bytes.count <= Profile.pictureBytes else {
            throw DoorError(.badParameters, "\(path) is larger than 64 KiB: make it smaller first.")
        }
        return bytes
    }

    static func write(_ bytes: [UInt8], to path: String) throws(DoorError) {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw self.failure(path, "cannot be made") }
        defer { close(file) }
        guard Glibc.write(file, bytes, bytes.count) == bytes.count else {
            throw self.failure(path, "cannot be written")
        }
    }

    private static func failure(_ path: String, _ what: String) -> DoorError {
        DoorError(.failed, "\(path) \(what): \(String(cString: strerror(errno))).")
    }
}
