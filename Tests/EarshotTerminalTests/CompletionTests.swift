import EarshotControl
import EarshotModel
import EarshotTerminal
import Testing

@Suite struct CompletionTests {
    private static let common: [CommandTree.Option] = [
        .init(["--state"], takesValue: true), .init(["--json"], abstract: "Answer in JSON."), .init(["-q", "--quiet"]),
        .init(["--help", "-h"]),
    ]
    private static let tree = CommandTree(
        "earshot", options: [.init(["--version"]), .init(["--help", "-h"])],
        subcommands: [
            .init("__complete", isShown: false, passesOn: true),
            .init(
                "send", abstract: "Send text.",
                options: [
                    .init(["-f", "--file"], takesValue: true, takesMany: true), .init(["--wait"], takesValue: true),
                    .init(["--reply-to"], takesValue: true),
                ] + common, positionals: [.init("words", repeats: true)]),
            .init("accept", options: common, positionals: [.init("who")]),
            .init("unblock", options: common, positionals: [.init("who")]),
            .init("pin", options: common, positionals: [.init("who")]),
            .init("mute", options: [.init(["--for"], takesValue: true)] + common, positionals: [.init("who")]),
            .init("edit", options: common, positionals: [.init("id"), .init("words")]),
            .init("react", options: common, positionals: [.init("id"), .init("emoji")]),
            .init("accept-file", options: [.init(["--to"], takesValue: true)] + common, positionals: [.init("id")]),
            .init(
                "transfers", options: [.init(["--with"], takesValue: true)] + common,
                positionals: [.init("verb"), .init("id")]),
            .init("settings", options: common, positionals: [.init("key"), .init("value")]),
            .init(
                "peer", options: common,
                subcommands: [
                    .init("add", options: common, positionals: [.init("address")]),
                    .init("remove", options: common, positionals: [.init("address")]),
                ]),
            .init(
                "room", options: common,
                subcommands: [
                    .init("join", options: common, positionals: [.init("room")]),
                    .init("invite", options: common, positionals: [.init("room"), .init("who", repeats: true)]),
                    .init("pin", options: common, positionals: [.init("room"), .init("id")]),
                ]),
            .init("ack", options: common, positionals: [.init("id")]),
            .init("rpc", options: common, positionals: [.init("method"), .init("parameters")]),
        ])

    private func at(_ words: String...) -> Completion { Completion(words, Self.tree) }
    private func words(_ completion: Completion) -> [String] {
        guard case .words(let words) = completion.want else { return ["?"] }
        return completion.fitting(words).map(\.value)
    }

    @Test func eachPlaceHasItsWords() {
        #expect(
            self.words(self.at("")).contains("send") && self.words(self.at("")).contains("help")
                && !self.words(self.at("")).contains("__complete"))
        #expect(
            self.words(self.at("ac")) == ["accept", "accept-file", "ack"]
                && self.words(self.at("AC")) == ["accept", "accept-file", "ack"])
        #expect(self.words(self.at("help", "se")) == ["send", "settings"])
        #expect(self.words(self.at("peer", "")) == ["add", "remove"])
        #expect(self.words(self.at("transfers", "re")) == ["resume", "retry"])
        #expect(self.words(self.at("send", "anna", "--w")) == ["--wait"])
        #expect(self.words(self.at("send", "anna", "--wait", "d")) == ["delivered", "delivered=all"])
        #expect(self.at("transfers", "--with", "").want == .recipients)
        #expect(self.words(self.at("--s")) == ["--state"], "what all commands have may come first")
        #expect(self.words(self.at("-")).contains("-h"))
    }

    @Test func whatHasToBeLookedUpIsNamed() {
        #expect(self.at("send", "an").want == .recipients && self.at("send", "anna", "b").want == .recipients)
        #expect(self.at("pin", "").want == .recipients && self.at("mute", "an").want == .recipients)
        #expect(self.at("accept", "").want == .people(.asking) && self.at("unblock", "").want == .people(.blocked))
        #expect(self.at("edit", "k3").want == .messages(isOurs: true) && self.at("edit", "k3v7", "").want == .nothing)
        #expect(
            self.at("react", "k").want == .messages(isOurs: false)
                && self.at("send", "anna", "--reply-to", "").want == .messages(isOurs: false))
        #expect(
            self.at("accept-file", "").want == .transfers(areOffers: true)
                && self.at("transfers", "pause", "").want == .transfers(areOffers: false))
        #expect(self.at("accept-file", "k3v7", "--to", "").want == .folders)
        #expect(
            self.at("settings", "").want == .settings
                && self.at("settings", "files.folder", "").want == .value(setting: "files.folder"))
        #expect(
            self.at("send", "anna", "-f", "").want == .files && self.at("send", "anna", "-f", "a", "b").want == .files)
        #expect(
            self.at("rpc", "").want == .methods && self.at("peer", "remove", "").want == .addresses
                && self.at("peer", "add", "").want == .nothing)
        #expect(self.at("accept", "bob", "").want == .nothing)
        #expect(self.at("send", "--", "-").want == .recipients, "no options behind --")
    }

    @Test func roomsStandWhereTheyMay() {
        #expect(self.at("room", "join", "o").want == .rooms(isToJoin: true))
        #expect(self.at("room", "invite", "").want == .rooms(isToJoin: false))
        #expect(self.at("room", "invite", "ops", "an").want == .people(.all))
        #expect(self.at("room", "pin", "ops", "").want == .messages(isOurs: false))
        #expect(self.at("ack", "").want == .messages(isOurs: false))
        func room(_ id: PersonID, _ name: String, _ standing: RoomStanding) -> RoomView {
            RoomView(
                id: RoomID(hash: id.hash), name: name, standing: standing, memberCount: 2, open: false, announce: false,
                history: .all, ownerInvites: false, may: [])
        }
        let rooms = [
            room("aaaaaaaa", "ops", .joined), room("bbbbbbbb", "dev", .open), room("cccccccc", "Dev", .invited),
        ]
        func found(_ isToJoin: Bool, _ hasSign: Bool, _ typed: String = "") -> [String] {
            Candidates.rooms(rooms, isToJoin: isToJoin, hasSign: hasSign, typed).map(\.value)
        }
        #expect(found(false, true) == ["#ops", "#cccccccc"] && found(true, false) == ["bbbbbbbb", "cccccccc"])
        #expect(found(false, true, "room:") == ["room:ops", "room:cccccccc"])
        #expect(Shell.bash.line(.init("#ops"), kept: "", typed: "") == "\\#ops")
    }

    @Test func theStateFolderIsHeeded() {
        #expect(
            self.at("--state", "/a b", "send", "").state == "/a b"
                && self.at("--state", "/a", "send", "").want == .recipients)
        #expect(self.at("send", "--state=/x", "").state == "/x" && self.at("send", "").state == nil)
        #expect(
            self.at("send", "anna", "--wait=d").kept == "--wait="
                && self.words(self.at("send", "anna", "--wait=d")) == ["delivered", "delivered=all"])
    }

    private let people: [PersonView] = [
        PersonView(person: "lzxksnnjaaaabbbb", name: "Anna Berg", trust: .accepted, online: true),
        PersonView(person: "q7k2mzvaaaaabbbb", name: "Bob", trust: .requested, online: false),
        PersonView(person: "zzzz2222aaaabbbb", name: "bob", trust: .new, online: false),
        PersonView(person: "yyyy2222aaaabbbb", name: "-x", trust: .blocked, online: false),
    ]

    @Test func namesAreGivenWhereTheyAreClear() {
        func found(_ which: Completion.People, _ typed: String = "") -> [String] {
            Candidates.people(self.people, [self.people[0]], which, typed).map(\.value)
        }
        #expect(found(.all) == ["Anna Berg", "q7k2mzva", "zzzz2222", "yyyy2222"])
        #expect(found(.asking) == ["q7k2mzva"] && found(.blocked) == ["yyyy2222"])
        #expect(found(.all, "lzxk").contains("lzxksnnj"))
        #expect(
            self.at("send", "anna b").fitting(Candidates.people(self.people, [], .all, "anna b")).map(\.value) == [
                "Anna Berg"
            ], "in any case")
    }

    @Test func idsAreGivenWithWhatTheyAre() {
        let messages = [
            Door.message("k3v7aaaabbbb", "lunch\nor tea", mine: true, at: "2026-01-01T10:00:00Z") {
                $0.toName = "Bob"
            },
            Door.message("m2m2aaaabbbb", "yes", at: "2026-01-01T11:00:00Z") { $0.fromName = "Bob" },
            Door.message("gonegonegone", "", mine: true) { $0.deleted = true },
        ]
        #expect(Candidates.messages(messages, isOurs: true, "") == [.init("k3v7aaaa", "Bob: lunch or tea")])
        #expect(
            Candidates.messages(messages, isOurs: false, "").map(\.value) == ["m2m2aaaa", "k3v7aaaa"],
            "the newest first")
        let whole = EnvelopeID("k3v7aaaabbbb").description
        #expect(Candidates.messages(messages, isOurs: true, "k3v7aaaab").map(\.value) == [whole])
        let transfers = [
            Door.offer("t333aaaabbbb") { ($0.peer, $0.name) = ("Bob", "a.txt") },
            Door.offer("t222aaaabbbb") { $0.direction = .out },
        ]
        #expect(Candidates.transfers(transfers, areOffers: true, "") == [.init("t333aaaa", "Bob: a.txt, offered")])
    }

    @Test func wordsComeAsTheShellHasThem() {
        #expect(Shell.bash.words(["send", #"Anna\ B"#], index: 1) == ["send", "Anna B"])
        #expect(
            Shell.bash.words(["send", "\"Anna B"], index: 1) == ["send", "Anna B"]
                && Shell.fish.words(["send", "'Anna B"], index: 1) == ["send", "Anna B"])
        #expect(Shell.bash.words(["send", "anna", "--wait", "=", "d"], index: 4) == ["send", "anna", "--wait", "d"])
        #expect(Shell.bash.words(["send", "anna", "--wait", "="], index: 3) == ["send", "anna", "--wait", ""])
        #expect(
            Shell.zsh.words(["send", "a", "later"], index: 1) == ["send", "a"],
            "what stands behind the cursor does not count")
        #expect(Shell.bash.words(["send"], index: 1) == ["send", ""] && Shell.bash.words([], index: -1) == [])
    }

    @Test func candidatesAreQuotedForTheirShell() {
        let anna = Completion.Candidate("Anna O'Berg", "here\nnow")
        #expect(Shell.bash.line(anna, kept: "", typed: "an") == #"Anna\ O\'Berg"#)
        #expect(
            Shell.bash.line(anna, kept: "", typed: "\"an") == "Anna O'Berg"
                && Shell.bash.line(anna, kept: "", typed: "'an") == #"Anna O'\''Berg"#)
        #expect(Shell.zsh.line(anna, kept: "", typed: "an") == "Anna O'Berg\there now")
        #expect(Shell.fish.line(.init("read"), kept: "--wait=", typed: "--wait=r") == "--wait=read")
        #expect(Shell.bash.line(.init("$(x)`"), kept: "", typed: "") == #"\$\(x\)\`"#)
    }

    @Test func theParserTellsTheTree() throws {
        let dump =
            #"{"command":{"commandName":"e","subcommands":[{"commandName":"send","abstract":"A.","discussion":"EXAMPLES\n  earshot send anna \"hi\"   says hi","shouldDisplay":true,"arguments":[{"kind":"positional","valueName":"words","isRepeating":true,"parsingStrategy":"default"},{"kind":"option","names":[{"kind":"short","name":"f"},{"kind":"long","name":"file"}],"parsingStrategy":"upToNextOption","valueName":"file","shouldDisplay":true}]}]}}"#
        let send = try #require(CommandTree(dump: dump)?.subcommand("send"))
        #expect(
            send.option("-f")?.takesMany == true && send.option("--file")?.takesValue == true
                && send.positionals == [.init("words", repeats: true)])
        #expect(send.example == #"earshot send anna "hi""#)
        #expect(CommandTree(dump: "no") == nil)
    }
}
