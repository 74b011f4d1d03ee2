import EarshotModel

/// Something that is said to a person: what it is about, without the words. A language says all of them (`Language`).
package enum Phrase: Hashable, Sendable {
    /// Why a message still waits.
    case waiting(WaitReason, name: String)
    /// Why a transfer does not go on, or failed.
    case transfer(TransferReason)
    /// Why it is not certain who somebody is.
    case conflict(ConflictReason, name: String, other: String?)
    /// What became of comparing keys with somebody, or what it waits for.
    case verification(VerificationState, name: String)
    /// The other of a transfer is not here.
    case absent(name: String)
    /// What is in an offer can be seen when the other is here.
    case unseen(name: String)
    /// Why a message to a room is on nobody else's disk.
    case roomWaiting(WaitReason, name: String, isAlone: Bool)
    /// A transfer runs, and nothing comes just now.
    case silent
    /// A message waits with somebody who keeps it for its reader; who that is.
    case left(String)
    /// What was asked is not done: whole sentences.
    case refused(Refusal)
    /// The same of what a browser asks.
    case page(Refusal.Page)
    /// Why the page is not served as it was to be: a whole sentence.
    case pageProblem(PageProblem)
    /// What is wrong with what was written for us, and what should be known of settings: whole sentences.
    case fault(Fault), settings(SettingNews)
    /// Where the value of a setting comes from: what follows "from".
    case source(SettingSource)
    /// What `doctor` finds; and what to do about it, whole sentences.
    case finding(Finding), remedy(Finding)
}
