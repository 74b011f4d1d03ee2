/// What is wrong with what somebody wrote for us: whole sentences.
extension Language {
    static func english(_ fault: Fault) -> String {
        switch fault {
        case .syntax(let why): self.english(why)
        case .file(let why): self.english(why)
        case .setting(let why): self.english(why)
        case .table(let why): self.english(why)
        case .hook(let why): self.english(why)
        case .person(let why): self.english(why)
        case .path(let sentence): sentence
        }
    }

    private static func english(_ fault: Fault.Syntax) -> String {
        switch fault {
        case .tooDeep: "Lists and tables are nested too deeply."
        case .manyKeys: "These are too many keys in one."
        case .openList: "In a list there is a , or the closing ] here."
        case .openTable: "In a table there is a , or the closing } here."
        case .openBracket: "A ] is missing here."
        case .noValue: "A value is missing here."
        case .noKey: "A key is missing here: letters, digits, - and _, or quoted."
        case .noEquals: "After a key there is a = and its value."
        case .leftOver: "There is something left at the end of this line."
        case .notValue(let text): "\(text) is no value. Text stands in quotes: \"\(text)\"."
        case .openText: "This text has no closing quote."
        case .openTextOnLine: "This text has no closing quote on its line."
        case .openLongText: "This text has no closing quotes."
        case .control: "A control character cannot stand here."
        case .notCharacter: "That is no character."
        case .noEscape(let character):
            "There is no \\\(character). For a backslash write \\\\, or put the text in '…'."
        case .setTwice(let key): "\(key) is set a second time."
        case .openedTwice(let table): "[\(table)] is opened a second time."
        case .openedElsewhere(let table): "[\(table)] is opened elsewhere."
        case .valueNotTable(let key): "\(key) is a value already, and no table."
        case .tableNotList(let table): "[\(table)] is a table already, and no list of them."
        case .tableNotValue(let key): "\(key) is a table already, and no value."
        case .valueNotParent(let key): "\(key) has a value already, so there is nothing below it."
        }
    }

    private static func english(_ fault: Fault.File) -> String {
        switch fault {
        case .missing: "There is no such file."
        case .none(let path): "There is no file \(path)."
        case .unreadable(let detail): "It cannot be read: \(detail)."
        case .notFile: "It is no file."
        case .foreign(let owner):
            "It belongs to another user (\(owner)), and is not read. Only you and root may write settings."
        case .writable: "Others may write it, and so it is not read. `chmod go-w` mends that."
        case .tooLong(let most): "It is longer than \(most) bytes."
        case .notUTF8(isAtLine: true): "This is not UTF-8."
        case .notUTF8(isAtLine: false): "It is not UTF-8."
        }
    }

    private static func english(_ fault: Fault.Setting) -> String {
        switch fault {
        case .unfit(let subject, let fits, let written): "\(subject) is \(fits), not \(self.cited(written))."
        case .unknown(let key, let near): "There is no setting \(key).\(self.question(near))"
        case .setTwice(let key): "\(key) is set a second time."
        case .locked(let key, let other, let lock):
            "\(self.place(other)) cannot change \(key): it is \(self.place(lock))."
        }
    }

    private static func english(_ fault: Fault.Table) -> String {
        switch fault {
        case .notInPolicy(let table): "[[\(table)]] stands in config.toml, and not in a policy."
        case .isTable(let table): "\(table) is a table: [[\(table)]]."
        case .elsewhere(let table, let file): "[[\(table)]] stands in \(file)."
        case .nothingElse(let tables, let key, let near):
            "Here stand \(tables.map { "[[\($0)]]" }.joined(separator: " and ")) and nothing else, not \(key)."
                + self.question(near)
        case .unknown(let table, let key, let near): "[[\(table)]] knows no \(key).\(self.question(near))"
        case .unfit(let key, let fit, let written): "\(key) is \(self.english(fit)), not \(self.cited(written))."
        case .missing(let table, let key, let fit): "[[\(table)]] needs \(key): \(self.english(fit))."
        case .twice(let table, let name): "There is another \(table) of the name \(name)."
        case .inBothFiles(let table, let name):
            "Both files have a \(table) of the name \(name): give one another `name`."
        case .tooMany(let most): "There are more than \(most) of these."
        }
    }

    private static func english(_ fault: Fault.Hook) -> String {
        switch fault {
        case .noDeed: "[[hook]] needs exec or url: what is to be done."
        case .twoDeeds: "A hook has exec or url, and not both."
        case .severalForShell: "With shell, exec is one text."
        case .https: "url speaks http:// only; give https to a proxy on this machine."
        case .notURL(let text): "url is \(self.english(.url)), not \"\(text)\"."
        case .noName: "[[webhook]] needs name: it is posted to /hook/NAME."
        case .noSecret: "[[webhook]] needs secret or secret_file: whoever posts signs with it."
        case .shortSecret(let least): "A secret is \(self.english(.secret(least: least)))."
        case .secretFile(let path, let why): "secret_file \(path): \(self.english(why))"
        }
    }

    private static func english(_ fault: Fault.Person) -> String {
        switch fault {
        case .noKey: "[[person]] needs fingerprint or id: whose key it is."
        case .twoKeys: "A person has id or fingerprint, and not both."
        case .noWriting: "Whoever may do more may write: add \"write\" to may."
        case .openFromJoin: "An open room hides nothing from who comes: leave out open or history."
        case .roomTwice: "rooms names one twice."
        case .filesTwice: "may says twice which files are taken."
        case .hookWithoutID: "hook needs id: a fingerprint says who it is only when they are met."
        case .namedTwice(let name, let place, let other): "\(place): \(name) is named at \(other), too."
        case .roomNamedTwice(let name, let place, let other):
            "\(place): There is another room \(name) at \(other)."
        case .nameTaken(let name, let place, let other): "\(place): Somebody else is called \(name) at \(other)."
        }
    }

    private static func english(_ fit: Fault.Fit) -> String {
        switch fit {
        case .name(let most): "letters, digits, - and _, at most \(most)"
        case .events(let kinds): "an event or a list of them: \(kinds.joined(separator: ", "))"
        case .person: "whom: an id, or the name of a contact"
        case .roomOrPerson: "whom: a name or an id, or a #room"
        case .room: "a room: its id or its name"
        case .truth: "true or false"
        case .prefix: "what a text begins with"
        case .word: "a word"
        case .timeout: "a span from 100ms to 60m, as 10s"
        case .parallels(let most): "a number from 1 to \(most)"
        case .program: "a program, or a list of it and its words"
        case .url: "an address, as http://127.0.0.1:8080/hook"
        case .secret(let least): "a text of \(least) bytes or more"
        case .path: "the whole path of a file, which may begin with ~"
        case .called: "what you call them, with something to be seen"
        case .grants: #"a list of "write", "invite" and "files", as ["write", "files up to 20M into ~/inbox"]"#
        case .invitedTo: #"a list of rooms that they are invited to, as ["ops"]"#
        case .roomName(let most): "what the room is called, at most \(most) bytes"
        case .history(let words): words
        case .id: "the 52 letters and digits of an id, as `earshot id` shows it"
        case .fingerprint: "thirty digits, as `earshot id` shows them"
        case .time: "a time of the day, as \"09:00\""
        case .days(let days): "a list of \(days.joined(separator: ", "))"
        case .said: "what is said"
        }
    }

    private static func cited(_ written: Fault.Cited) -> String {
        switch written {
        case .text(let text): "\"\(text)\""
        case .plain(let text): text
        case .list: "a list"
        case .emptyList: "an empty list"
        case .table: "a table"
        case .emptyTable: "an empty table"
        case .tables: "a list of tables"
        }
    }

    static func english(_ news: SettingNews) -> String {
        switch news {
        case .strangeVariable(let name, let near):
            "\(name) is not the variable of a setting.\(self.question(near))"
        case .locked(let key, let source, let lock):
            "\(key) of \(self.place(source)) does not count: it is \(self.place(lock))."
        case .waits(let key, let source):
            "\(key) is given by \(self.place(source)); what was set with `earshot settings` waits."
        case .leftOut(let key, let fault):
            "What the database has for \(key) is left out. \(self.english(fault))"
        case .changed(let key, let value, let source, let isAtOnce):
            "\(key) is \(value ?? "none") (\(self.place(source))) \(isAtOnce ? "now" : "from the next start on")."
        }
    }

    /// What follows "from".
    static func place(_ source: SettingSource) -> String {
        switch source {
        case .usual: "default"
        case .file(let path, let line): "\(path):\(line)"
        case .door: "`earshot settings`"
        case .variable(let name), .option(let name): name
        case .policy(let path, let line): "locked by \(path):\(line)"
        }
    }

    /// With a space before it; empty where nothing is near.
    private static func question(_ near: [String]) -> String {
        near.isEmpty ? "" : " Did you mean \(near.joined(separator: " or "))?"
    }
}
