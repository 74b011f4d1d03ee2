import ArgumentParser
import EarshotConfig
import EarshotControl
import EarshotModel
import EarshotTerminal
import Glibc

struct Completions: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the completion script for your shell.",
        discussion: """
            EXAMPLES
              source <(earshot completions bash)
              earshot completions bash > ~/.local/share/bash-completion/completions/earshot
              earshot completions zsh > ~/.zfunc/_earshot
              earshot completions fish > ~/.config/fish/completions/earshot.fish
            """)
    @Argument(help: "bash, zsh or fish.") var shell: String

    func run() throws {
        guard let shell = Shell(rawValue: self.shell.lowercased()) else {
            let hint = Nearest.question(self.shell, among: Shell.allCases.map(\.rawValue))
            throw ValidationError("The shell is bash, zsh or fish, not \(self.shell).\(hint)")
        }
        print(shell.script)
    }
}

/// What the shells ask when somebody presses Tab. Starts no node, and says nothing where none is running.
struct CompleteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "__complete", abstract: "Candidates for the shells.",
        discussion: "EXAMPLES\n  earshot __complete bash 2 earshot send an", shouldDisplay: false)
    @Argument(parsing: .captureForPassthrough, help: "SHELL INDEX WORD…") var words: [String] = []

    /// Ms: who presses Tab does not wait for a node that is stuck.
    private static let patience: Int64 = 1_000
    /// Conversations whose messages are looked at for ids, and how many of each.
    private static let conversations = 20
    private static let messagesOfEach: Count = 10

    func run() throws {
        guard self.words.count >= 2, let shell = Shell(rawValue: self.words[0]), let index = Int(self.words[1]) else {
            throw ValidationError("It takes a shell, an index and the words of the line.")
        }
        let raw = Array(self.words.dropFirst(2))
        // The first word is the program.
        let words = shell.words(Array(raw.dropFirst()), index: index - 1)
        let completion = Completion(words, Earshot.tree)
        switch completion.want {
        case .files: print("files")
        case .folders: print("folders")
        case .words, .people, .recipients, .rooms, .messages, .transfers, .settings, .value, .methods, .addresses,
            .rules,
            .nothing:
            let isFolder = completion.want == .value(setting: "files.folder")
            print(isFolder ? "folders" : "words")
            let typed = index >= 0 && index < raw.count ? raw[index] : ""
            for candidate in completion.fitting(self.candidates(completion)) {
                print(shell.line(candidate, kept: shell == .bash ? "" : completion.kept, typed: typed))
            }
        }
    }

    private func candidates(_ completion: Completion) -> [Completion.Candidate] {
        switch completion.want {
        case .words(let words): return words
        case .methods: return Methods.names.map { .init($0) }
        case .files, .folders, .nothing: return []
        case .people, .recipients, .rooms, .messages, .transfers, .settings, .value, .addresses, .rules: break
        }
        var options = Options()
        options.state = completion.state
        guard let folder = try? options.directory, let client = try? ControlClient(path: folder + "/earshot.sock")
        else { return [] }
        func ask<One: Method>(_ method: One) -> One.Answer? { try? client.ask(method, patience: Self.patience) }
        func peers() -> [PersonView] { ask(Methods.Peers()) ?? [] }
        func contacts() -> [PersonView] { ask(Methods.Contacts()) ?? [] }
        func rooms(open: Bool) -> [RoomView] { ask(Methods.ListRooms(open: open)) ?? [] }
        switch completion.want {
        case .people(let which): return Candidates.people(peers(), contacts(), which, completion.typed)
        case .recipients:
            return Candidates.people(peers(), contacts(), .all, completion.typed)
                + Candidates.rooms(rooms(open: false), isToJoin: false, hasSign: true, completion.typed)
        case .rooms(let isToJoin):
            return Candidates.rooms(rooms(open: isToJoin), isToJoin: isToJoin, hasSign: false, completion.typed)
        case .messages(let isOurs):
            let people = Candidates.each(peers(), contacts()).prefix(Self.conversations).map(\.person.description)
            let places = people + rooms(open: false).prefix(Self.conversations).map { "room:\($0.id)" }
            let messages = places.flatMap { who in ask(Methods.History(who: who, limit: Self.messagesOfEach)) ?? [] }
            return Candidates.messages(messages, isOurs: isOurs, completion.typed)
        case .transfers(let areOffers):
            return Candidates.transfers(ask(Methods.Transfers()) ?? [], areOffers: areOffers, completion.typed)
        case .settings:
            let settings = ask(Methods.GetSettings())?.values ?? [:]
            return settings.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) }
        case .value(let key):
            let now = ask(Methods.GetSettings())?.values[key] ?? ""
            let registry = EarshotConfig.Settings.self
            let known = key == "unset" ? registry.forDoor.map(\.key) : registry[key]?.examples ?? []
            return known.map { .init($0, $0 == now ? "current value" : "") }
        case .addresses: return (ask(Methods.ListPeers()) ?? []).map { .init($0.address) }
        case .rules: return (ask(Methods.Rules()) ?? []).map { .init("\($0.number)", $0.name ?? $0.folder) }
        case .words, .methods, .files, .folders, .nothing: return []
        }
    }
}
