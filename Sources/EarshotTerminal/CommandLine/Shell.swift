/// The shells that complete our words, and how each wants to be answered.
///
/// The scripts ask `earshot __complete SHELL INDEX WORD…` with all the words of the line, and get a first line that
/// says what comes (`words`, `files`, `folders`), then one candidate a line.
package enum Shell: String, Sendable, CaseIterable {
    case bash, zsh, fish

    /// A word of the line as the shell gives it, without its quotes.
    package func plain(_ raw: String) -> String {
        // zsh takes the quotes off itself.
        guard self != .zsh else { return raw }
        var out = ""
        var quote: Character?
        var isEscaped = false
        for character in raw {
            if isEscaped {
                if quote == "\"", !"\"\\$`".contains(character) { out.append("\\") }
                out.append(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
            } else if character == quote {
                quote = nil
            } else if quote == nil, character == "'" || character == "\"" {
                quote = character
            } else {
                out.append(character)
            }
        }
        return out
    }

    /// All the words, the one being typed as the last.
    ///
    /// bash makes three words of `--wait=read`.
    package func words(_ raw: [String], index: Int) -> [String] {
        var words = raw.prefix(max(0, min(index + 1, raw.count))).map(self.plain)
        if index >= raw.count { words.append("") }
        guard self == .bash else { return words }
        if words.count > 1, words.last == "=" { words[words.count - 1] = "" }
        return words.enumerated().filter { index, word in
            !(word == "=" && index > 0 && words[index - 1].hasPrefix("--"))
        }.map(\.element)
    }

    /// One candidate, as the shell puts it into the line.
    /// - Parameter typed: the word as the shell gave it, with the quote it may begin with.
    package func line(_ candidate: Completion.Candidate, kept: String, typed: String) -> String {
        let value = kept + candidate.value
        let note = candidate.note.split(whereSeparator: \.isNewline).joined(separator: " ").replacing("\t", with: " ")
        switch self {
        case .zsh, .fish: return note.isEmpty ? value : "\(value)\t\(note)"
        case .bash:
            switch typed.first {
            case "'": return value.replacing("'", with: "'\\''")
            case "\"": return Self.escaped(value, "\"\\$`")
            default: return Self.escaped(value, " \t\"'\\$`&|;<>()[]{}*?!#~")
            }
        }
    }

    private static func escaped(_ text: String, _ special: String) -> String {
        text.reduce(into: "") { out, character in
            if special.contains(character) { out.append("\\") }
            out.append(character)
        }
    }

    /// What the shell is given once.
    package var script: String {
        switch self {
        case .bash:
            """
            # Completes earshot in bash. Put it into ~/.local/share/bash-completion/completions/earshot, or say
            #   source <(earshot completions bash)
            _earshot() {
                local reply
                COMPREPLY=()
                mapfile -t reply < <("${1/#\\~/$HOME}" __complete bash "$COMP_CWORD" "${COMP_WORDS[@]}" 2>/dev/null)
                case ${reply[0]-} in
                    files) compopt -o default ;;
                    folders) compopt -o dirnames ;;
                    *) COMPREPLY=("${reply[@]:1}") ;;
                esac
            }
            complete -F _earshot earshot
            """
        case .zsh:
            """
            #compdef earshot
            # Completes earshot in zsh. Put it as _earshot into a folder of $fpath, or say
            #   source <(earshot completions zsh)
            _earshot() {
                local -a reply values notes
                local line
                reply=("${(@f)$(${~words[1]} __complete zsh $((CURRENT - 1)) "${(@Q)words}" 2>/dev/null)}")
                case $reply[1] in
                    files) compset -P '--*='; _files ;;
                    folders) compset -P '--*='; _files -/ ;;
                    *)
                        for line in "${(@)reply[2,-1]}"; do
                            values+=("${line%%$'\\t'*}")
                            notes+=("${line/$'\\t'/  -- }")
                        done
                        compadd -l -M 'm:{[:lower:][:upper:]}={[:upper:][:lower:]}' -d notes -a values
                        ;;
                esac
            }
            if [[ $funcstack[1] == _earshot ]]; then _earshot "$@"; else compdef _earshot earshot; fi
            """
        case .fish:
            """
            # Completes earshot in fish. Put it into ~/.config/fish/completions/earshot.fish, or say
            #   earshot completions fish | source
            function __earshot_complete
                set -l words (commandline -opc) (commandline -ct)
                set -l reply (command $words[1] __complete fish (math (count $words) - 1) $words 2>/dev/null)
                switch "$reply[1]"
                    case files
                        __fish_complete_path (commandline -ct)
                    case folders
                        __fish_complete_directories (commandline -ct)
                    case '*'
                        printf '%s\\n' $reply[2..-1]
                end
            end
            complete -c earshot -f -a '(__earshot_complete)'
            """
        }
    }
}
