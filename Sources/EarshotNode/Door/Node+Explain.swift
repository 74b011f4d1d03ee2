import EarshotControl
import EarshotModel
import EarshotNetwork
import EarshotRules
import EarshotStore
import EarshotText
import EarshotVault
import EarshotWire

/// What went wrong, as whoever asked is told.
extension Node {
    static func explain(_ error: any Error) -> DoorError {
        switch error {
        case let error as DoorError: error
        case let error as StoreError: DoorError(Self.kind(error), error.description)
        case let refusal as Engine.Refusal:
            switch refusal {
            case .blocked: DoorError(.refused, "You have blocked this person. `earshot unblock` undoes it.")
            case .conflict(let person, let name, let reason): Self.explain(reason, person, name)
            case .tooLong: DoorError(.badParameters, "That text is longer than 40 MB.")
            case .myself: DoorError(.badParameters, "That is yourself.")
            case .notKept(let trouble): Self.explain(trouble)
            case .empty:
                DoorError(
                    .badParameters, "There is nothing to send: the text is empty, or has no visible characters.")
            }
        case let error as VaultError: DoorError(.disk, error.description)
        case let error as BackupError: DoorError(.disk, error.description)
        default: DoorError(.failed, "It could not be done: \(self.words(for: error)).")
        }
    }

    /// Why nothing is sent to somebody, and what to do. Their name is perhaps not theirs, so commands name the id.
    private static func explain(_ reason: ConflictReason, _ person: PersonID, _ name: String) -> DoorError {
        let why = Language.english.say(.conflict(reason, name: name, other: nil))
        let id = person.brief
        let way =
            switch reason {
            case .deviceLists: "compare keys with `earshot verify \(id)`"
            case .name: "give them a name of your own with `earshot rename \(id) NAME`"
            }
        return DoorError(
            .untrusted,
            """
            Nothing is sent to \(name), because \(why). First \(way); `earshot trust \(id)` goes on as it is, and \
            `earshot block \(id)` ends it.
            """)
    }

    static func kind(_ error: StoreError) -> DoorError.Kind {
        switch error {
        case .full: .diskFull
        case .damaged: .damaged
        case .notStored: .notStored
        case .unusable, .newer: .disk
        }
    }

    private static func explain(_ trouble: StorageTrouble) -> DoorError {
        switch trouble {
        case .full: DoorError(.diskFull, "The disk is full. Free some space; what is waiting is kept.")
        case .damaged:
            DoorError(
                .damaged, "The database is damaged, and nothing can be written to it. `earshot doctor` says more.")
        case .unwritable:
            DoorError(
                .disk, "The database cannot be written just now. `earshot doctor` says more; what is waiting is kept.")
        }
    }

    /// What went wrong, for a person: a sentence of ours, or what the system says.
    package static func words(for error: any Error) -> String {
        (error as? DoorError)?.message ?? NetworkError.words(for: error)
    }
}
