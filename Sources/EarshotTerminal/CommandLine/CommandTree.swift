import EarshotControl

/// The commands of a program and what each understands, as its parser tells: words are judged and completed by it, so
/// that nothing about them is said twice.
package struct CommandTree: Sendable, Hashable {
    package struct Option: Sendable, Hashable {
        /// With their dashes.
        package let names: [String]
        package let takesValue: Bool
        /// Several words may follow it.
        package let takesMany: Bool
        /// What the value is called in the help, as `file`.
        package let valueName: String
        package let abstract: String
        package let isShown: Bool

        package init(
            _ names: [String], takesValue: Bool = false, takesMany: Bool = false, valueName: String = "",
            abstract: String = "",
            isShown: Bool = true
        ) {
            self.names = names
            self.takesValue = takesValue
            self.takesMany = takesMany
            self.valueName = valueName
            self.abstract = abstract
            self.isShown = isShown
        }
    }

    package struct Positional: Sendable, Hashable {
        package let name: String
        package let repeats: Bool

        package init(_ name: String, repeats: Bool = false) {
            self.name = name
            self.repeats = repeats
        }
    }

    package let name: String
    package let abstract: String
    package let discussion: String
    package let options: [Option]
    package let positionals: [Positional]
    package let subcommands: [CommandTree]
    /// Which of them it is where none is named.
    package let usual: String?
    package let isShown: Bool
    /// Every word after it belongs to another program.
    package let passesOn: Bool

    package init(
        _ name: String, abstract: String = "", discussion: String = "", options: [Option] = [],
        positionals: [Positional] = [],
        subcommands: [CommandTree] = [], usual: String? = nil, isShown: Bool = true, passesOn: Bool = false
    ) {
        self.name = name
        self.abstract = abstract
        self.discussion = discussion
        self.options = options
        self.positionals = positionals
        self.subcommands = subcommands
        self.usual = usual
        self.isShown = isShown
        self.passesOn = passesOn
    }

    /// Reads the description of itself that a program of ArgumentParser gives.
    package init?(dump: String) {
        guard let command = JSON(text: dump.utf8)?["command"] else { return nil }
        self.init(command)
    }

    private init(_ json: JSON) {
        let arguments = json["arguments"]?.array ?? []
        self.init(
            json["commandName"]?.string ?? "", abstract: json["abstract"]?.string ?? "",
            discussion: json["discussion"]?.string ?? "",
            options: arguments.compactMap(Option.init), positionals: arguments.compactMap(Positional.init),
            subcommands: (json["subcommands"]?.array ?? []).map(Self.init),
            usual: json["defaultSubcommand"]?.string,
            isShown: json["shouldDisplay"]?.bool ?? true,
            passesOn: arguments.contains { $0["parsingStrategy"]?.string == "allRemainingInput" })
    }

    package func option(_ name: some StringProtocol) -> Option? {
        self.options.first { $0.names.contains(String(name)) }
    }
    package func subcommand(_ name: String) -> CommandTree? { self.subcommands.first { $0.name == name } }

    /// The first example of its help, without what is said about it: `earshot send anna "lunch?"`.
    package var example: String? {
        let lines = self.discussion.split(separator: "\n").map { $0.drop { $0 == " " } }
        return lines.first { $0.contains("earshot ") && !$0.contains(".") }.map {
            String($0.prefix(upTo: $0.firstRange(of: "   ")?.lowerBound ?? $0.endIndex))
        }
    }
}

extension CommandTree.Option {
    fileprivate init?(_ json: JSON) {
        guard let kind = json["kind"]?.string, kind != "positional" else { return nil }
        let names = (json["names"]?.array ?? []).compactMap { name -> String? in
            name["name"]?.string.map { (name["kind"]?.string == "long" ? "--" : "-") + $0 }
        }
        self.init(
            names, takesValue: kind == "option", takesMany: json["parsingStrategy"]?.string == "upToNextOption",
            valueName: json["valueName"]?.string ?? "", abstract: json["abstract"]?.string ?? "",
            isShown: json["shouldDisplay"]?.bool ?? true)
    }
}

extension CommandTree.Positional {
    fileprivate init?(_ json: JSON) {
        guard json["kind"]?.string == "positional" else { return nil }
        self.init(json["valueName"]?.string ?? "", repeats: json["isRepeating"]?.bool ?? false)
    }
}
