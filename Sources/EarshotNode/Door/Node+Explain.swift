import EarshotControl
import EarshotModel
import EarshotNetwork
import EarshotRules
import EarshotStore
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
            case .tooLong: DoorError(.badParameters, "That text is longer than 40 MB.")
            case .myself: DoorError(.badParameters, "That is yourself.")
            case .notKept(let trouble): Self.explain(trouble)
            case .empty:
                DoorError(
                    .badParameters, "There is nothing to send: the text is empty, or has no visible characters.")
            }
        case let error as VaultError: DoorError(.disk, error.description)
        default: DoorError(.failed, "It could not be done: \(self.words(for: error)).")
        }
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
