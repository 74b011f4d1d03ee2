import EarshotModel

extension Refusal {
    /// About a person.
    package enum Person: Hashable, Sendable {
        case unknown(word: String)
        case myself
        case blocked
        case notAccepted
        /// It is not certain who they are.
        /// - Parameter id: the beginning of theirs: their name is perhaps not theirs, so commands name it.
        case conflict(ConflictReason, name: String, id: String)
        /// A name for them reads like the id of somebody.
        case nameIsID(String, of: String)
        /// It reads like the name of somebody.
        /// - Parameter looks: theirs, where it is not the same to the letter.
        case nameIsTaken(looks: String?, id: String)
        case notBlocked(name: String)
    }

    /// Comparing keys, and joining by a code.
    package enum Trust: Hashable, Sendable {
        case notComparing(name: String)
        case notVerified(name: String)
        case nothingTheMatter(name: String)
        case underWay(name: String)
        case pauses(name: String, minutes: UInt64)
        case nothingToCompare(name: String)
        case notFingerprint, notCodeText, onlyOneKey
        case otherKey(name: String)
        /// How many may join by one code.
        case joinCount(ClosedRange<Int64>)
        case codeTime, noCode, noInvitation, notCode, isJoining
        /// - Parameter name: whose was asked for, if somebody's was.
        case nobodyInvites(name: String?)
        case severalInvite
        case wrongCode(name: String)
        case sessionEnded, tooLate
    }

    /// What one sets and tells of oneself.
    package enum Own: Hashable, Sendable {
        case longStatus(most: Int)
        case longField(String, most: Int)
        case noPicture, notBase64, notPicture
        /// Bytes.
        case largePicture(Int, most: Int)
        case noSetting(key: String)
        case settingAtStart(key: String)
        /// - Parameters:
        ///   - policy: the file that locks it.
        ///   - line: counted from 1.
        case lockedSetting(key: String, policy: String, line: Int)
        /// - Parameter by: the variable or option that gave it for this run.
        case givenSetting(key: String, by: String)
        case notAddress(String)
        case notListed(address: String)
        case noRule(Int64)
        case ruleOfFile(Int64)
        case strangerKeeper
        /// - Parameter named: how many are named.
        case manyKeepers(Int)
        case notKeeper(name: String)
        case noName, noPicturedCode, noPage
        case pageNotServed(why: String?)
    }
}
