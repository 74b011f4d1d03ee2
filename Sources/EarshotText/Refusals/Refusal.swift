import EarshotModel

/// Why what somebody asked is not done: a value, without the words and without the number that programs get (the door
/// has these, `Refusal.kind`). A family for each thing that may be asked about.
package enum Refusal: Hashable, Sendable {
    case person(Person)
    case message(Message)
    case talk(Talk)
    case room(Room)
    case trust(Trust)
    case file(File)
    case own(Own)
    case storage(Storage)
    case backup(Backup)
    /// A file of ours; a folder for what is received.
    case vault(VaultError), folder(FolderProblem)
    case line(Line)
    case word(Word)
    case path(Path)
    case input(Input)
    case passphrase(Passphrase)
    case connection(Connection)
    /// A value of a setting that does not fit.
    case fault(Fault)
}
