import EarshotModel

extension Language {
    static func english(_ refusal: Refusal.Person) -> String {
        switch refusal {
        case .unknown(let word): return "There is nobody called \(word) here."
        case .myself: return "That is yourself."
        case .blocked: return "You have blocked this person. `earshot unblock` undoes it."
        case .notAccepted: return "Only with somebody whom you have accepted."
        case .conflict(let reason, let name, let id):
            let why = Self.english.say(.conflict(reason, name: name, other: nil))
            let way =
                switch reason {
                case .deviceLists: "compare keys with `earshot verify \(id)`"
                case .name: "give them a name of your own with `earshot rename \(id) NAME`"
                }
            return """
                Nothing is sent to \(name), because \(why). First \(way); `earshot trust \(id)` goes on as it is, and \
                `earshot block \(id)` ends it.
                """
        case .nameIsID(let name, let other):
            return "\(name) is how the id of \(other) begins; it cannot be a name."
        case .nameIsTaken(let looks, let id):
            let like = looks.map { "is called \($0), which looks the same" } ?? "has that name already"
            return "Somebody you know \(like) (\(id)). Choose another name, or rename them first."
        case .notBlocked(let name): return "You have not blocked \(name)."
        }
    }

    static func english(_ refusal: Refusal.Trust) -> String {
        switch refusal {
        case .notComparing(let name): "\(name) is not comparing keys with you."
        case .notVerified(let name): "\(name) is not verified."
        case .nothingTheMatter(let name): "Nothing is the matter with \(name)."
        case .underWay(let name): "You are comparing with \(name) already, in another window."
        case .pauses(let name, let minutes):
            """
            Comparing with \(name) failed three times in a row, so it pauses for another \(minutes) min. Somebody may \
            be in between. Compare fingerprints by another way: `earshot id` shows them.
            """
        case .nothingToCompare(let name): "There is nothing to compare with \(name) just now."
        case .notFingerprint: "A fingerprint is thirty digits, in six groups of five."
        case .notCodeText: "The text of a code is earshot: and the 52 characters of an id."
        case .onlyOneKey: "Either a fingerprint or the text of a code is compared."
        case .otherKey(let name):
            """
            THAT IS NOT \(name)'s KEY. Either it is somebody else's card or code, or the person called \(name) here \
            is somebody else. Nothing was changed; do not trust them before you know which.
            """
        case .joinCount(let counts):
            "From \(counts.lowerBound) to \(counts.upperBound) persons can join, one after the other."
        case .codeTime: "A code is good for one second to one hour."
        case .noCode: "No code could be drawn."
        case .noInvitation: "No invitation is open."
        case .notCode: "A code is nine digits, such as 482 019 337."
        case .isJoining: "You are joining somebody already."
        case .nobodyInvites(let name):
            """
            \(name ?? "Nobody here") has \(name == nil ? "an" : "no") open invitation. A code is good once and for a \
            few minutes, and only while both are on this network.
            """
        case .severalInvite: "Several people here have an open invitation. Say whose code it is."
        case .wrongCode(let name):
            """
            That is not the code of \(name)'s invitation, or it is good no more. Nothing was changed, and \(name) was \
            told.
            """
        case .sessionEnded: "The connection ended in between. Nothing was changed; try again."
        case .tooLate: "Whoever invites did not answer. Nothing was changed."
        }
    }

    static func english(_ refusal: Refusal.Own) -> String {
        switch refusal {
        case .longStatus(let most): "A status has at most \(Self.digits(most)) bytes."
        case .longField(let name, let most): "The parameter \(name) has at most \(Self.digits(most)) bytes."
        case .noPicture: "There is no picture of them here."
        case .notBase64: "The parameter picture is not base64."
        case .notPicture: "A picture is a PNG or a JPEG."
        case .largePicture(let size, let most):
            "A picture has at most \(Self.digits(most)) bytes; this one has \(Self.digits(size))."
        case .noSetting(let key): "There is no setting \(key)."
        case .settingAtStart(let key): "\(key) counts from the next start on: set it with `earshot config edit`."
        case .lockedSetting(let key, let policy, let line): "\(key) is locked by \(policy) (line \(line))."
        case .givenSetting(let key, let by):
            "\(key) was given by \(by) when earshotd started, and stays until it ends."
        case .notAddress(let text):
            "\(text) is not an address. Try 192.168.1.20, host.lan:47447 or [fe80::1%eth0]:47447."
        case .notListed(let address): "\(address) is not in the list."
        case .strangerKeeper: "Only somebody whom you have accepted can keep mail for you."
        case .manyKeepers(let named): "You have named \(named) already: forget one of them first."
        case .notKeeper(let name): "\(name) is not one of your keepers."
        case .ruleOfFile(let number): "Rule \(number) follows from people.toml: it is changed there."
        case .noRule(let number): "There is no rule \(number). `earshot rules` lists them."
        case .noName: "A name needs at least one character."
        case .noPicturedCode: "No code can be made."
        case .noPage: "This node serves no page."
        case .pageNotServed(let why): "The page is not served.\(why.map { " \($0)" } ?? "")"
        }
    }
}
